"""The memory of a conversation: what no longer fits the model's window is summed up, stored with the work session, and used again."""

from collections.abc import Sequence

from agents.emit import StepFinished, StepStarted, SummaryMade
from agents.llm.answer import estimate
from agents.llm.port import ModelMessage
from agents.workflows.desk import Desk
from agents.workflows.facts import Spoken
from agents.workflows.prompting import ask_in_conversation, ask_to_sum_up
from agents.workflows.turn import Question, take_turn

KEPT = 2
"""The newest messages are never summed up: what is asked now is mostly about them."""


async def converse(desk: Desk) -> list[ModelMessage]:
    """The messages of a chat. The conversation takes at most half of the model's window: tools and the answer need room as well."""
    summary, history = desk.facts.summary, desk.facts.history
    while _tokens(summary, history) > desk.facts.window // 2 and len(history) > KEPT:
        count = _oldest(history, desk.facts.window)
        summary = await _sum_up(desk, summary, history[:count])
        history = history[count:]
    return ask_in_conversation(desk.facts, summary, history)


def _oldest(history: Sequence[Spoken], window: int) -> int:
    """How many of the oldest messages to sum up at once: until the rest takes a quarter of the window, and no more than half of it."""
    left, taken = _tokens("", history), 0
    for count, each in enumerate(history[: len(history) - KEPT], start=1):
        taken += estimate(len(each.content))
        if left - taken <= window // 4 or taken >= window // 2:
            return count
    return len(history) - KEPT


async def _sum_up(desk: Desk, summary: str, old: Sequence[Spoken]) -> str:
    """The new summary, stored: a step that everybody in the room sees."""
    through = old[-1].id
    step = desk.step(f"summary/{through}", role="assistant")
    await desk.emit(StepStarted(step, "Summing up the older messages"))
    turn = await take_turn(desk, Question(step, "summarise", ask_to_sum_up(desk.facts, summary, old)))
    await desk.emit(SummaryMade(through, turn.text), StepFinished(step, f"Summed up {len(old)} messages"))
    return turn.text


def _tokens(summary: str, history: Sequence[Spoken]) -> int:
    return estimate(len(summary)) + sum(estimate(len(each.content)) for each in history)
