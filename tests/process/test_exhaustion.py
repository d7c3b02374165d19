"""A database pool with nothing left, a disk with nothing left: refused as `unavailable`, nothing half done, and well again afterwards."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from tests.process.fixtures import ServerFor
from tests.process.people import Room, new_room
from tests.process.server import Data, Server
from tests.rig.play import Play, RigServer
from tests.stranger.client import Follower, Refused

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

AT_ONCE = 40
FULL_AT_BYTES = 64 * 1024


def check_unavailable(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable"), answer.text
    assert int(answer.headers["Retry-After"]) >= 1


async def check_live(follower: Follower) -> None:
    """The socket is open and answers."""
    pongs = sum(frame["type"] == "pong" for frame in follower.frames)
    await follower.send({"type": "ping", "data": {}})
    await follower.until(lambda: sum(frame["type"] == "pong" for frame in follower.frames) > pongs)
    assert follower.closed is None


async def read_log(room: Room) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = (await room.alice.get(f"{room.stream}/events/", after=0))["events"]
    return events


@pytest.mark.postgres
async def test_exhausted_pool_refuses_and_sockets_live(server_for: ServerFor, data: Data) -> None:
    """A lock held from outside keeps every connection of the pool (ten) busy; who waits five seconds for one in vain is told."""
    if not data.database_url:
        pytest.skip("SQLite has no pool")
    server = server_for()
    async with new_room(server.url) as room, await room.bob.follow(room.stream) as follower:
        async with await psycopg.AsyncConnection.connect(data.database_url) as holder:
            await holder.execute("LOCK TABLE boards_card IN ACCESS EXCLUSIVE MODE")
            asking = asyncio.gather(*(room.alice.call("GET", f"{room.stream}/snapshot/") for _ in range(AT_ONCE)))
            await asyncio.sleep(1)
            await check_live(follower)
            for answer in await asyncio.wait_for(asking, 60):
                check_unavailable(answer)
            await check_live(follower)
        assert "couldn't get a connection" in server.output, "the pool was never exhausted: the test has proved nothing"
        await room.alice.post(f"cards/{room.card}/move/", {"column": room.columns[1]})
        await follower.event("card_moved")


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """As long as this lasts no file of the server grows beyond 64 KiB, as if there were no room."""
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (FULL_AT_BYTES, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


async def fill(room: Room) -> tuple[str, int]:
    """Write until the disk is full: the key of the command that was refused, and how many were not."""
    for written in range(1_000):
        key = str(uuid4())
        answer = await room.alice.call("POST", f"{room.stream}/cards/", {"column": room.columns[0], "title": "x" * 300}, key=key)
        if answer.status_code != 201:
            check_unavailable(answer)
            return key, written
    raise AssertionError("the disk never got full")


@pytest.mark.sqlite
async def test_full_disk_refuses_and_leaves_nothing_half_written(server_for: ServerFor) -> None:
    server = server_for()
    async with new_room(server.url) as room, await room.bob.follow(room.stream, after=0) as follower:
        with full_disk(server):
            key, written = await fill(room)
            with pytest.raises(Refused) as refused:
                await follower.do("move_card", card=room.card, column=room.columns[1])
            assert refused.value.code == "unavailable"
            await check_live(follower)
            log = await read_log(room)
            state = (await room.alice.get(f"{room.stream}/snapshot/"))["state"]
            assert len(state["cards"]) == 1 + written
        # The same command under the same key: nothing of the first try is left that could get in its way.
        again = await room.alice.post(f"{room.stream}/cards/", {"column": room.columns[0], "title": "x" * 300}, key=key)
        assert again["seq"] == len(log) + 1
        assert [event["seq"] for event in await read_log(room)] == list(range(1, again["seq"] + 1))
        await follower.until(lambda: follower.last == again["seq"])


@pytest.mark.sqlite
async def test_run_goes_on_once_there_is_room_again(data: Data) -> None:
    with RigServer(data, environ={"RIG_PACE_S": "0.3"}) as server:
        server.start()
        async with new_room(server.url) as room:
            play = await Play.begin(data, room)
            await play.until(data, "model 3 heard 1")
            with full_disk(server):
                await fill(room)
                await asyncio.sleep(1)
                assert (await room.alice.get(f"runs/{play.run}/"))["status"] == "running"
            await play.follow(server)
            assert [problem for problem in await play.problems() if "cards" not in problem] == []
            assert play.end["status"] == "completed"
