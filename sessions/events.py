"""What happens in a work session, messages included. What happens to its runs is told by agents.events."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from project.realtime.events import Category, EventData, UiHint
from sessions.wire import MessageObject, SessionObject

CUT_CHARS = 8_000


def hint(component: str, priority: Literal["low", "medium", "high"] = "medium", *, collapsible: bool = False) -> UiHint:
    """A ui_hint."""
    return {"component": component, "priority": priority, "collapsible": collapsible}


class SessionEvent(EventData):
    """Base of everything in a session's stream."""

    stream_kind: ClassVar[Literal["board", "session"]] = "session"
    category: ClassVar[Category | None] = "status"


class _OfSession(SessionEvent):
    ui_hint: ClassVar[UiHint | None] = hint("session", "low")
    session: SessionObject
    reason: str | None = None

    def cut(self) -> EventData:
        return self.model_copy(update={"session": self.session.model_copy(update={"tools": []})})


class SessionStarted(_OfSession):
    event_type = "session_started"


class SessionEdited(_OfSession):
    event_type = "session_edited"


class SessionStopped(_OfSession):
    event_type = "session_stopped"
    ui_hint: ClassVar[UiHint | None] = hint("session", "medium")
    reason: Literal["completed", "stopped", "timeout", "error"]


class _OfMessage(SessionEvent):
    category: ClassVar[Category | None] = "response"
    ui_hint: ClassVar[UiHint | None] = hint("message", "high")
    message: MessageObject
    truncated: bool = False

    def cut(self) -> EventData:
        short = self.message.model_copy(update={"html": None, "content": self.message.content[:CUT_CHARS]})
        return self.model_copy(update={"message": short, "truncated": True})

    def payload(self, *, timestamp: float) -> dict[str, Any]:
        data = super().payload(timestamp=timestamp)
        if not self.truncated:
            del data["truncated"]
        return data


class MessageAdded(_OfMessage):
    event_type = "message_added"


class MessageCompleted(_OfMessage):
    event_type = "message_completed"


class MessageDelta(SessionEvent):
    """Text that belongs at `offset` (code points) of a message's content. Of these there are many, so they carry no hint."""

    event_type = "message_delta"
    category: ClassVar[Category | None] = None
    message: UUID
    offset: int
    text: str
