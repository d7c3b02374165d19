"""Crashes, restarts and zombies: a run goes on from where it stood, and nothing is done or told twice."""

import asyncio
import threading
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import DataError, InterfaceError, OperationalError, connection

from agents.drive import drive
from agents.launchers import embedded
from agents.lease import MOST_CRASHES, claim_next, renew, sweep
from agents.llm.port import TextDelta
from agents.models import Agent, Request, Run
from agents.services.closing import NOTHING_RENDERED, Rendered
from agents.services.fence import Fenced, load_attempt, write
from agents.services.requests import expire_request
from agents.statements import get_runs
from project.accounts.models import User
from project.realtime.change import Change
from project.text import render_markdown
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import OWNER, claim, eventually, expire_lease, lose, run_until_idle, scripted
from tests.agents.test_resolve import check_contract

pytestmark = pytest.mark.django_db(transaction=True)


async def start(room: Room, workflow: str = "chat") -> tuple[str, dict[str, Any]]:
    session = await sync_to_async(room.session)(workflow)
    return session, (await sync_to_async(room.say)(session, "Do it"))["run"]


def hold(bench: Workbench, name: str) -> tuple[threading.Event, threading.Event]:
    """The tool `name` says when it has begun and goes on when it may; the second time it goes through."""
    begun, may_go = threading.Event(), threading.Event()

    def hook(called: str) -> None:
        if called == name and bench.names().count(name) == 1:
            begun.set()
            may_go.wait(10)

    bench.hook = hook
    return begun, may_go


@pytest.mark.parametrize("name", ["look", "note"])
async def test_repeatable_call_is_made_again_under_the_same_id(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    session, run = await start(room)
    begun, may_go = hold(bench, name)
    with scripted({"chat": [[call(name, "x")], "done"]}):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(begun.is_set)
        await lose(task, monkeypatch, taken)
        may_go.set()
        await run_until_idle()
    assert bench.names() == [name, name]
    assert len({call_id for _, _, call_id in bench.calls}) == 1
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    assert [event["type"] for event in events].count("tool_executing") == 1
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["attempt"]) == ("completed", 2)
    assert next(event for event in events if event["type"] == "run_resumed")["data"]["reason"] == "lease_expired"


async def test_unsafe_call_cut_off_becomes_a_question(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    session, run = await start(room)
    begun, may_go = hold(bench, "burn")
    with scripted({"chat": [[call("burn", "x")], "so it is"]}) as model:
        await run_until_idle()
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(begun.is_set)
        await lose(task, monkeypatch, taken)
        may_go.set()
        await run_until_idle()
        question = await sync_to_async(room.request)(session)
        assert (question["kind"], question["message"]) == ("question", "User input required")
        nothing = {"decision": "answer", "hash": question["hash"]}
        status, error = await sync_to_async(room.api.refused)("post", f"/api/requests/{question['id']}/answer/", nothing)
        assert (status, list(error["fields"])) == (400, ["result"])
        await sync_to_async(room.answer)(question, "answer", result=question["choices"][0])
        await run_until_idle()
    assert bench.names() == ["burn"]
    assert "It happened" in model.asked[-1].messages[-1].content
    final = await sync_to_async(room.run)(run)
    assert final["status"] == "completed"
    assert final["tool_calls"][0]["error"]["code"] == "outcome_unknown"
    check_contract(await sync_to_async(room.events)(session))


async def test_message_cut_off_is_completed_as_interrupted_and_written_anew(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    session, run = await start(room)
    with scripted({"chat": [[TextDelta("half a sen"), 30.0], "a whole sentence"]}):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(lambda: "message_delta" in room.types(session))
        await lose(task, monkeypatch, taken)
        await run_until_idle()
    messages = (await sync_to_async(room.snapshot)(session))["state"]["messages"][1:]
    assert [(each["content"], each["interrupted"], each["complete"]) for each in messages] == [
        ("half a sen", True, True),
        ("a whole sentence", False, True),
    ]
    types = await sync_to_async(room.types)(session)
    assert types.index("message_completed", types.index("message_delta")) < types.index("run_resumed"), "what is lost is closed first"
    assert (await sync_to_async(room.run)(run))["status"] == "completed"


async def test_finished_steps_are_not_repeated(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = '{"subtasks": [{"id": "a", "title": "A", "needs": []}, {"id": "b", "title": "B", "needs": ["a"]}]}'
    session, run = await start(room, "resolve")
    begun, may_go = hold(bench, "note")
    answers = {"plan": [plan], "execute": [[call("look")], "seen", [call("note")], "noted"], "aggregate": ["# Done"]}
    with scripted(answers) as model:
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(begun.is_set)
        await lose(task, monkeypatch, taken)
        may_go.set()
        await run_until_idle()
    assert [asked.purpose for asked in model.asked].count("plan") == 1
    assert bench.names() == ["look", "note", "note"]
    assert (await sync_to_async(room.run)(run))["progress"] == {"done": 2, "total": 2}
    check_contract(await sync_to_async(room.events)(session))


async def test_drain_gives_the_run_back_without_counting_a_crash(room: Room, bench: Workbench) -> None:
    session, run = await start(room)
    begun, may_go = hold(bench, "look")
    with scripted({"chat": [[call("look")], "done"]}):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(begun.is_set)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        may_go.set()
        for _ in range(MOST_CRASHES + 1):  # as many restarts as there may not be crashes
            taken = await claim()
            task = asyncio.create_task(drive(taken.run_id, taken.attempt))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert final["status"] == "completed"
    resumed = [event["data"]["reason"] for event in await sync_to_async(room.events)(session) if event["type"] == "run_resumed"]
    assert set(resumed) == {"restart"}


async def test_run_that_loses_its_worker_again_and_again_fails(room: Room) -> None:
    session, run = await start(room)
    for _ in range(MOST_CRASHES):
        taken = await claim()
        await sync_to_async(expire_lease)(taken)
    assert await sync_to_async(claim_next)(OWNER) is None
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"], final["attempt"]) == ("failed", "worker_lost", MOST_CRASHES)
    assert [attempt["reason"] for attempt in final["attempts"]] == ["lease_expired"] * MOST_CRASHES
    assert (await sync_to_async(room.types)(session)).count("run_failed") == 1


async def test_zombie_writes_nothing(room: Room, bench: Workbench) -> None:
    """A driver that was stopped for a while comes back after another has taken over and finished."""
    session, _ = await start(room)
    begun, may_go = hold(bench, "look")
    with scripted({"chat": [[call("look")], "done", "done twice"]}):
        taken = await claim()
        zombie = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(begun.is_set)
        await sync_to_async(expire_lease)(taken)
        await run_until_idle()
        before = await sync_to_async(room.events)(session)
        may_go.set()
        await asyncio.wait_for(zombie, 5)
    assert await sync_to_async(room.events)(session) == before
    assert [event["type"] for event in before].count("run_completed") == 1
    check_contract(before)


async def test_writes_of_an_old_attempt_are_refused(room: Room) -> None:
    await start(room)
    taken = await claim()
    old = await sync_to_async(load_attempt)(taken.run_id, taken.attempt)
    await sync_to_async(expire_lease)(taken)
    await claim()
    with pytest.raises(Fenced):
        await sync_to_async(write)(old, lambda scope: None)


async def test_lease_that_still_holds_is_not_taken(room: Room) -> None:
    await start(room)
    await claim()
    assert await sync_to_async(claim_next)("another") is None


async def test_launcher_takes_up_what_a_killed_process_left_and_gives_back_when_stopped(room: Room, bench: Workbench) -> None:
    """On SQLite at once, for there is no other process; elsewhere when the lease runs out."""
    session, run = await start(room)
    taken = await claim()
    if connection.vendor != "sqlite":
        await sync_to_async(expire_lease)(taken)
    begun, may_go = hold(bench, "look")
    with scripted({"chat": [[call("look")], "done"]}):
        embedded.start()
        embedded.start()  # a second start changes nothing
        await eventually(begun.is_set)
        await embedded.stop()
        may_go.set()
        row = await sync_to_async(Run.objects.get)(id=run["id"])
        assert (row.status, row.lease_owner, row.crashes) == ("running", "", 1)
        await run_until_idle()
    resumed = [event["data"]["reason"] for event in await sync_to_async(room.events)(session) if event["type"] == "run_resumed"]
    assert resumed == ["lease_expired", "restart"]
    assert (await sync_to_async(room.run)(run))["status"] == "completed"


async def test_only_runs_that_are_being_driven_are_held_on_to(room: Room) -> None:
    await start(room)
    taken = await claim()
    await sync_to_async(expire_lease)(taken)
    await sync_to_async(renew)(OWNER, [])
    assert await sync_to_async(claim_next)("another") is not None
    await sync_to_async(expire_lease)(taken)
    await sync_to_async(renew)("another", [taken.run_id])
    assert await sync_to_async(claim_next)(OWNER) is None


async def test_busy_database_fails_no_run(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = await start(room)
    begun, may_go = hold(bench, "look")
    looks: list[int] = []

    def look(run_ids: list[UUID]) -> list[Run]:
        looks.append(1)
        if len(looks) == 1:
            raise OperationalError("canceling statement due to lock timeout")
        may_go.set()
        return get_runs(run_ids)

    monkeypatch.setattr("agents.lookout.get_runs", look)
    monkeypatch.setattr("agents.lookout._TICK_S", 0.05)
    with scripted({"chat": [[call("look")], "done"]}):
        await run_until_idle()
    assert begun.is_set()
    assert len(looks) > 1
    assert (await sync_to_async(room.run)(run))["status"] == "completed"


async def test_defect_in_looking_at_one_run_ends_that_one(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    _, first = await start(room)
    _, second = await start(room)
    begun, may_go = hold(bench, "look")

    def check(*, run: Run, **_: Any) -> None:
        if begun.is_set() and str(run.id) == first["id"]:
            raise ZeroDivisionError

    monkeypatch.setattr("agents.lookout.check_time", check)
    monkeypatch.setattr("agents.lookout._TICK_S", 0.05)
    with scripted({"chat": [[call("look")], [call("look")], "done"]}):
        one = await claim()
        driving = asyncio.create_task(drive(one.run_id, one.attempt))
        await eventually(begun.is_set)  # the first run stands still in its tool
        other = await claim()
        await drive(other.run_id, other.attempt)
        await eventually(lambda: Run.objects.get(id=first["id"]).status == "failed")
        may_go.set()
        await driving
    assert (await sync_to_async(room.run)(first))["error"]["code"] == "internal"
    assert (await sync_to_async(room.run)(second))["status"] == "completed"


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
async def test_run_goes_on_after_its_database_was_away(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    _, run = await start(room)
    with scripted({"chat": [[call("look")], "done"]}):
        taken = await claim()
        with monkeypatch.context() as patch:
            patch.setattr("agents.handlers.calls.start_call", Mock(side_effect=kind("the connection is closed")))
            await drive(taken.run_id, taken.attempt)
        assert (await sync_to_async(room.run)(run))["status"] == "running"
        await sync_to_async(expire_lease)(taken)
        await run_until_idle()
    assert (await sync_to_async(room.run)(run))["status"] == "completed"


async def test_run_that_makes_what_no_database_takes_fails_at_once(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying again would ask the model again, for the same."""
    _, run = await start(room)
    monkeypatch.setattr("agents.handlers.calls.start_call", Mock(side_effect=DataError("integer out of range")))
    with scripted({"chat": [[call("look")], "done"]}):
        await run_until_idle()
    ended = await sync_to_async(room.run)(run)
    assert (ended["status"], ended["error"]["code"], ended["attempt"]) == ("failed", "internal", 1)


async def test_run_of_an_agent_with_an_unknown_tool_fails_and_says_so(room: Room, robo: User) -> None:
    await sync_to_async(Agent.objects.create)(user=robo, tools=["nowhere"])
    _, run = await start(room)
    await run_until_idle()
    ended = await sync_to_async(room.run)(run)
    assert (ended["status"], ended["error"]["message"]) == ("failed", "There is no tool called nowhere.")


@pytest.mark.parametrize("is_lost", [False, True])
async def test_text_cut_off_is_rendered_before_the_locks(room: Room, monkeypatch: pytest.MonkeyPatch, is_lost: bool) -> None:
    """Under them, a long one would hold up everybody who writes."""
    rendered_in_a_change: list[bool] = []

    def render(text: str) -> str:
        rendered_in_a_change.append(connection.in_atomic_block)
        return render_markdown(text)

    for place in ("agents.services.closing", "sessions.services"):
        monkeypatch.setattr(f"{place}.render_markdown", render)
    session, run = await start(room)
    with scripted({"chat": [[TextDelta("*half* a sen"), 30.0], "a whole sentence"]}):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(lambda: "message_delta" in room.types(session))
        if is_lost:
            await lose(task, monkeypatch, taken)
            await run_until_idle()
        else:
            await sync_to_async(room.api.ok)("post", f"/api/runs/{run['id']}/cancel/")
            await asyncio.wait_for(task, 10)
    message = (await sync_to_async(room.snapshot)(session))["state"]["messages"][1]
    assert (message["interrupted"], message["html"].strip()) == (True, "<p><em>half</em> a sen</p>")
    assert rendered_in_a_change
    assert not any(rendered_in_a_change)


async def test_run_that_cannot_be_taken_holds_up_no_other(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, broken = await start(room)
    _, whole = await start(room)

    def render(run_id: UUID) -> Rendered:
        if str(run_id) == broken["id"]:
            raise ZeroDivisionError
        return NOTHING_RENDERED

    monkeypatch.setattr("agents.lease.render_open", render)
    with scripted({"chat": ["done"]}):
        await run_until_idle()
    assert (await sync_to_async(room.run)(whole))["status"] == "completed"
    assert (await sync_to_async(room.run)(broken))["status"] == "queued"
    assert f"Run {broken['id']} could not be taken" in caplog.text


async def test_request_that_cannot_expire_holds_up_no_other(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.WORKROOM_LIMITS = {"request_days": 0, "session_idle_s": -1}
    sessions = [await start(room) for _ in range(2)]
    idle = await sync_to_async(room.session)()
    with scripted({"chat": [[call("burn")]] * 2}):
        for _ in sessions:
            taken = await claim()
            await drive(taken.run_id, taken.attempt)
    tried: list[Request] = []

    def expire(*, ch: Change, request: Request) -> None:
        tried.append(request)
        if len(tried) == 1:
            raise ZeroDivisionError
        expire_request(ch=ch, request=request)

    monkeypatch.setattr("agents.lease.expire_request", expire)
    await sync_to_async(sweep)()
    assert sorted([each.status async for each in Request.objects.all()]) == ["expired", "open"]
    assert (await sync_to_async(room.types)(idle))[-1] == "session_stopped"
