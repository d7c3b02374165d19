"""R34c: waiting for people is free and durable. Three ends and starts of everything leave every run waiting; each goes on once answered."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.process.fixtures import ServerFor, Tell
from tests.process.people import Room, new_room
from tests.process.server import Server
from tests.rig.length import at_length

pytestmark = [pytest.mark.process, pytest.mark.timeout(at_length(180, 1200))]

EACH = at_length(4, 10)
IDLE_S = at_length(0, 600)
LIMITS = '{"runs_per_user": 100, "messages_per_min": 1000, "rest_per_s": 10000, "rest_burst": 10000}'
RESUME_S = 5.0

Json = dict[str, Any]


async def ask_for_everything(room: Room) -> dict[str, str]:
    """Sessions whose runs wait for an approval, an answer or a review of their plan: the id of each with what it waits for."""
    asked: dict[str, str] = {}
    for number in range(EACH):
        card = (await room.alice.post(f"boards/{room.board}/cards/", {"column": room.columns[0], "title": f"Old {number}"}))["card"]
        for kind, words, more in (
            ("approval", f"Delete card #{card['number']}", {}),
            ("question", "Ask me which colour: red or blue", {}),
            ("plan_review", "How many cards are there? What is overdue?", {"workflow": "resolve", "review_plan": True}),
        ):
            session = (await room.alice.post("sessions/", {"board": room.board, **more}))["session"]["id"]
            await room.alice.post(f"sessions/{session}/messages/", {"content": words})
            asked[session] = kind
    return asked


async def runs_of(room: Room) -> list[Json]:
    found: list[Json] = (await room.alice.get("runs/", limit=200))["results"]
    return found


async def until(condition: Callable[[list[Json]], bool], room: Room, timeout_s: float = 60) -> list[Json]:
    """The runs once they are as wanted."""
    async with asyncio.timeout(timeout_s):
        while not condition(runs := await runs_of(room)):
            await asyncio.sleep(0.1)
    return runs


def all_are(status: str) -> Callable[[list[Json]], bool]:
    return lambda runs: {run["status"] for run in runs} == {status}


async def restart(server: Server, *, is_killed: bool) -> None:
    if is_killed:
        await asyncio.to_thread(server.kill)
    else:
        server.terminate()
        await asyncio.to_thread(server.wait)
    await asyncio.to_thread(server.start)


ANSWERS: dict[str, Json] = {
    "approval": {"decision": "approve"},
    "question": {"decision": "answer", "result": "blue"},
    "plan_review": {"decision": "approve"},
}


async def answer(room: Room, request: Json) -> None:
    await room.alice.post(f"requests/{request['id']}/answer/", {**ANSWERS[request["kind"]], "hash": request["hash"]})


async def log_of(room: Room, session: str) -> list[Json]:
    events: list[Json] = (await room.alice.get(f"sessions/{session}/events/"))["events"]
    return events


async def see_a_run_end(room: Room) -> None:
    """What a server loads when it starts is not what an answer waits for."""
    session = (await room.alice.post("sessions/", {}))["session"]["id"]
    await room.alice.post(f"sessions/{session}/messages/", {"content": "hello"})
    await until(lambda runs: "completed" in {run["status"] for run in runs}, room)


async def test_waiting_runs_survive_three_restarts_and_hold_nothing(server_for: ServerFor, tell: Tell) -> None:
    server = server_for("serve", WORKROOM_LIMITS=LIMITS)
    async with new_room(server.url) as room:
        asked = await ask_for_everything(room)
        before = await until(all_are("waiting"), room)
        for is_killed in (True, False, True):
            await restart(server, is_killed=is_killed)
            now = await runs_of(room)
            assert [(run["id"], run["status"], run["attempt"]) for run in now] == [(run["id"], "waiting", 1) for run in before]
            assert all(run["attempts"][-1]["ended"] for run in now), "a waiting run holds an attempt"
        await asyncio.sleep(IDLE_S)
        requests = (await room.alice.get("requests/", status="open", limit=200))["results"]
        assert Counter(request["kind"] for request in requests) == Counter(asked.values())
        await see_a_run_end(room)
        first, *others = requests
        await answer(room, first)
        await until(lambda runs: [run["status"] for run in runs].count("completed") == 2, room)
        went_on_s = seconds_to_go_on(await log_of(room, first["session"]))
        await asyncio.gather(*(answer(room, request) for request in others))
        await until(all_are("completed"), room)
        logs = [await log_of(room, session) for session in asked]
        slowest_s = max(map(seconds_to_go_on, logs))
        tell(f"a run went on {went_on_s:.2f} s after its answer, the slowest of {len(others)} at once {slowest_s:.2f} s")
        assert went_on_s <= RESUME_S
        for log in logs:
            check_nothing_repeated(log)
        cards = (await room.alice.get(f"boards/{room.board}/snapshot/"))["state"]["cards"]
        assert [card["title"] for card in cards] == ["Write the plan"]


def seconds_to_go_on(log: list[Json]) -> float:
    times = {event["type"]: event["timestamp"] for event in log if event["type"] in ("request_answered", "run_resumed")}
    return float(times["run_resumed"] - times["request_answered"])


def check_nothing_repeated(log: list[Json]) -> None:
    """What was done before the wait was done once: each step begun, each plan made, each call of a tool."""
    begun = Counter(event["data"]["step"] for event in log if event["type"] == "agent_started")
    calls = Counter(
        (event["data"]["tool_name"], str(event["data"]["parameters"]), event["data"]["step"])
        for event in log
        if event["type"] == "tool_executing"
    )
    plans = [event for event in log if event["type"] == "plan_made"]
    assert set(begun.values()) == {1}
    assert set(calls.values()) <= {1}
    assert len(plans) <= 1
    assert [event["type"] for event in log].count("run_resumed") == 1
