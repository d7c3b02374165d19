"""Stopping a run: at any moment, once, and nothing of it after that."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.llm.port import TextDelta
from agents.models import Request, Run, ToolCall
from agents.services.fence import current_attempts
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import claim, eventually, expire_lease, run_until_idle, scripted
from tests.agents.test_resolve import check_contract

pytestmark = pytest.mark.django_db(transaction=True)

FINAL = {"run_completed", "run_failed", "run_cancelled"}


async def start(room: Room, workflow: str = "chat") -> tuple[str, dict[str, Any]]:
    session = await sync_to_async(room.session)(workflow)
    return session, (await sync_to_async(room.say)(session, "Do it"))["run"]


async def cancel(room: Room, run: dict[str, Any]) -> dict[str, Any]:
    reply: dict[str, Any] = await sync_to_async(room.api.ok)("post", f"/api/runs/{run['id']}/cancel/")
    return reply


async def check_end(room: Room, session: str, run: dict[str, Any]) -> None:
    """Exactly one terminal event, everything closed, and nothing of the run after it."""
    events = await sync_to_async(room.events)(session)
    ends = [index for index, event in enumerate(events) if event["type"] in FINAL]
    assert [events[index]["type"] for index in ends] == ["run_cancelled"]
    of_run = [event for event in events[ends[0] + 1 :] if event["data"].get("run") == run["id"] or event["type"].startswith("run_")]
    assert of_run == []
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["attempts"][-1]["ended"] is not None if final["attempts"] else True) == ("cancelled", True)
    assert all(tool_call["finished"] for tool_call in final["tool_calls"])


async def test_cancel_while_queued(room: Room) -> None:
    session, run = await start(room)
    assert (await cancel(room, run))["run"]["status"] == "cancelled"
    await check_end(room, session, run)
    status, error = await sync_to_async(room.api.refused)("post", f"/api/runs/{run['id']}/cancel/")
    assert (status, error["code"], error["data"]["run"]["id"]) == (409, "conflict", run["id"])


async def test_cancel_while_the_model_speaks(room: Room) -> None:
    session, run = await start(room)
    with scripted({"chat": [[TextDelta("I was about to"), 30.0]]}):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(lambda: "message_delta" in room.types(session))
        assert (await cancel(room, run))["run"]["status"] == "cancelling"
        await asyncio.wait_for(task, 5)
    await check_end(room, session, run)
    check_contract(await sync_to_async(room.events)(session))
    message = (await sync_to_async(room.snapshot)(session))["state"]["messages"][-1]
    assert (message["content"], message["interrupted"], message["complete"]) == ("I was about to", True, True)


async def test_cancel_while_a_tool_works_keeps_its_late_result_to_itself(room: Room, bench: Workbench) -> None:
    session, run = await start(room)
    begun, may_go = threading.Event(), threading.Event()

    def hook(name: str) -> None:
        begun.set()
        may_go.wait(10)

    bench.hook = hook
    with scripted({"chat": [[call("note", "late")]]}):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(begun.is_set)
        await cancel(room, run)
        await asyncio.wait_for(task, 5)
        before = await sync_to_async(room.events)(session)
        may_go.set()
        await eventually(ToolCall.objects.exclude(late_result="").exists)
    assert await sync_to_async(room.events)(session) == before
    check_contract(before)
    await check_end(room, session, run)


async def test_cancel_while_it_waits_for_approval(room: Room, bench: Workbench) -> None:
    session, run = await start(room)
    with scripted({"chat": [[call("burn")]]}):
        await run_until_idle()
    request = await sync_to_async(room.request)(session)
    assert (await cancel(room, run))["run"]["status"] == "cancelled"
    await check_end(room, session, run)
    events = await sync_to_async(room.events)(session)
    assert next(event for event in events if event["type"] == "request_expired")["data"]["reason"] == "run_ended"
    body = {"decision": "approve", "hash": request["hash"]}
    assert (await sync_to_async(room.api.refused)("post", f"/api/requests/{request['id']}/answer/", body))[1]["code"] == "conflict"
    assert bench.calls == []
    check_contract(events)


async def test_cancel_of_a_run_whose_driver_is_lost(room: Room) -> None:
    session, run = await start(room)
    taken = await claim()
    await sync_to_async(expire_lease)(taken)
    assert (await cancel(room, run))["run"]["status"] == "cancelled"
    await check_end(room, session, run)


async def test_cancelling_run_whose_driver_dies_is_ended_by_the_next_claim(room: Room) -> None:
    session, run = await start(room)
    taken = await claim()
    assert (await cancel(room, run))["run"]["status"] == "cancelling"
    await sync_to_async(expire_lease)(taken)
    await run_until_idle()
    await check_end(room, session, run)


@pytest.mark.parametrize("is_lost", [False, True])
async def test_nothing_is_streamed_of_a_cancelled_run(room: Room, is_lost: bool) -> None:
    _, run = await start(room)
    taken = await claim()
    hold = (taken.run_id, taken.attempt)
    assert await sync_to_async(current_attempts)({hold}) == {hold}
    if is_lost:
        await sync_to_async(expire_lease)(taken)
    await cancel(room, run)
    assert await sync_to_async(current_attempts)({hold}) == set()


@pytest.mark.parametrize("after_s", [0.0, 0.03, 0.06, 0.1, 0.15, 0.25])
async def test_cancel_at_some_moment_of_a_whole_run(room: Room, bench: Workbench, after_s: float) -> None:
    plan = '{"subtasks": [{"id": "a", "title": "A", "needs": []}, {"id": "b", "title": "B", "needs": []}]}'
    session, run = await start(room, "resolve")
    answers = {"plan": [plan], "execute": [[call("look")], [call("note")], "a", "b"], "aggregate": ["# Report"]}
    with scripted(answers):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await asyncio.sleep(after_s)
        response = await sync_to_async(room.api.call)("post", f"/api/runs/{run['id']}/cancel/")
        await asyncio.wait_for(task, 10)
        await run_until_idle()
    events = await sync_to_async(room.events)(session)
    ends = [event["type"] for event in events if event["type"] in FINAL]
    assert ends == (["run_cancelled"] if response.status_code == 200 else ["run_completed"])
    types = [event["type"] for event in events]
    if "run_cancelling" in types:
        assert "tool_executing" not in types[types.index("run_cancelling") :]
    if "agent_started" in types:
        check_contract(events)


async def test_retry_does_the_same_again(room: Room) -> None:
    _, run = await start(room)
    status, error = await sync_to_async(room.api.refused)("post", f"/api/runs/{run['id']}/retry/")
    assert (status, error["code"]) == (409, "conflict")
    with scripted({"chat": [[ValueError("a defect")], "now it works"]}) as model:
        await run_until_idle()
        reply = await sync_to_async(room.api.ok)("post", f"/api/runs/{run['id']}/retry/")
        await run_until_idle()
    assert (reply["run"]["relation"], reply["run"]["parent"], reply["run"]["number"]) == ("retry", run["id"], 2)
    assert model.asked[1].messages == model.asked[0].messages
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"


async def test_runs_of_a_deleted_board_end_and_count_no_more(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"runs_per_user": 1}
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Burn"))["run"]
    with scripted({"chat": [[call("burn")], "Hello"]}):
        await run_until_idle()
        await sync_to_async(room.api.ok)("delete", f"/api/boards/{room.board}/")
        await run_until_idle()
        ended = await Run.objects.aget(id=run["id"])
        assert (ended.status, bench.names()) == ("cancelled", [])
        assert not await Request.objects.filter(status="open").aexists()
        own = (await sync_to_async(room.api.ok)("post", "/api/sessions/", {}))["session"]["id"]
        await sync_to_async(room.say)(own, "Hello")


async def test_cancel_while_a_tool_waits_for_a_thread_lets_it_never_begin(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, run = await start(room)
    monkeypatch.setattr("agents.workflows.toolbox._pool", pool := ThreadPoolExecutor(1))
    may_go = threading.Event()
    pool.submit(may_go.wait, 20)
    try:
        with scripted({"chat": [[call("note", "late")]]}):
            taken = await claim()
            task = asyncio.create_task(drive(taken.run_id, taken.attempt))
            await eventually(lambda: "tool_executing" in room.types(session))
            await cancel(room, run)
            await asyncio.wait_for(task, 5)
    finally:
        may_go.set()
        await asyncio.to_thread(pool.shutdown)
    assert bench.calls == []
    await check_end(room, session, run)
