"""What a stranger's client can do with agents, to the letter of docs/PROTOCOL.md."""

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect

from tests.process.people import Room
from tests.stranger.client import Follower, Person, messages_of
from tests.stranger.contract import broken_promises
from tests.stranger.shapes import EVENTS, FIVE, check, check_event

pytestmark = pytest.mark.process

WORK = "Count the cards per column, find overdue cards and list cards without an assignee"
LAST = ("run_completed", "run_failed", "run_cancelled")
RUN_S = 45.0


async def until_over(follower: Follower, run: str) -> dict[str, Any]:
    """The last event of a run."""

    def last() -> list[dict[str, Any]]:
        return [event for event in follower.events if event["type"] in LAST and event["data"]["run"]["id"] == run]

    await follower.until(lambda: bool(last()), timeout_s=RUN_S)
    return last()[0]


async def all_events(person: Person, stream: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while page := (await person.get(f"{stream}/events/", after=len(events)))["events"]:
        events += page
    return [check_event(event) for event in events]


async def new_session(room: Room, **data: Any) -> str:
    session: str = (await room.alice.post("sessions/", {"board": room.board, **data}))["session"]["id"]
    return session


async def test_session_by_rest_and_its_objects(room: Room) -> None:
    created = await room.alice.call("POST", "sessions/", {"title": "Talk", "board": room.board, "workflow": "chat"})
    assert created.status_code == 201
    assert set(created.json()) == {"session", "seq"}
    session = check("session", created.json()["session"])
    assert (session["status"], session["phase"], session["owner"]) == ("active", "idle", room.alice.user)
    path = f"sessions/{session['id']}"
    snapshot = check("session snapshot", await room.bob.get(f"{path}/snapshot/"))
    assert snapshot["stream"] == f"session:{session['id']}"
    edited = await room.bob.ask("PATCH", f"{path}/", {"title": "Talks"})
    assert check("session", edited["session"])["title"] == "Talks"
    rows = check("[session]", (await room.bob.get("sessions/", board=room.board))["results"])
    assert [row["title"] for row in rows] == ["Talks"]
    stopped = await room.alice.post(f"{path}/stop/")
    assert stopped["session"]["status"] == "stopped"
    late = await room.alice.refused("POST", f"{path}/messages/", {"content": "Hello?"})
    assert (late.status, late.code) == (409, "conflict")
    assert [event["type"] for event in await all_events(room.bob, path)] == ["session_started", "session_edited", "session_stopped"]


async def test_session_without_board_is_its_owners_alone(room: Room) -> None:
    session = (await room.alice.post("sessions/", {}))["session"]
    assert session["board"] is None
    assert (await room.bob.refused("GET", f"sessions/{session['id']}/")).status == 404


async def test_session_begun_on_a_socket_of_its_own(room: Room) -> None:
    address = f"{room.alice.url.replace('http', 'ws', 1)}/ws/sessions/"
    async with connect(address, additional_headers=room.alice.bearer, compression=None) as socket:
        ref = str(uuid4())
        await socket.send(json.dumps({"type": "start_session", "ref": ref, "data": {"title": "From nowhere", "board": room.board}}))
        frames: list[dict[str, Any]] = []
        while not any(frame["type"] == "hello" for frame in frames):
            frames.append(json.loads(await asyncio.wait_for(socket.recv(), 5)))
        reply = next(frame for frame in frames if frame["type"] == "reply")
        assert (reply["ref"], reply["ok"], set(reply["data"])) == (ref, True, {"session", "seq"})
        hello = check("hello", frames[-1]["data"])
        assert hello["stream"] == f"session:{check('session', reply['data']['session'])['id']}"
        await socket.send(json.dumps({"type": "edit_session", "ref": str(uuid4()), "data": {"title": "Somewhere"}}))
        while json.loads(await asyncio.wait_for(socket.recv(), 5))["type"] != "session_edited":
            pass


async def test_message_starts_a_run_with_the_five_events(room: Room) -> None:
    session = await new_session(room, workflow="resolve")
    path = f"sessions/{session}"
    async with await room.bob.follow(path, after=0) as follower:
        sent = await follower.do("send_user_message", content=WORK)
        assert set(sent) == {"message", "run", "handled_by", "seq"}
        check("message", sent["message"])
        assert sent["handled_by"] == "run"
        run = check("run", sent["run"])
        assert (run["status"], run["started_by"]) == ("queued", room.bob.user)
        last = await until_over(follower, run["id"])
        assert last["type"] == "run_completed"
        events = await all_events(room.alice, path)
        await follower.until(lambda: follower.last == len(events))
        assert follower.events == events
        assert max(follower.frame_sizes) <= 200 * 1024 + 100
    assert set(FIVE) <= {event["type"] for event in events}
    assert broken_promises(events) == []
    plan = next(event for event in events if event["type"] == "plan_made")["data"]
    assert len(plan["subtasks"]) == 3
    for subtask in plan["subtasks"]:
        assert set(subtask) == {"id", "title", "role", "needs", "status"}
    await check_run(room, path, run["id"])


async def check_run(room: Room, path: str, run_id: str) -> None:
    """The run and all it made, as REST shows them afterwards."""
    run = await room.bob.get(f"runs/{run_id}/")
    outputs, calls = check("[output]", run.pop("agent_outputs")), check("[tool call]", run.pop("tool_calls"))
    assert check("[thought]", run.pop("thoughts"))
    check("run", run)
    assert {output["kind"] for output in outputs} >= {"plan", "subtask", "report"}
    assert "overdue" in next(output["content"] for output in outputs if output["kind"] == "report").lower()
    check("output", await room.bob.get(f"outputs/{outputs[0]['id']}/"))
    check("tool call", await room.bob.get(f"tool-calls/{calls[0]['call']}/"))
    check("[run]", (await room.bob.get("runs/", session=path.removeprefix("sessions/")))["results"])
    state = check("session snapshot", await room.bob.get(f"{path}/snapshot/"))["state"]
    assert state["session"]["phase"] == "refinement_ready"
    check("[message]", (await room.bob.get(f"{path}/messages/"))["results"])


async def test_hand_over_shows_the_work_on_the_board(room: Room) -> None:
    async with await room.bob.follow(room.stream) as follower:
        answer = await room.alice.call("POST", f"cards/{room.card}/hand-over/", {"instructions": WORK})
        assert answer.status_code == 202
        handed = answer.json()
        assert set(handed) == {"session", "message", "run", "seq"}
        check("session", handed["session"])
        check("message", handed["message"])
        run = check("run", handed["run"])
        busy = await room.bob.refused("POST", f"cards/{room.card}/hand-over/")
        assert (busy.status, busy.code) == (409, "busy")
        assert "run" in busy.error["data"]
        await follower.until(lambda: any(is_end(event, run["id"]) for event in follower.events), timeout_s=RUN_S)
        activity = [frame["data"] for frame in follower.frames if frame["type"] == "agent_activity"]
        assert {each["event"]["type"] for each in activity} == set(FIVE)
        for each in activity:
            assert set(each) == {"session", "run", "card", "event"}
            assert each["card"] == room.card
            check_event(each["event"])
        for event in follower.events:
            check_event(event)
    card = check("card", await room.bob.get(f"cards/{room.card}/"))
    assert card["assignee"]["kind"] == "agent"
    assert (card["run"]["id"], card["run"]["status"], card["session_count"]) == (run["id"], "completed", 1)


def is_end(event: dict[str, Any], run: str) -> bool:
    data = event["data"]
    return bool(event["type"] == "run_changed" and data["run"] and data["run"]["id"] == run and data["run"]["finished"])


async def test_answer_by_event_stream_is_that_runs_events(room: Room) -> None:
    path = f"sessions/{await new_session(room, workflow='chat')}"
    headers = {"Accept": "text/event-stream"}
    async with room.alice.http.stream(
        "POST", f"{path}/messages/", json={"content": "How many cards are there?"}, headers=headers
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async with asyncio.timeout(RUN_S):
            messages = [message async for message in messages_of(answer.aiter_lines())]
    assert messages[0]["event"] == "hello"
    events = [check_event(message["data"]) for message in messages[1:]]
    assert events[-1]["type"] == "run_completed"


async def test_question_meanwhile_is_answered_and_disturbs_nothing(room: Room) -> None:
    path = f"sessions/{await new_session(room, workflow='resolve')}"
    async with await room.alice.follow(path, after=0) as follower:
        run = (await follower.do("send_user_message", content=WORK))["run"]["id"]
        await follower.event("tool_executing", timeout_s=RUN_S)
        began = time.monotonic()
        asked = await room.bob.post(f"{path}/messages/", {"content": "What is the current status?"})
        assert asked["handled_by"] == "clarifier"
        replied = await follower.event("clarifier_replied", timeout_s=5)
        took = time.monotonic() - began
        said = next(e["data"]["message"] for e in follower.events if is_said(e, replied["data"]["message"]))
        assert (said["via"], said["complete"]) == ("clarifier", True)
        assert took < 2.0, "a guard; one second is asked of a quiet machine"
        assert (await until_over(follower, run))["type"] == "run_completed"
        assert broken_promises(await all_events(room.alice, path)) == []
        refined = await follower.do("send_user_message", content="Rewrite the summary to focus only on overdue cards")
        assert check("run", refined["run"])["relation"] == "refinement"
        assert refined["run"]["parent"] == run
        assert (await until_over(follower, refined["run"]["id"]))["type"] == "run_completed"


def is_said(event: dict[str, Any], message: str) -> bool:
    return (
        event["type"] in {"message_added", "message_completed"}
        and event["data"]["message"]["id"] == message
        and event["data"]["message"]["complete"]
    )


async def test_approval_is_answered_once_and_bound_to_what_was_shown(room: Room) -> None:
    path = f"sessions/{await new_session(room, workflow='chat')}"
    async with await room.alice.follow(path, after=0) as follower:
        run = (await follower.do("send_user_message", content="Delete card #1"))["run"]["id"]
        opened = await follower.event("request_opened", timeout_s=RUN_S)
        request = check("request", opened["data"]["request"])
        assert (request["kind"], request["message"], request["status"]) == ("approval", "Tool approval required", "open")
        assert check("card", await room.bob.get(f"cards/{room.card}/"))
        listed = check("[request]", (await room.bob.get("requests/", status="open"))["results"])
        assert [each["id"] for each in listed] == [request["id"]]
        answer = f"requests/{request['id']}/answer/"
        changed = await room.bob.refused("POST", answer, {"decision": "approve", "hash": "0" * 64})
        assert (changed.status, changed.code) == (409, "request_changed")
        approved = await room.bob.post(answer, {"decision": "approve", "hash": request["hash"]})
        assert check("request", approved["request"])["status"] == "approved"
        late = await room.alice.refused("POST", answer, {"decision": "deny", "hash": request["hash"]})
        assert (late.status, late.code) == (409, "already_answered")
        assert (await until_over(follower, run))["type"] == "run_completed"
    assert (await room.bob.refused("GET", f"cards/{room.card}/")).status == 404
    assert broken_promises(await all_events(room.alice, path)) == []


async def test_cancelled_run_ends_once(room: Room) -> None:
    path = f"sessions/{await new_session(room, workflow='resolve')}"
    async with await room.alice.follow(path, after=0) as follower:
        run = (await follower.do("send_user_message", content=WORK))["run"]["id"]
        await follower.event("agent_started", timeout_s=RUN_S)
        cancelled = await room.bob.post(f"runs/{run}/cancel/")
        check("run", cancelled["run"])
        assert (await until_over(follower, run))["type"] == "run_cancelled"
    assert broken_promises(await all_events(room.alice, path)) == []
    again = await room.bob.refused("POST", f"runs/{run}/cancel/")
    assert (again.status, again.code) == (409, "conflict")
    retried = await room.bob.post(f"runs/{run}/retry/")
    assert (check("run", retried["run"])["relation"], retried["run"]["parent"]) == ("retry", run)


async def test_agents_and_event_types_are_listed(room: Room) -> None:
    agents = check("[agent]", (await room.alice.get("agents/"))["results"])
    assert all(set(agent["workflows"]) <= {"chat", "resolve", "optimise"} for agent in agents)
    types = await room.alice.get("event-types/")
    rows = types["results"] if isinstance(types, dict) else types
    assert {row["type"] for row in rows} == set(EVENTS)
    for row in rows:
        if row["type"] in FIVE:
            assert row["category"]
            check("hint", row["ui_hint"])
