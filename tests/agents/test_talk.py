"""What becomes of a message: a run, an answer about the run under way, a place in line, an interruption, a refinement."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.launchers.embedded import Launcher
from agents.lease import claim_next
from agents.llm.port import TextDelta
from project.accounts.models import User
from project.errors import Unavailable
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import OWNER, claim, expire_lease, run_until_idle, scripted
from tests.conftest import Api, ConnectAs

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = '{"subtasks": [{"id": "a", "title": "Count the cards", "needs": []}]}'


async def test_clarifier_answers_within_a_second_and_leaves_the_run_alone(
    room: Room, bench: Workbench, connect_as: ConnectAs, alice: User
) -> None:
    """With the launcher as a server has it, and a tool that takes its time."""
    bench.hook = lambda name: time.sleep(1.5)
    session = await sync_to_async(room.session)("resolve")
    answers = {"plan": [PLAN], "execute": [[call("look")], "three"], "aggregate": ["# Three"], "clarify": ["Counting."]}
    with scripted(answers) as model:
        launcher = asyncio.create_task(Launcher().run())
        socket = await connect_as(alice, f"/ws/sessions/{session}/")
        await socket.ok("send_user_message", content="How many cards?")
        await socket.event("tool_executing")
        began = time.monotonic()
        reply = await socket.ok("send_user_message", content="What is the current status?")
        marker = await socket.event("clarifier_replied")
        assert time.monotonic() - began < 1.0
        await socket.event("run_completed", 10)
        launcher.cancel()
        await asyncio.gather(launcher, return_exceptions=True)
    assert (reply["handled_by"], reply["run"]) == ("clarifier", None)
    live = next(asked for asked in model.asked if asked.purpose == "clarify").messages[-1].content
    assert '"current":["Count the cards"]' in live
    assert '"last_tool":"look"' in live
    snapshot = await sync_to_async(room.snapshot)(session)
    answer = next(each for each in snapshot["state"]["messages"] if each["id"] == marker["data"]["message"])
    assert (answer["via"], answer["content"], answer["complete"]) == ("clarifier", "Counting.", True)
    [run] = snapshot["state"]["runs"]
    assert (run["status"], run["attempt"]) == ("completed", 1)
    assert bench.names() == ["look"]


async def test_tool_that_sleeps_leaves_the_socket_quick(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    bench.hook = lambda name: time.sleep(1.5)
    session = await sync_to_async(room.session)()
    socket = await connect_as(alice, f"/ws/sessions/{session}/")
    times = []
    with scripted({"chat": [[call("look")], "done"]}):
        await sync_to_async(room.say)(session, "Look")
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await socket.event("tool_executing")
        while "look" not in [each["data"].get("tool_name") for each in socket.waiting if each["type"] == "tool_completed"]:
            began = time.monotonic()
            await socket.send({"type": "ping", "data": {}})
            await socket.until(lambda frame: frame["type"] == "pong")
            times.append(time.monotonic() - began)
            await asyncio.sleep(0.06)
            if task.done():
                break
        await task
    assert len(times) > 10
    assert max(times) < 0.25


async def test_refinement_uses_what_was_stored_and_no_tools(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)("resolve")
    first = await sync_to_async(room.say)(session, "How many cards?")
    answers = {"plan": [PLAN], "execute": [[call("look")], "exactly three"], "aggregate": ["# Three cards"], "refine": ["# 3"]}
    with scripted(answers) as model:
        await run_until_idle()
        assert (await sync_to_async(room.snapshot)(session))["state"]["session"]["phase"] == "refinement_ready"
        second = await sync_to_async(room.say)(session, "Shorter")
        await run_until_idle()
    assert second["run"]["relation"] == "refinement"
    assert second["run"]["parent"] == second["message"]["refines"] == first["run"]["id"]
    asked = model.asked[-1]
    assert (asked.purpose, asked.tools) == ("refine", ())
    assert "exactly three" in asked.messages[-1].content
    assert bench.names() == ["look"]
    final = await sync_to_async(room.run)(second["run"])
    assert (final["status"], final["tool_calls"]) == ("completed", [])
    assert [output["content"] for output in final["agent_outputs"]] == ["# 3"]


async def test_message_with_a_workflow_starts_afresh(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)("resolve")
    await sync_to_async(room.say)(session, "How many cards?")
    with scripted({"plan": [PLAN], "execute": ["three"], "aggregate": ["# Three"]}):
        await run_until_idle()
    again = await sync_to_async(room.say)(session, "And now?", workflow="resolve")
    assert (again["run"]["relation"], again["message"]["refines"]) == (None, None)


async def test_chat_knows_what_was_said(room: Room) -> None:
    session = await sync_to_async(room.session)(instructions="Be kind.")
    with scripted({"chat": ["Hello Alice", "You are Alice"]}) as model:
        await sync_to_async(room.say)(session, "I am Alice")
        await run_until_idle()
        await sync_to_async(room.say)(session, "Who am I?")
        await run_until_idle()
    messages = model.asked[1].messages
    assert messages[0].content.startswith("Be kind.")
    assert [(each.role, each.content) for each in messages[1:3]] == [("user", "I am Alice"), ("assistant", "Hello Alice")]


async def test_queued_messages_keep_their_line_and_are_told_their_places(room: Room) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "one")
    places = [(await sync_to_async(room.say)(session, text, during_run="queue"))["run"]["position"] for text in ("two", "three")]
    assert places == [2, 3]
    with scripted({"chat": ["1", "2", "3"]}) as model:
        await run_until_idle()
    assert [asked.messages[-1].content.split("## Request\n")[1] for asked in model.asked] == ["one", "two", "three"]
    states = (await sync_to_async(room.snapshot)(session))["state"]["runs"]
    assert [run["status"] for run in states] == ["completed"] * 3


async def test_interrupting_message_comes_next(room: Room) -> None:
    session = await sync_to_async(room.session)()
    first = await sync_to_async(room.say)(session, "one")
    with scripted({"chat": [[TextDelta("I "), 30.0], "instead", "later"]}) as model:
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await asyncio.sleep(0.3)
        await sync_to_async(room.say)(session, "later", during_run="queue")
        reply = await sync_to_async(room.say)(session, "instead", during_run="interrupt")
        assert (reply["handled_by"], reply["run"]["position"]) == ("interrupt", 1)
        await asyncio.wait_for(task, 5)
        await run_until_idle()
    assert (await sync_to_async(room.run)(first["run"]))["status"] == "cancelled"
    assert [asked.messages[-1].content.split("## Request\n")[1] for asked in model.asked] == ["one", "instead", "later"]


def test_phase_after_an_interrupted_run_whose_driver_was_lost_is_that_of_the_new_one(room: Room) -> None:
    session = room.session()
    room.say(session, "one")
    taken = claim_next(OWNER)
    assert taken is not None
    expire_lease(taken)
    room.say(session, "instead", during_run="interrupt")
    assert room.snapshot(session)["state"]["session"]["phase"] == "executing"


async def test_full_line_refuses(room: Room, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"queued_messages": 2}
    session = await sync_to_async(room.session)()
    for text in ("one", "two"):
        await sync_to_async(room.say)(session, text, during_run="queue")
    path = f"/api/sessions/{session}/messages/"
    status, error = await sync_to_async(room.api.refused)("post", path, {"content": "three", "during_run": "queue"})
    assert (status, error["code"], error["data"]["session"]) == (409, "busy", session)
    assert error["data"]["run"]["status"] == "queued"


async def test_runs_per_user_are_bounded(room: Room, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"runs_per_user": 1}
    await sync_to_async(room.say)(await sync_to_async(room.session)(), "one")
    session = await sync_to_async(room.session)()
    status, error = await sync_to_async(room.api.refused)("post", f"/api/sessions/{session}/messages/", {"content": "two"})
    assert (status, error["code"]) == (429, "rate_limited")
    assert await sync_to_async(room.types)(session) == ["session_started"]


async def test_message_to_a_stopped_session_is_refused(room: Room) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "one")
    await sync_to_async(room.api.ok)("post", f"/api/sessions/{session}/stop/")
    types = await sync_to_async(room.types)(session)
    assert types.index("run_cancelled") < types.index("session_stopped") == len(types) - 1
    status, error = await sync_to_async(room.api.refused)("post", f"/api/sessions/{session}/messages/", {"content": "two"})
    assert (status, error["code"], error["data"]["session"]["status"]) == (409, "conflict", "stopped")


async def test_handing_over_a_card_at_work_is_busy_and_later_continues_its_session(room: Room, bench: Workbench) -> None:
    path = f"/api/cards/{room.card}/hand-over/"
    first = await sync_to_async(room.api.ok)("post", path, {"workflow": "chat"})
    status, error = await sync_to_async(room.api.refused)("post", path, {})
    assert (status, error["code"], error["data"]["run"]["id"]) == (409, "busy", first["run"]["id"])
    with scripted({"chat": ["done", "again"]}):
        await run_until_idle()
        second = await sync_to_async(room.api.ok)("post", path, {"instructions": "Again"})
        await run_until_idle()
    assert second["session"]["id"] == first["session"]["id"]
    assert (second["run"]["number"], second["message"]["content"]) == (2, "Again")


async def test_repeated_hand_over_gets_the_first_reply_while_its_run_is_under_way(room: Room) -> None:
    path, key = f"/api/cards/{room.card}/hand-over/", uuid4()
    first = await sync_to_async(room.api.ok)("post", path, {}, key=key)
    assert await sync_to_async(room.api.ok)("post", path, {}, key=key) == first
    status, error = await sync_to_async(room.api.refused)("post", path, {"instructions": "Other"}, key=key)
    assert (status, error["code"]) == (422, "id_reused")


async def test_viewers_and_strangers_cannot_hand_over(room: Room, vera: User, charlie: User, api: Callable[[User], Api]) -> None:
    codes = []
    for user in (vera, charlie):
        client = await sync_to_async(api)(user)
        codes.append((await sync_to_async(client.refused)("post", f"/api/cards/{room.card}/hand-over/", {}))[1]["code"])
    assert codes == ["forbidden", "not_found"]


async def test_session_in_which_nothing_happens_is_stopped(room: Room, settings: Any) -> None:
    session = await sync_to_async(room.session)()
    settings.WORKROOM_LIMITS = {"session_idle_s": -1}
    await run_until_idle()
    last = (await sync_to_async(room.events)(session))[-1]
    assert (last["type"], last["data"]["reason"]) == ("session_stopped", "timeout")


def test_null_says_the_same_as_leaving_it_out(room: Room) -> None:
    session = room.api.ok("post", "/api/sessions/", {"card": room.card, "review_plan": None, "tools": None})["session"]
    assert (session["review_plan"], session["tools"]) == (False, [])
    assert room.say(session["id"], "What is overdue?", during_run=None)["run"]


async def test_clarifier_whose_model_fails_says_what_is_known_once(
    room: Room, bench: Workbench, connect_as: ConnectAs, alice: User
) -> None:
    bench.hook = lambda name: time.sleep(1.0)
    session = await sync_to_async(room.session)()
    with scripted({"chat": [[call("look")], "done"], "clarify": [Unavailable("no model")]}) as model:
        launcher = asyncio.create_task(Launcher().run())
        socket = await connect_as(alice, f"/ws/sessions/{session}/")
        await socket.ok("send_user_message", content="Look")
        await socket.event("tool_executing")
        await socket.ok("send_user_message", content="How far are you?")
        await socket.event("clarifier_replied")
        await socket.event("run_completed", 10)
        launcher.cancel()
        await asyncio.gather(launcher, return_exceptions=True)
    assert [asked.purpose for asked in model.asked].count("clarify") == 1
    [answer] = [each for each in (await sync_to_async(room.snapshot)(session))["state"]["messages"] if each["via"] == "clarifier"]
    assert "What run 1 shows: The run is under way." in answer["content"]


async def test_second_refinement_in_a_chat_refines_too(room: Room) -> None:
    session = await sync_to_async(room.session)("chat")
    answers = {"plan": [PLAN], "execute": ["three"], "aggregate": ["# Three"], "refine": ["shorter", "shortest"]}
    with scripted(answers):
        await sync_to_async(room.say)(session, "Count them", workflow="resolve")
        await run_until_idle()
        for number in (2, 3):
            run = (await sync_to_async(room.say)(session, "Shorter"))["run"]
            await run_until_idle()
            now = await sync_to_async(room.run)(run)
            assert (now["number"], now["relation"], now["workflow"], now["status"]) == (number, "refinement", "resolve", "completed")
