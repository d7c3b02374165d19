"""A server that is restarted in good order with a run under way. Runs that wait: test_waiting.py."""

import asyncio

import pytest

from tests.process.people import new_room
from tests.process.server import Data
from tests.rig.play import Play, RigServer

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]


async def test_run_under_way_at_sigterm_goes_on_after_the_restart(data: Data) -> None:
    with RigServer(data, environ={"RIG_PACE_S": "0.1"}) as server:
        server.start()
        async with new_room(server.url) as room:
            play = await Play.begin(data, room)
            await play.until(data, "model 3 heard 1")
            server.terminate()
            assert await asyncio.to_thread(server.wait) == 0
            await asyncio.to_thread(server.start)
            await play.follow(server)
            assert await play.problems() == []
    resumed = [event["data"]["reason"] for event in play.events if event["type"] == "run_resumed"]
    assert resumed == ["answered", "restart"]  # given back, not lost: no crash is counted
