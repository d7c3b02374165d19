"""Cancelling at every moment of a run, and together with its end or an approval (R35): one end, and nothing after it."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from agents.drive import drive
from agents.launchers.embedded import Launcher
from agents.llm.port import Delta, ModelMessage, Purpose, TextDelta, ToolSpec
from agents.llm.registry import use_model
from agents.models import Run
from agents.services import fence
from project.realtime.db import run_db
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import claim, eventually, run_until_idle, scripted
from tests.agents.test_resolve import check_contract
from tests.rig.length import at_length

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(at_length(240, 1200))]

FINAL = {"run_completed", "run_failed", "run_cancelled"}
RACES = at_length(10, 100)


@pytest.fixture(autouse=True)
def _may_be_quick(settings: Any) -> None:
    """One person begins more runs here than people do."""
    settings.WORKROOM_LIMITS = {"messages_per_min": 10_000, "rest_burst": 10_000, "sessions_per_user": 1_000}


async def start(room: Room) -> tuple[str, dict[str, Any]]:
    session = await sync_to_async(room.session)("chat")
    return session, (await sync_to_async(room.say)(session, "Do it"))["run"]


def cancel(room: Room, run: dict[str, Any]) -> int:
    """The status of the answer to a cancel."""
    status: int = room.api.call("post", f"/api/runs/{run['id']}/cancel/").status_code
    return status


async def check_ending(room: Room, session: str, run: dict[str, Any], cancelled: int) -> None:
    """One end, the one the cancel was told of; no tool begins after the cancel; nothing of the run follows its end."""
    events = await sync_to_async(room.events)(session)
    types = [event["type"] for event in events]
    ends = [index for index, name in enumerate(types) if name in FINAL]
    assert [types[index] for index in ends] == (["run_cancelled"] if cancelled == 200 else ["run_completed"])
    later = [event for event in events[ends[0] + 1 :] if event["type"] != "session_edited"]
    assert later == []
    if "run_cancelling" in types:
        assert "tool_executing" not in types[types.index("run_cancelling") :]
    final = await sync_to_async(room.run)(run)
    assert all(each["finished"] for each in final["tool_calls"])
    if "agent_started" in types:
        check_contract(events)


class Writes:
    """Counts what drivers write; `before` is called with the number of each, on its thread, before the change is open."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.before: Callable[[int, bool], None] = lambda number, is_end: None
        for place in ("agents.workflows.desk.write", "agents.drive.write"):
            monkeypatch.setattr(place, self._write)

    def _write(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        self.before(self.count, bool(kwargs.get("while_stopping")))
        return fence.write(*args, **kwargs)


async def test_cancel_before_each_write_of_a_run(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = Writes(monkeypatch)
    moment, answered = 0, [200]
    while answered == [200]:
        moment, writes.count, answered = moment + 1, 0, []
        session, run = await start(room)

        def act(number: int, is_end: bool, run: dict[str, Any] = run, moment: int = moment, answered: list[int] = answered) -> None:
            if number == moment:
                answered.append(cancel(room, run))

        writes.before = act
        with scripted({"chat": [[call("look")], [call("note")], "done"]}):
            await run_until_idle()
        await check_ending(room, session, run, answered[0] if answered else 0)
    assert answered == [], "once a moment past the last write is reached nothing cancels"
    assert moment > 12


async def test_cancel_together_with_the_end(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = Writes(monkeypatch)
    seen = set()
    with ThreadPoolExecutor() as pool:
        for number in range(RACES):
            session, run = await start(room)
            sent: list[Future[int]] = []

            def act(_: int, is_end: bool, run: dict[str, Any] = run, sent: list[Future[int]] = sent, first: bool = number % 2 == 0) -> None:
                if is_end:
                    sent.append(pool.submit(_cancel_and_leave, room, run))
                    if first:
                        sent[0].result(10)

            writes.before = act
            with scripted({"chat": ["done"]}):
                await run_until_idle()
            status = await asyncio.to_thread(sent[0].result, 10)
            await check_ending(room, session, run, status)
            seen.add(status)
    assert seen <= {200, 409}
    assert 200 in seen


def _cancel_and_leave(room: Room, run: dict[str, Any]) -> int:
    try:
        return cancel(room, run)
    finally:
        connections.close_all()


async def test_cancel_together_with_an_approval(room: Room, bench: Workbench) -> None:
    """A launcher is at work, as in a server. The unsafe tool runs once at most, and never begins after the cancel."""
    dice = random.Random(35)
    for _ in range(RACES):
        bench.calls.clear()
        session, run = await start(room)
        with scripted({"chat": [[call("burn")], "burnt"]}):
            launcher = asyncio.create_task(Launcher().run())
            await eventually(Run.objects.filter(id=run["id"], status="waiting").exists)
            request = await sync_to_async(room.request)(session)
            body = {"decision": "approve", "hash": request["hash"]}

            async def later(work: Callable[..., Any], *args: Any) -> Any:
                await asyncio.sleep(dice.uniform(0, 0.03))
                return await run_db(work, *args)

            answer, status = await asyncio.gather(
                later(room.api.call, "post", f"/api/requests/{request['id']}/answer/", body), later(cancel, room, run)
            )
            await eventually(Run.objects.filter(id=run["id"], status__in=["completed", "cancelled"]).exists)
            launcher.cancel()
            await asyncio.gather(launcher, return_exceptions=True)
        assert answer.status_code in (200, 409)
        assert len(bench.calls) <= 1
        await check_ending(room, session, run, status)


class EndlessModel:
    """Speaks until it is stopped, and says so."""

    name, adapter = "endless", "scripted"

    def __init__(self) -> None:
        self.was_closed = asyncio.Event()

    async def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        del messages, tools, purpose
        try:
            while True:
                yield TextDelta("and on ")
                await asyncio.sleep(0.05)
        finally:
            self.was_closed.set()


async def test_cancel_ends_the_stream_of_the_model(room: Room) -> None:
    session, run = await start(room)
    model = EndlessModel()
    with use_model(model):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(lambda: "message_delta" in room.types(session))
        status = await sync_to_async(cancel)(room, run)
        await asyncio.wait_for(model.was_closed.wait(), 5)
        await asyncio.wait_for(task, 5)
    await check_ending(room, session, run, status)
