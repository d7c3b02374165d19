"""What was said in a work session before a run was asked for, and is in no summary yet."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from agents.models import Run, Summary
from sessions.models import Message

MOST_MESSAGES = 500
"""Read at once. Where there are more, the oldest are summed up before the others are read."""


@dataclass(frozen=True)
class Spoken:
    """One message of the conversation; `id` is its row's."""

    id: UUID
    role: str
    content: str


@dataclass(frozen=True)
class History:
    """The summary of what was said first, the messages after it, oldest first, and whether more follow them."""

    summary: str
    spoken: tuple[Spoken, ...]
    has_more: bool


def read_history(run_id: UUID) -> History:
    """The conversation before the run, as far as it is read at once."""
    asked = Run.objects.select_related("message").get(id=run_id).message
    summary = Summary.objects.select_related("through").filter(session=asked.session_id).first()
    messages = _said(asked)
    if summary is not None:
        messages = messages.filter(_after(summary.through))
    rows = list(messages.order_by("created", "id")[: MOST_MESSAGES + 1])
    spoken = tuple(Spoken(row.id, row.role, row.content) for row in rows[:MOST_MESSAGES])
    return History(summary.content if summary else "", spoken, len(rows) > MOST_MESSAGES)


def _said(asked: Message) -> QuerySet[Message]:
    """What belongs to the conversation with the agent: what the clarifier was asked and answered does not."""
    whole = Message.objects.filter(session=asked.session_id, complete=True, created__lt=asked.created).exclude(content="")
    return whole.exclude(via=Message.Via.CLARIFIER).exclude(handled_by=Message.HandledBy.CLARIFIER)


def _after(message: Message) -> Q:
    return Q(created__gt=message.created) | Q(created=message.created, id__gt=message.id)
