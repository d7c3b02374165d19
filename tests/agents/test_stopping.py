"""The end of a work session: nothing is said in it afterwards, and nobody goes on waiting for an answer."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from agents.drive import drive
from agents.lease import sweep
from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ToolSpec, Usage
from agents.llm.registry import use_model
from agents.workflows.clarifier import clarify, next_question
from project.realtime.change import Call, Change
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change
from sessions.models import Message
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import answer_questions, claim, run_until_idle, scripted

pytestmark = pytest.mark.django_db(transaction=True)


class SlowModel:
    """Says when it is asked, and answers when it may."""

    name, adapter = "slow", "scripted"

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        del messages, tools, purpose
        self.asked.set()
        await self.may_answer.wait()
        yield TextDelta("Half done.")
        yield Finish("stop", Usage(0, 0, 0.0))


async def ask(room: Room) -> str:
    """A session with a run under way and a question about it."""
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Do it")
    await claim()
    assert (await sync_to_async(room.say)(session, "How far are you?"))["handled_by"] == "clarifier"
    return session


async def stop(room: Room, session: str) -> None:
    await sync_to_async(room.api.ok)("post", f"/api/sessions/{session}/stop/")


async def test_clarifier_says_nothing_after_the_end(room: Room) -> None:
    session = await ask(room)
    model = SlowModel()
    question = await sync_to_async(next_question)()
    assert question is not None
    with use_model(model):
        answering = asyncio.create_task(clarify(question))
        await asyncio.wait_for(model.asked.wait(), 5)
        await stop(room, session)
        model.may_answer.set()
        await asyncio.wait_for(answering, 5)
    types = await sync_to_async(room.types)(session)
    assert types[-1] == "session_stopped"
    assert "clarifier_replied" not in types


async def test_question_open_at_the_end_is_not_asked_any_more(room: Room) -> None:
    session = await ask(room)
    await stop(room, session)
    await answer_questions()
    assert (await sync_to_async(room.types)(session))[-1] == "session_stopped"
    assert not await Message.objects.filter(awaits_reply=True).aexists()


async def test_stream_that_waits_for_the_clarifier_ends_with_the_session(room: Room) -> None:
    session = await ask(room)
    response: Any = await AsyncClient().post(
        f"/api/sessions/{session}/messages/",
        {"content": "Are you there?"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {room.api.token}", "Accept": "text/event-stream"},
    )
    await stop(room, session)
    async with asyncio.timeout(5):
        body = b"".join([part async for part in response.streaming_content]).decode()
    told = [json.loads(line.removeprefix("data: ")) for line in body.splitlines() if line.startswith("data: ")]
    assert told[-1]["type"] == "session_stopped"


@pytest.mark.parametrize("is_waiting", [False, True])
async def test_idle_session_with_a_run_is_left_open(room: Room, bench: Workbench, settings: Any, is_waiting: bool) -> None:
    """A run that waits for somebody may wait longer than a session may be idle."""
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Burn it")
    if is_waiting:
        with scripted({"chat": [[call("burn")]]}):
            await run_until_idle()
    settings.WORKROOM_LIMITS = {"session_idle_s": -1}
    await sync_to_async(sweep)()
    assert "session_stopped" not in await sync_to_async(room.types)(session)


async def test_session_in_use_is_left_open(room: Room, settings: Any) -> None:
    session = await sync_to_async(room.session)()
    settings.WORKROOM_LIMITS = {"session_idle_s": 60}
    await sync_to_async(sweep)()
    assert await sync_to_async(room.types)(session) == ["session_started"]


def before_the_lock(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], object]) -> None:
    """Let this happen after the sweep has looked, and before its change holds the streams."""

    def change(call: Call, streams: Sequence[StreamKey], work: Callable[[Change], None]) -> None:
        happen()
        run_change(call, streams, work)

    monkeypatch.setattr("agents.lease.run_change", change)


def test_session_in_which_somebody_speaks_at_the_last_moment_is_left_open(
    room: Room, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = room.session()
    before_the_lock(monkeypatch, lambda: room.say(session, "Wait"))
    settings.WORKROOM_LIMITS = {"session_idle_s": -1}
    sweep()
    assert room.types(session)[-1] == "session_edited"
    assert room.snapshot(session)["state"]["session"]["status"] == "active"


async def test_request_whose_run_ends_at_the_last_moment_ends_once(
    room: Room, bench: Workbench, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WORKROOM_LIMITS = {"request_days": 0}
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Burn it"))["run"]
    with scripted({"chat": [[call("burn")]]}):
        taken = await claim()
        await drive(taken.run_id, taken.attempt)
    before_the_lock(monkeypatch, lambda: room.api.ok("post", f"/api/runs/{run['id']}/cancel/"))
    await sync_to_async(sweep)()
    ends = [event["data"]["reason"] for event in await sync_to_async(room.events)(session) if event["type"] == "request_expired"]
    assert ends == ["run_ended"]
