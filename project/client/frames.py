"""What a server sends, as the client gives it on, and how a text becomes that."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class User:
    id: str
    username: str
    kind: str


@dataclass(frozen=True)
class Hello:
    """The first frame of a connection: what is followed, where it stands (`seq`), and who one is there."""

    protocol: int
    stream: str
    epoch: str
    seq: int
    user: User
    role: str
    heartbeat_s: float
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Event:
    """One event of the stream; `envelope` is the object as it came."""

    type: str
    seq: int
    id: str
    stream: str
    timestamp: float
    actor: User | None
    ref: str | None
    data: Json
    envelope: Json


@dataclass(frozen=True)
class Notice:
    """A frame outside the log: presence, agent_activity, typing, error (then `data` is the error object)."""

    type: str
    data: Json


@dataclass(frozen=True)
class Joined:
    """A connection stands, the first one or one after a loss. Events go on where they were."""

    hello: Hello


@dataclass(frozen=True)
class Lost:
    """The connection is gone (close `code`, 1006 when it broke); the next try comes after `retry_in_s` seconds."""

    code: int
    retry_in_s: float


@dataclass(frozen=True)
class Snapshot:
    """The state as of `seq`. After a reset (`reason`) it replaces everything known; the events that follow go on from it."""

    stream: str
    seq: int
    epoch: str
    state: Json
    reason: str = ""


Item = Event | Notice | Joined | Lost | Snapshot
"""What iterating over a followed stream gives."""


def read_user(user: Json) -> User:
    """The user object."""
    return User(id=user["id"], username=user["username"], kind=user["kind"])


def read_hello(data: Json) -> Hello:
    """The data of a hello frame."""
    names = ("protocol", "stream", "epoch", "seq", "role", "heartbeat_s", "limits")
    return Hello(user=read_user(data["user"]), **{name: data[name] for name in names})


def read_event(envelope: Json) -> Event:
    """An event from its envelope."""
    names = ("type", "seq", "id", "stream", "timestamp", "ref", "data")
    actor = envelope["actor"]
    return Event(actor=read_user(actor) if actor else None, envelope=envelope, **{name: envelope[name] for name in names})


def read_snapshot(body: Json, reason: str = "") -> Snapshot:
    """The body of GET …/snapshot/."""
    return Snapshot(stream=body["stream"], seq=body["seq"], epoch=body["epoch"], state=body["state"], reason=reason)


def command_frame(name: str, ref: str, data: Json) -> str:
    """The text of a command."""
    return json.dumps({"type": name, "ref": ref, "data": data})


def control_frame(name: str, data: Json) -> str:
    """The text of a control frame, which has no ref and no reply."""
    return json.dumps({"type": name, "data": data})
