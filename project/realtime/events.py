"""The shape of events: the base of their payloads, the registry of types, and the encoding of the envelope."""

import json
from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias, TypedDict

from pydantic import BaseModel, ConfigDict

from project.accounts.models import User

Category: TypeAlias = Literal["step", "thought", "planning", "output", "response", "status", "request", "error"]


class UiHint(TypedDict):
    """Where a session event is shown, how loudly, and whether it may be folded."""

    component: str
    priority: Literal["low", "medium", "high"]
    collapsible: bool


class EventData(BaseModel):
    """Base of every event's `data`. A subclass names its `event_type` (past tense) and the kind of stream it belongs to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event_type: ClassVar[str] = ""
    stream_kind: ClassVar[Literal["board", "session"]] = "board"
    category: ClassVar[Category | None] = None
    ui_hint: ClassVar[UiHint | None] = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.event_type:
            _types[cls.event_type] = cls

    def cut(self) -> "EventData":
        """A smaller form for an event above the size limit (html null, contents cut); itself where nothing can go."""
        return self

    def payload(self, *, timestamp: float) -> dict[str, object]:
        """`data` as sent. Events that repeat the envelope's time in their data override this."""
        del timestamp
        return self.model_dump(mode="json")


_types: dict[str, type[EventData]] = {}


def event_types() -> Mapping[str, type[EventData]]:
    """Every event type by name."""
    return _types


def user_to_wire(user: User) -> dict[str, object]:
    """The user object of PROTOCOL §5."""
    return {"id": str(user.id), "username": user.username, "kind": user.kind}


def encode(frame: Mapping[str, object]) -> str:
    """One JSON text, as short as it gets."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
