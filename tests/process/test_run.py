"""kill -9 while agents work: after a restart the run completes, the log is whole, and clients go on where they were."""

import asyncio
import os
import random
import time

import pytest

from tests.process.fixtures import ServerFor, Tell
from tests.process.history import History, Witness
from tests.process.people import Room, log_of, new_room
from tests.process.server import Server
from tests.stranger.client import Follower, Person
from tests.stranger.contract import broken_promises

pytestmark = [pytest.mark.process, pytest.mark.timeout(150)]

WORK = "Count the cards per column, find overdue cards and list cards without an assignee"
QUICK = '{"run_lease_s": 3, "run_renew_s": 1, "run_sweep_s": 1}'
RUN_S = 60.0
ALONE_S = 8.0
# A kill in the planner's part, then one in the executors'.
EARLY = ("agent_started", "agent_thinking", "plan_made")
LATE = ("tool_executing", "tool_completed", "agent_completed")


async def rejoin(person: Person, path: str, witness: Witness) -> Follower:
    """A socket that goes on where the witness left."""
    follower = await person.follow(path, after=witness.after + len(witness.applied))
    witness.applied += follower.events
    follower.on_event = witness.applied.append
    return follower


def last_of(witness: Witness, run: str) -> str | None:
    """The type of the run's last event, once the witness has it."""
    ends = ("run_completed", "run_failed", "run_cancelled")
    return next((event["type"] for event in witness.applied if event["type"] in ends and event["data"]["run"]["id"] == run), None)


async def hand_over(room: Room) -> tuple[str, str]:
    """Path of the work session and id of the run."""
    handed = await room.alice.post(f"cards/{room.card}/hand-over/", {"instructions": WORK})
    return f"sessions/{handed['session']['id']}", handed["run"]["id"]


async def kill_amid(server: Server, room: Room, path: str, witness: Witness, moments: list[str]) -> None:
    """Kill and restart the server each time the witness has seen one more event of these types."""
    for moment in moments:
        follower = await rejoin(room.bob, path, witness)
        await follower.event(moment, timeout_s=RUN_S)
        await asyncio.to_thread(server.kill)
        await follower.end()
        await asyncio.to_thread(server.start)


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn"])
async def test_run_goes_on_after_a_kill(server_for: ServerFor, tell: Tell, way: str) -> None:
    seed = int(os.environ.get("WORKROOM_TEST_SEED") or random.randrange(10**6))
    dice = random.Random(seed)
    moments = [dice.choice(EARLY), dice.choice(LATE)]
    server = server_for(way, WORKROOM_RULES_PACE_MS="30", WORKROOM_LIMITS=QUICK)
    async with new_room(server.url) as room:
        on_board = Witness("board", await room.head())
        path, run = await hand_over(room)
        in_session = Witness("session", 0)
        await kill_amid(server, room, path, in_session, moments)
        async with await rejoin(room.bob, path, in_session) as follower:
            await follower.until(lambda: last_of(in_session, run) is not None, timeout_s=RUN_S)
            log = await log_of(room.alice, path)
            await follower.until(lambda: follower.last == len(log))
        async with await rejoin(room.bob, room.stream, on_board) as follower:
            board_log = await log_of(room.alice, room.stream)
            await follower.until(lambda: follower.last == len(board_log))
        shown = await room.alice.get(f"runs/{run}/")
        tell(f"{way}: killed at {moments} (WORKROOM_TEST_SEED={seed}), {len(log)} events, {shown['attempt']} attempts")
        assert last_of(in_session, run) == "run_completed"
        assert shown["attempt"] >= 2, "no kill hit the run: the test has proved nothing"
        assert History(log, [in_session], []).problems() == []
        assert History(board_log, [on_board], []).problems() == []
        assert broken_promises(log) == []
        assert (await room.alice.get(f"cards/{room.card}/"))["run"]["status"] == "completed"


async def test_run_goes_on_after_a_restart_with_nobody_there(server_for: ServerFor) -> None:
    """The server takes its runs up by itself: no request has to come first."""
    server = server_for("serve", WORKROOM_RULES_PACE_MS="30", WORKROOM_LIMITS=QUICK)
    async with new_room(server.url) as room:
        path, run = await hand_over(room)
        async with await room.bob.follow(path, after=0) as follower:
            await follower.event("agent_started", timeout_s=RUN_S)
        server.terminate()
        assert await asyncio.to_thread(server.wait) == 0
        server.launch()
        await asyncio.sleep(ALONE_S)
        await asyncio.to_thread(server.kill)
        killed = time.time()
        await asyncio.to_thread(server.start)
        resumed = next(event for event in await log_of(room.bob, path) if event["type"] == "run_resumed")
        assert (resumed["data"]["run"]["id"], resumed["data"]["reason"]) == (run, "restart")
        assert resumed["timestamp"] < killed
