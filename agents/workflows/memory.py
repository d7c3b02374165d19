"""The memory of a conversation: what no longer fits the model's window is summed up, stored with the work session, and used again."""

from collections.abc import Sequence

from agents.emit import StepFinished, StepStarted, SummaryMade
from agents.llm.answer import estimate
from agents.llm.port import ModelMessage
from agents.workflows.desk import Desk
from agents.workflows.history import History, Spoken, read_history
from agents.workflows.prompting import ask_in_conversation, ask_to_sum_up
from agents.workflows.turn import Question, take_turn
from project.realtime.db import run_db

KEPT = 2
"""The newest messages are never summed up: what is asked now is mostly about them."""


async def converse(desk: Desk) -> list[ModelMessage]:
    """The messages of a chat. The conversation takes at most half of the model's window: tools and the answer need room as well."""
    while True:
        history = await run_db(read_history, desk.attempt.run_id)
        count = _too_many(history, desk.facts.window)
        if not count:
            return ask_in_conversation(desk.facts, history.summary, history.spoken)
        await _sum_up(desk, history.summary, history.spoken[:count])


def _too_many(history: History, window: int) -> int:
    """How many of the oldest messages are to be summed up now: what one summary takes, until the others fit."""
    spoken = history.spoken
    if history.has_more:
        return _oldest(spoken[: len(spoken) // 2], window, at_least=0)
    if _tokens(history.summary, spoken) <= window // 2 or len(spoken) <= KEPT:
        return 0
    # Down to a quarter, so that not every further message makes a summary.
    return _oldest(spoken[:-KEPT], window, at_least=_tokens("", spoken) - window // 4)


def _oldest(history: Sequence[Spoken], window: int, *, at_least: int) -> int:
    """How many of these messages come to `at_least` so many tokens, all where that is 0, and to half of the window at most, one aside."""
    taken = 0
    for count, each in enumerate(history, start=1):
        taken += estimate(len(each.content))
        if taken >= window // 2 or 0 < at_least <= taken:
            return count
    return len(history)


async def _sum_up(desk: Desk, summary: str, old: Sequence[Spoken]) -> None:
    """Store a new summary that takes in these messages: a step that everybody in the room sees."""
    through = old[-1].id
    step = desk.step(f"summary/{through}", role="assistant")
    await desk.emit(StepStarted(step, "Summing up the older messages"))
    turn = await take_turn(desk, Question(step, "summarise", ask_to_sum_up(desk.facts, summary, old)))
    await desk.emit(SummaryMade(through, turn.text), StepFinished(step, f"Summed up {len(old)} messages"))


def _tokens(summary: str, history: Sequence[Spoken]) -> int:
    return estimate(len(summary)) + sum(estimate(len(each.content)) for each in history)
