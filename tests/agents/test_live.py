"""The live state of a run says what the run does at that moment, whatever its kind."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.llm.port import Finish, TextDelta, Usage
from agents.models import Run
from agents.workflows.live import describe_live
from sessions.models import Message
from tests.agents.conftest import Room
from tests.agents.driving import claim, eventually, run_until_idle, scripted
from tests.agents.test_talk import PLAN

pytestmark = pytest.mark.django_db(transaction=True)

DONE = Finish("stop", Usage(1, 1, 0.0))
SLOW: list[Any] = [0.6, TextDelta("done"), DONE]
WRITING: list[Any] = [TextDelta("It "), 0.6, TextDelta("is"), DONE]


async def see(run: dict[str, Any], *, when_writing: bool = False) -> dict[str, object]:
    """The state of the run once its step is under way, or once it has begun to write; the run is driven to its end."""
    taken = await claim()
    driving = asyncio.create_task(drive(taken.run_id, taken.attempt))

    def is_there() -> bool:
        begun = bool(Run.objects.get(id=run["id"]).steps)
        return begun and (not when_writing or Message.objects.filter(run=run["id"], complete=False).exists())

    await eventually(is_there)
    live = await sync_to_async(lambda: describe_live(Run.objects.get(id=run["id"])))()
    await driving
    return live


@pytest.mark.parametrize(("answer", "writing", "words"), [(SLOW, False, "Reading the message"), (WRITING, True, "Writing the answer")])
async def test_chat_reads_then_writes(room: Room, answer: list[Any], writing: bool, words: str) -> None:
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Look"))["run"]
    with scripted({"chat": [answer]}):
        live = await see(run, when_writing=writing)
    assert (live["kind"], live["current"]) == ("chat", [words])


async def test_refinement_reworks_the_report(room: Room) -> None:
    session = await sync_to_async(room.session)("resolve")
    await sync_to_async(room.say)(session, "How many cards?")
    with scripted({"plan": [PLAN], "execute": ["three"], "aggregate": ["# Three"], "refine": [SLOW]}):
        await run_until_idle()
        run = (await sync_to_async(room.say)(session, "Shorter"))["run"]
        live = await see(run)
    assert (live["kind"], live["current"], live["total"]) == ("refinement", ["Refining the report"], 0)
