"""Storing what came of a step: its message closed, its output kept, the step ended, all told at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.emit import MessageClosed, OutputMade, StepFinished
from agents.services.outputs import OutputFacts
from agents.services.scope import Step
from agents.workflows.desk import Desk
from agents.workflows.turn import Turn
from agents.workflows.written import write_up


@dataclass(frozen=True)
class Result:
    """What an answer is kept as; `key` names it in the run's journal."""

    key: str
    kind: str
    title: str
    data: Mapping[str, Any] | None = None


async def hand_in(desk: Desk, step: Step, turn: Turn, result: Result) -> None:
    """Keep the model's answer as the step's result."""
    written = await write_up(turn.text)
    closing = [] if turn.message_id is None else [MessageClosed(turn.message_id, written.text, written.html)]
    facts = OutputFacts(result.key, result.kind, result.title, written.text, written.html, result.data, turn.message_id)
    await desk.emit(*closing, OutputMade(step, facts), StepFinished(step, written.gist))
