"""Servers that are restarted in good order or not, with runs under way or waiting."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.process.people import new_room
from tests.process.server import Data
from tests.rig.journal import count_lines, read_journal
from tests.rig.play import Play, RigServer

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]


@dataclass
class Scene:
    server: RigServer
    play: Play

    def count(self, **wanted: object) -> int:
        return count_lines(read_journal(self.play.data.folder), **wanted)

    async def status(self) -> str:
        status: str = (await self.play.room.alice.get(f"runs/{self.play.run}/"))["status"]
        return status

    async def until_waiting(self) -> None:
        async with asyncio.timeout(60):
            while await self.status() != "waiting":
                await asyncio.sleep(0.05)

    async def restart(self, number: signal.Signals) -> None:
        """End the server by this signal, and start it again."""
        if number == signal.SIGKILL:
            await asyncio.to_thread(self.server.kill)
        else:
            self.server.terminate(number)
            assert await asyncio.to_thread(self.server.wait) == 0
        await asyncio.to_thread(self.server.start)


@pytest.fixture
async def scene(data: Data) -> AsyncIterator[Scene]:
    """A scripted run, just begun, that speaks slowly."""
    with RigServer(data, environ={"RIG_PACE_S": "0.1"}) as server:
        server.start()
        async with new_room(server.url) as room:
            yield Scene(server, await Play.begin(data, room))


async def test_run_under_way_at_sigterm_goes_on_after_the_restart(scene: Scene) -> None:
    await scene.until_waiting()
    await scene.play.answer()
    async with asyncio.timeout(60):
        while not scene.count(kind="point", name="model 3 heard 1"):
            await asyncio.sleep(0.02)
    await scene.restart(signal.SIGTERM)
    await scene.play.follow(scene.server)
    assert await scene.play.problems() == []
    resumed = [event["data"]["reason"] for event in scene.play.events if event["type"] == "run_resumed"]
    assert resumed == ["answered", "restart"]  # given back, not lost: no crash is counted


async def test_waiting_run_survives_three_restarts_and_repeats_nothing(scene: Scene) -> None:
    await scene.until_waiting()
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        await scene.restart(number)
        assert await scene.status() == "waiting"
    assert (scene.count(kind="model"), scene.count(kind="tool", name="look")) == (2, 1)
    await scene.play.follow(scene.server)
    assert await scene.play.problems() == []
    assert (scene.count(kind="model"), scene.count(kind="tool", name="look"), scene.count(kind="tool", name="launch")) == (3, 1, 1)
