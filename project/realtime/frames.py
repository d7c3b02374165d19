"""The frames of PROTOCOL §3: what the server sends besides events, and how a client's frame is read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import Field

from project.errors import AppError
from project.limits import limits
from project.realtime.events import encode, user_to_wire
from project.realtime.log import Item
from project.wire import Id, Payload

if TYPE_CHECKING:
    from project.realtime.cursor import Cursor

PROTOCOL = 1

# Close codes. Below 4500 the client comes back by itself, from 4500 on it does not.
GOING_AWAY, TOO_SLOW, SERVER_ERROR, RATE_LIMITED = 4001, 4002, 4004, 4008
BAD_PROTOCOL, NOT_AUTHENTICATED, NO_ACCESS, FRAME_TOO_LARGE, TOO_MANY_CONNECTIONS = 4500, 4501, 4502, 4503, 4504

CLOSE_NAMES = {
    GOING_AWAY: "going_away",
    TOO_SLOW: "too_slow",
    SERVER_ERROR: "server_error",
    RATE_LIMITED: "rate_limited",
    BAD_PROTOCOL: "bad_protocol",
    NOT_AUTHENTICATED: "not_authenticated",
    NO_ACCESS: "no_access",
    FRAME_TOO_LARGE: "too_large",
    TOO_MANY_CONNECTIONS: "too_many_connections",
}


class ClientFrame(Payload):
    """The outer shape of every frame from a client."""

    type: str = Field(max_length=40)
    ref: Id | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class Ack(Payload):
    seq: int = Field(ge=0)


class Sync(Payload):
    after: int = Field(ge=0)
    epoch: str = Field(max_length=64)


class Viewing(Payload):
    card: Id | None


class Nothing(Payload):
    """No data at all."""


def reply_frame(ref: UUID, reply: dict[str, Any]) -> str:
    """The good reply to `ref`."""
    return encode({"type": "reply", "ref": str(ref), "ok": True, "data": reply})


def refusal_frame(ref: UUID, error: AppError) -> str:
    """The refusal of `ref`."""
    return encode({"type": "reply", "ref": str(ref), "ok": False, "error": error.to_wire()})


def error_frame(error: AppError, timestamp: float) -> str:
    """An error that belongs to no ref."""
    return encode({"type": "error", "error": error.to_wire(), "timestamp": timestamp})


def reset_frame(reason: Literal["epoch", "ahead", "too_far_behind"], snapshot: str) -> str:
    """Tells the client to load the snapshot and to sync from there."""
    return encode({"type": "reset", "data": {"reason": reason, "snapshot": snapshot}})


def heartbeat_frame(head: int, timestamp: float) -> str:
    """A sign of life that carries the stream's head."""
    return encode({"type": "heartbeat", "data": {"seq": head, "timestamp": timestamp}})


def join_events(items: Sequence[Item]) -> str:
    """One frame of these events: the event itself when it is one, else an `events` frame."""
    if len(items) == 1:
        return items[0].text
    return '{"type":"events","events":[' + ",".join(item.text for item in items) + "]}"


def close_reason(code: int, retry_ms: int | None = None) -> str:
    """The JSON reason of a close, at most 120 bytes."""
    reason: dict[str, object] = {"code": CLOSE_NAMES[code]}
    if retry_ms is not None:
        reason["retry_ms"] = retry_ms
    return encode(reason)


def hello_frame(cursor: "Cursor") -> str:
    """The first frame on a stream: who one is here, where the stream stands, and the limits."""
    followed = cursor.followed
    data = {
        "protocol": PROTOCOL,
        "stream": str(followed.key),
        "epoch": followed.epoch,
        "seq": followed.head,
        "floor": 0,
        "user": user_to_wire(cursor.user),
        "role": cursor.role,
        "heartbeat_s": limits().heartbeat_s,
        "limits": limits_to_wire(),
    }
    return encode({"type": "hello", "data": data})


def limits_to_wire() -> dict[str, object]:
    """The limits a client is told in `hello`."""
    now = limits()
    return {
        "frame_bytes": now.frame_bytes,
        "text_chars": now.text_chars,
        "event_bytes": now.event_bytes,
        "commands_per_s": now.commands_per_s,
        "commands_burst": now.commands_burst,
        "ack_events": now.ack_events,
        "ack_bytes": now.ack_bytes,
        "replay_events": now.replay_events,
    }
