"""What a graph puts out, by type. agents/handlers.py says what is stored and told of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from agents.events import SubtaskObject
from agents.services.calls import CallFacts
from agents.services.outputs import OutputFacts
from agents.services.performance import ReportFacts
from agents.services.requests import RequestDraft
from agents.services.scope import Step
from agents.wire import ErrorObject, UsageObject


@dataclass(frozen=True)
class StepStarted:
    step: Step
    message: str


@dataclass(frozen=True)
class TurnStarting:
    """The model is about to be asked: the run's rights and its budget are looked at, and the turn is counted."""

    step: Step


@dataclass(frozen=True)
class TurnCounted:
    step: Step
    usage: UsageObject


@dataclass(frozen=True)
class Thought:
    """A readable piece of reasoning. Goes through the log writer."""

    step: Step
    text: str
    index: int
    is_final: bool


@dataclass(frozen=True)
class MessageOpened:
    """A message begins, with the first piece of its text: told in one change, so that nobody waits for two."""

    step: Step
    key: str
    text: str


@dataclass(frozen=True)
class MessageText:
    """The next piece of a message. Goes through the log writer."""

    message_id: UUID
    offset: int
    text: str


@dataclass(frozen=True)
class MessageClosed:
    message_id: UUID
    content: str
    html: str
    interrupted: bool = False


@dataclass(frozen=True)
class ToolStarted:
    step: Step
    call: CallFacts


@dataclass(frozen=True)
class ToolFinished:
    call_id: UUID
    status: Literal["completed", "failed", "denied"]
    summary: str
    result: str | None = None
    error: ErrorObject | None = None


@dataclass(frozen=True)
class PlanMade:
    """The plan, stored as an output of kind plan before."""

    step: Step
    output_key: str
    subtasks: tuple[SubtaskObject, ...]


@dataclass(frozen=True)
class OutputMade:
    step: Step
    facts: OutputFacts


@dataclass(frozen=True)
class ReportMade:
    """What a measuring gave: an output of kind performance, and a row of its own."""

    step: Step
    facts: ReportFacts


@dataclass(frozen=True)
class SummaryMade:
    """The older part of the conversation, summed up; `through` is the last message it covers."""

    through: UUID
    content: str


@dataclass(frozen=True)
class RequestMade:
    step: Step
    draft: RequestDraft


@dataclass(frozen=True)
class Delayed:
    """The provider is busy or failing; the run tries again at `retry_at`."""

    reason: str
    attempted: int
    tries: int
    retry_at: datetime


@dataclass(frozen=True)
class StepFinished:
    step: Step
    result: str
    error: ErrorObject | None = None


Stored: TypeAlias = (
    StepStarted
    | TurnStarting
    | TurnCounted
    | MessageOpened
    | MessageClosed
    | ToolStarted
    | ToolFinished
    | PlanMade
    | OutputMade
    | ReportMade
    | SummaryMade
    | RequestMade
    | Delayed
    | StepFinished
)
"""Outputs that go into a change of the run."""

Streamed: TypeAlias = Thought | MessageText
"""Outputs that only add to the log."""

REPORTING: tuple[type, ...] = (RequestMade, Delayed)
"""Outputs of which the card is told in the same change."""
