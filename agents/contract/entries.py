"""One event of a stream that is judged, and how entries are read from JSON lines, frames and stored envelopes."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
Kind = Literal["malformed", "missing", "out_of_order", "duplicate", "foreign"]

CONTROLS = frozenset(
    {"hello", "reply", "reset", "heartbeat", "presence", "agent_activity", "typing", "viewing", "pong", "ping", "ack", "sync", "error"}
)
"""Frames that are no events. A recording of a socket holds them too."""

# What recordings put before the JSON: wscat's mark of what came in, and the field name of server-sent events.
_PREFIXES = ("< ", "data:")
_SSE_LINES = (":", "id:", "event:", "retry:")
_SHOWN_CHARS = 300
# Longer than any id; a stream from outside may hold anything, and reports repeat names.
_NAME_CHARS = 200


@dataclass(frozen=True)
class Fault:
    """Something wrong with a stream: at which line (or place), which event, and which rule it breaks."""

    line: int
    kind: Kind
    rule: str
    message: str
    type: str = ""
    seq: int | None = None


@dataclass(frozen=True)
class Entry:
    """An event: its place among all, type and data, and of the envelope what there is. `received` is when it arrived."""

    line: int
    type: str
    data: Json
    envelope: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_envelope(self) -> bool:
        """Whether it comes from a stream of Workroom's, not from a foreign system that sends type and data alone."""
        return "seq" in self.envelope

    @property
    def seq(self) -> int | None:
        seq = self.envelope.get("seq")
        return seq if isinstance(seq, int) and not isinstance(seq, bool) else None

    @property
    def timestamp(self) -> float | None:
        """Seconds of the envelope, else of the data."""
        return as_number(self.envelope.get("timestamp", self.data.get("timestamp")))

    @property
    def received(self) -> float | None:
        return as_number(self.envelope.get("received"))

    @property
    def run(self) -> str | None:
        """The run it is about: named in its data, or in the object in it."""
        run = self.data.get("run")
        if isinstance(run, dict):
            return text_of(run.get("id"))
        named = (text_of(self.part(name).get("run")) for name in ("message", "output", "request"))
        return text_of(run) or next((each for each in named if each), None)

    def part(self, name: str) -> Json:
        """An object in the data; an empty one where it is none, which another rule reports."""
        value = self.data.get(name)
        return value if isinstance(value, dict) else {}

    def fault(self, kind: Kind, rule: str, message: str) -> Fault:
        return Fault(self.line, kind, rule, message, self.type, self.seq)

    def __str__(self) -> str:
        return f"{self.type} ({f'seq {self.seq}' if self.seq is not None else f'line {self.line}'})"


Item: TypeAlias = Entry | Fault | None
"""What a line holds: an event, nothing that can be one (a fault), or a frame that is none."""


def text_of(value: object) -> str | None:
    """A string that can be a name or an id, else None."""
    return value if isinstance(value, str) and 0 < len(value) <= _NAME_CHARS else None


def as_number(value: object) -> float | None:
    """A finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def read_lines(lines: Iterable[str]) -> Iterator[Item]:
    """The events in JSON lines, empty lines passed over: envelopes, `{type, data}` alone, or the frames of a socket."""
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith(_SSE_LINES):
            continue
        for prefix in _PREFIXES:
            line = line.removeprefix(prefix)
        yield from _read_line(number, line)


def _read_line(number: int, line: str) -> Iterator[Item]:
    try:
        value = json.loads(line)
        json.dumps(value, ensure_ascii=False).encode()  # refuses lone surrogates, which nothing can show
    except (ValueError, RecursionError) as error:
        yield Fault(number, "malformed", "not_json", f"This isn't JSON ({error}): {line[:_SHOWN_CHARS]}")
        return
    yield from read_value(number, value)


def read_value(line: int, value: object) -> Iterator[Item]:
    """The events in one decoded line or frame."""
    if isinstance(value, dict) and value.get("type") == "events" and isinstance(value.get("events"), list):
        received = {"received": value["received"]} if "received" in value else {}
        for each in value["events"]:
            yield _read_event(line, received | each if isinstance(each, dict) else each)
    else:
        yield _read_event(line, value)


def _read_event(line: int, value: object) -> Item:
    if not isinstance(value, dict):
        return Fault(line, "malformed", "not_an_event", "This is no JSON object with `type` and `data`.")
    kind, data = text_of(value.get("type")), value.get("data")
    if kind is None:
        return Fault(line, "malformed", "not_an_event", "This has no `type`, or one that is no name.")
    if kind in CONTROLS and "seq" not in value:
        return None
    if not isinstance(data, dict):
        return Fault(line, "malformed", "not_an_event", f"This {kind} has no object `data`.", kind)
    return Entry(line, kind, data, {name: each for name, each in value.items() if name not in ("type", "data")})
