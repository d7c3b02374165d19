"""Reads of work sessions: messages with what has been streamed of them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from boards.models import Card
from project.realtime.models import Event
from sessions.events import MessageDelta
from sessions.models import Message, WorkSession
from sessions.wire import MessageObject

SNAPSHOT_MESSAGES = 200


def find_card(session: WorkSession) -> Card | None:
    """The card a session is about; None without one, and once it is deleted."""
    return Card.objects.select_related("assignee").filter(id=session.card_id).first() if session.card_id else None


def newest_messages(session_id: UUID, most: int = SNAPSHOT_MESSAGES) -> tuple[list[Message], bool]:
    """The newest `most` messages, oldest first, and whether there are older ones."""
    rows = list(Message.objects.select_related("author").filter(session_id=session_id).order_by("-created", "-id")[: most + 1])
    return rows[:most][::-1], len(rows) > most


def messages_to_wire(messages: Sequence[Message]) -> list[MessageObject]:
    """The messages, those that are still streaming with their text so far."""
    texts = streamed_texts(message for message in messages if not message.complete)
    return [MessageObject.of(message, streamed=texts.get(message.id)) for message in messages]


def streamed_texts(messages: Iterable[Message]) -> dict[UUID, str]:
    """What the log holds of these messages' texts, by id."""
    texts: dict[UUID, str] = defaultdict(str)
    for message in messages:
        rows = Event.objects.filter(stream_id=message.session_id, subject=message.id, type=MessageDelta.event_type).order_by("seq")
        texts[message.id] = "".join(json.loads(text)["data"]["text"] for text in rows.values_list("text", flat=True))
    return dict(texts)


def count_card_sessions(card_id: UUID) -> int:
    """How many work sessions a card has had, deleted ones left out."""
    return WorkSession.objects.filter(card_id=card_id, deleted__isnull=True).count()
