"""What the clarifier asks a model is paid for by the run it speaks of, seen in that run's usage, and within that run's budget."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.llm.errors import BrokenAnswer
from agents.llm.port import Finish, TextDelta, Usage
from agents.models import Run
from tests.agents.conftest import Room
from tests.agents.driving import answer_questions, claim, run_until_idle, scripted
from tests.agents.test_resolve import check_contract

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = [TextDelta("Half way."), Finish("stop", Usage(300, 20, 0.25))]
WORK: list[Any] = [[0.4, TextDelta("done"), Finish("stop", Usage(1_000, 100, 1.0))]]


def costs(requests: int, asked: int, answered: int, cost_usd: float | None) -> dict[str, Any]:
    return {"requests": requests, "input_tokens": asked, "output_tokens": answered, "cost_usd": cost_usd, "tool_calls": 0}


class Asked:
    """A run about which something was asked while it was under way, and what came of it."""

    def __init__(self, room: Room, session: str, run: dict[str, Any], model: Any) -> None:
        self.room, self.session, self.run, self.model = room, session, run, model

    def purposes(self) -> list[str]:
        return [asked.purpose for asked in self.model.asked]

    async def replies(self) -> list[dict[str, Any]]:
        return [event["data"] for event in await sync_to_async(self.room.events)(self.session) if event["type"] == "clarifier_replied"]

    async def said(self) -> str:
        snapshot = await sync_to_async(self.room.snapshot)(self.session)
        [message] = [each for each in snapshot["state"]["messages"] if each["via"] == "clarifier"]
        return str(message["content"])

    async def now(self) -> dict[str, Any]:
        return await sync_to_async(self.room.run)(self.run)


async def ask_meanwhile(room: Room, clarify: Any, *, before: Callable[[dict[str, Any]], object] = lambda run: None) -> Asked:
    """`before` happens to the run after it has begun, before anything is asked."""
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Look"))["run"]
    with scripted({"chat": WORK, "clarify": [clarify]}) as model:
        taken = await claim()
        driving = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await sync_to_async(before)(run)
        await sync_to_async(room.say)(session, "How far are you?")
        await answer_questions()
        await driving
    check_contract(await sync_to_async(room.events)(session))
    return Asked(room, session, run, model)


async def test_answer_is_counted_on_the_run_it_speaks_of(room: Room) -> None:
    asked = await ask_meanwhile(room, ANSWER)
    [reply] = await asked.replies()
    assert (reply["about"], reply["usage"]) == (asked.run["id"], costs(1, 300, 20, 0.25))
    assert (await asked.now())["usage"] == costs(2, 1_300, 120, 1.25)
    row = await Run.objects.aget(id=asked.run["id"])
    assert (row.tokens, row.cost_usd) == (1_420, 1.25)


async def test_answer_that_breaks_off_is_counted_by_its_length(room: Room) -> None:
    asked = await ask_meanwhile(room, [TextDelta("half a sentence, and"), BrokenAnswer()])
    [reply] = await asked.replies()
    assert (reply["usage"]["requests"], reply["usage"]["output_tokens"], reply["usage"]["cost_usd"]) == (1, 5, None)
    assert reply["usage"]["input_tokens"] > 10
    assert "What run 1 shows: The run is under way." in await asked.said()


async def test_answer_without_end_is_given_up(room: Room, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"model_answer_chars": 100}
    asked = await ask_meanwhile(room, [TextDelta("and on ")] * 100)
    assert (await asked.said()).startswith("The model can't answer this now. What run 1 shows: The run is under way.")
    [reply] = await asked.replies()
    assert reply["usage"]["output_tokens"] < 100


async def test_model_that_says_nothing_costs_nothing(room: Room) -> None:
    asked = await ask_meanwhile(room, BrokenAnswer())
    assert [reply["usage"] for reply in await asked.replies()] == [costs(0, 0, 0, 0)]


@pytest.mark.parametrize("used", [{"tokens": 200_000}, {"cost_usd": 2.0}], ids=["tokens", "money"])
async def test_used_up_budget_is_answered_without_a_model(room: Room, used: dict[str, Any]) -> None:
    def use_up(run: dict[str, Any]) -> None:
        Run.objects.filter(id=run["id"]).update(**used, budget={**run["budget"], "cost_usd": 2.0})

    asked = await ask_meanwhile(room, ANSWER, before=use_up)
    assert "clarify" not in asked.purposes()
    assert (await asked.said()).startswith("The run has used up its budget, so no model was asked. What run 1 shows: The run is under way.")
    assert [reply["usage"] for reply in await asked.replies()] == [costs(0, 0, 0, 0)]


async def test_what_was_asked_meanwhile_brings_the_run_nearer_to_its_end(room: Room, settings: Any) -> None:
    """A run that is over its budget by it asks people for more, as by any other answer."""
    settings.WORKROOM_LIMITS = {"run_tokens": 320}
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Look"))["run"]
    with scripted({"chat": WORK, "clarify": [ANSWER]}) as model:
        await sync_to_async(room.say)(session, "How far are you?")
        await answer_questions()
        await run_until_idle()
    assert [asked.purpose for asked in model.asked] == ["clarify"]
    assert (await sync_to_async(room.run)(run))["status"] == "waiting"
    assert "320 tokens" in (await sync_to_async(room.request)(session))["title"]


async def test_answer_after_the_runs_end_is_counted_too(room: Room) -> None:
    """The run ended while the model thought about it; its snapshot and its events still say the same."""
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Look"))["run"]
    with scripted({"chat": [[TextDelta("done")]], "clarify": [[0.5, *ANSWER]]}):
        await sync_to_async(room.say)(session, "How far are you?")
        answering = asyncio.create_task(answer_questions())
        taken = await claim()
        await drive(taken.run_id, taken.attempt)
        await answering
    types = await sync_to_async(room.types)(session)
    assert types.index("run_completed") < types.index("clarifier_replied")
    assert (await sync_to_async(room.run)(run))["usage"] == costs(2, 300, 20, 0.25)
    check_contract(await sync_to_async(room.events)(session))
