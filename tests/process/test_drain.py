"""SIGTERM: every client is told to come back, runs and requests are let go, the process ends by itself."""

import asyncio
import contextlib
import itertools
import json
import signal
import time

import pytest

from tests.process.fixtures import ServerFor
from tests.process.people import Room, new_room
from tests.process.server import Server
from tests.stranger.client import Closed, Follower

pytestmark = pytest.mark.process

WAYS = ["serve", "serve on uvicorn"]
# What a drain may take, whatever else the machine does: quiet, it takes one.
DRAIN_S = 10.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("way", WAYS)
async def test_every_socket_is_told_and_the_process_ends_well(server_for: ServerFor, way: str, number: signal.Signals) -> None:
    server = server_for(way)
    async with new_room(server.url) as room:
        followers = [await person.follow(room.stream) for person in (room.alice, room.bob) for _ in range(10)]
        began = time.monotonic()
        server.terminate(number)
        for follower in followers:
            await follower.end()
        status = await asyncio.to_thread(server.wait)
        assert time.monotonic() - began < DRAIN_S
        assert status == 0
        for follower in followers:
            check_going_away(follower)
    assert "Traceback" not in server.output


@pytest.mark.parametrize("way", WAYS)
async def test_who_comes_back_at_once_is_not_let_in_again(server_for: ServerFor, way: str) -> None:
    server = server_for(way)
    async with new_room(server.url) as room:
        followers = [await room.alice.follow(room.stream) for _ in range(20)]
        server.terminate()
        await followers[0].end()
        check_going_away(followers[0])
        with pytest.raises(OSError, match="Connect call failed"):
            await room.alice.follow(room.stream)
        for follower in followers[1:]:
            await follower.end()
    assert await asyncio.to_thread(server.wait) == 0


def check_going_away(follower: Follower) -> None:
    assert follower.closed is not None
    reason = json.loads(follower.closed.reason)
    assert follower.closed.code == 4001
    assert len(follower.closed.reason.encode()) <= 120
    assert set(reason) == {"code", "retry_ms"}
    assert reason["code"] == "going_away"
    assert isinstance(reason["retry_ms"], int)
    assert reason["retry_ms"] >= 1000


@pytest.mark.parametrize("way", WAYS)
async def test_event_stream_ends_cleanly(server_for: ServerFor, way: str) -> None:
    server = server_for(way)
    async with new_room(server.url) as room:
        async with room.alice.event_stream(f"{room.stream}/stream/", after=0) as messages:
            assert (await anext(messages))["event"] == "hello"
            server.terminate()
            async with asyncio.timeout(DRAIN_S):
                # A stream that is cut and not ended raises a TransportError here.
                seqs = [message["data"]["seq"] async for message in messages]
            assert seqs == list(range(1, len(seqs) + 1))
        assert await asyncio.to_thread(server.wait) == 0


@pytest.mark.parametrize("way", WAYS)
async def test_what_was_acknowledged_before_the_end_is_kept(server_for: ServerFor, way: str) -> None:
    server = server_for(way, WORKROOM_LIMITS='{"commands_per_s": 10000, "commands_burst": 10000}')
    async with new_room(server.url) as room:
        done = asyncio.create_task(move_until_closed(room))
        await asyncio.sleep(0.3)
        server.terminate()
        acknowledged = await done
        assert await asyncio.to_thread(server.wait) == 0
        assert acknowledged
        await check_kept(server, room, acknowledged)


async def move_until_closed(room: Room) -> list[tuple[str, int]]:
    """Ref and seq of each acknowledged move, until the server closes the socket."""
    follower = await room.alice.follow(room.stream)
    acknowledged = []
    with contextlib.suppress(Closed):
        for turn in itertools.count(1):
            ref = f"00000000-0000-7000-8000-{turn:012x}"
            reply = await follower.do("move_card", ref, card=room.card, column=room.columns[turn % 4])
            acknowledged.append((ref, reply["seq"]))
    check_going_away(follower)
    return acknowledged


async def check_kept(server: Server, room: Room, acknowledged: list[tuple[str, int]]) -> None:
    await asyncio.to_thread(server.start)
    events, after = [], 0
    while page := (await room.bob.get(f"{room.stream}/events/", after=after))["events"]:
        events += page
        after = page[-1]["seq"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    stored = {event["ref"]: event["seq"] for event in events}
    assert [(ref, stored.get(ref)) for ref, _ in acknowledged] == acknowledged
