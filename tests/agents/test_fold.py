"""fold(snapshot at n, events n+1…m) = snapshot at m, for every event type of a work session."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.llm.errors import ModelBusy
from agents.llm.port import TextDelta, ThoughtDelta
from agents.workflows import turn
from project.realtime.events import event_types
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import answer_questions, claim, eventually, run_until_idle, scripted
from tests.fold_session import EMPTY, HANDLERS, comparable, fold

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = '{"subtasks": [{"id": "a", "title": "First", "role": "x", "needs": []}, {"id": "b", "title": "Then", "role": "x", "needs": ["a"]}]}'


class Scene:
    """One session, looked at again and again: every look compares the fold with the snapshot."""

    def __init__(self, room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        self.room = room
        self.bench = bench
        self.monkeypatch = monkeypatch
        self.settings = settings
        self.session = room.session("resolve")
        self.seen: set[str] = set()
        self._state: dict[str, Any] = EMPTY
        self._seq = 0

    def look(self) -> None:
        events = self.room.events(self.session, self._seq)
        snapshot = self.room.snapshot(self.session)
        assert [event["seq"] for event in events] == list(range(self._seq + 1, snapshot["seq"] + 1))
        self._state = fold(self._state, events)
        assert comparable(self._state) == comparable(snapshot["state"])
        self.seen |= {event["type"] for event in events}
        self._state, self._seq = snapshot["state"], snapshot["seq"]


async def resolve(scene: Scene) -> None:
    answers = {
        "plan": [[ThoughtDelta("Two things. Both are easy."), TextDelta(PLAN)]],
        "execute": [[call("look", "a")], "found a", [call("fail")], "could not"],
        "aggregate": [[ThoughtDelta("Now the report."), TextDelta("# Report"), TextDelta("\n\nall of it")]],
        "refine": ["shorter"],
    }
    with scripted(answers):
        await sync_to_async(scene.room.say)(scene.session, "Do it")
        await sync_to_async(scene.look)()
        await run_until_idle()
        await sync_to_async(scene.look)()
        await sync_to_async(scene.room.say)(scene.session, "Shorter, please")
        await run_until_idle()


async def approve(scene: Scene) -> None:
    with scripted({"chat": [[call("burn", "x")], "done"]}):
        await sync_to_async(scene.room.say)(scene.session, "Burn it", workflow="chat")
        await run_until_idle()
        await sync_to_async(scene.look)()
        request = await sync_to_async(scene.room.request)(scene.session)
        await sync_to_async(scene.room.answer)(request)
        await sync_to_async(scene.look)()
        await run_until_idle()


async def expire(scene: Scene) -> None:
    scene.settings.WORKROOM_LIMITS = {"request_days": 0}
    with scripted({"chat": [[call("burn", "x")], "so be it"]}):
        await sync_to_async(scene.room.say)(scene.session, "Burn it", workflow="chat")
        await run_until_idle()
    scene.settings.WORKROOM_LIMITS = {}


async def stream_and_cancel(scene: Scene) -> None:
    """Looks while a message streams, asks the clarifier, and stops the run in the middle."""
    speech = [TextDelta("half "), 0.2, TextDelta("a sen"), 30.0, TextDelta("tence")]
    with scripted({"chat": [speech], "clarify": ["half way"]}):
        reply = await sync_to_async(scene.room.say)(scene.session, "Talk", workflow="chat")
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(lambda: "sen" in str(scene.room.snapshot(scene.session)["state"]["messages"][-1]["content"]))
        await sync_to_async(scene.look)()
        await sync_to_async(scene.room.say)(scene.session, "How far are you?")
        await answer_questions()
        await sync_to_async(scene.look)()
        await sync_to_async(scene.room.say)(scene.session, "Then this", during_run="queue")
        await sync_to_async(scene.look)()
        await sync_to_async(scene.room.api.ok)("post", f"/api/runs/{reply['run']['id']}/cancel/")
        await asyncio.wait_for(task, 10)
    await sync_to_async(scene.look)()
    with scripted({}):
        await run_until_idle()  # the queued one fails: the script is exhausted


async def be_delayed(scene: Scene) -> None:
    scene.monkeypatch.setattr(turn, "_FIRST_PAUSE_S", 0.01)
    with scripted({"chat": [ModelBusy("The model is busy."), "at last"]}):
        await sync_to_async(scene.room.say)(scene.session, "Hello", workflow="chat")
        await run_until_idle()


async def rename_and_stop(scene: Scene) -> None:
    await sync_to_async(scene.room.api.ok)("patch", f"/api/sessions/{scene.session}/", {"title": "Another"})
    await sync_to_async(scene.look)()
    await sync_to_async(scene.room.api.ok)("post", f"/api/sessions/{scene.session}/stop/")


SCENES: list[Callable[[Scene], Awaitable[None]]] = [resolve, approve, expire, stream_and_cancel, be_delayed, rename_and_stop]


async def test_events_fold_to_the_snapshot(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    scene = await sync_to_async(Scene)(room, bench, monkeypatch, settings)
    for play in SCENES:
        await play(scene)
        await sync_to_async(scene.look)()
    of_sessions = {name for name, each in event_types().items() if each.stream_kind == "session"}
    assert scene.seen == of_sessions == set(HANDLERS)
