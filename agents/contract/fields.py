"""What each event of a work session must carry (PROTOCOL §3), as a table of field names and checks."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from agents.contract.entries import Entry, Fault, as_number, text_of

Check = Callable[[Any], bool]
Fields = Mapping[str, Check]


def name(value: Any) -> bool:
    """A string that isn't empty."""
    return text_of(value) is not None


def text(value: Any) -> bool:
    """A string."""
    return isinstance(value, str)


def number(value: Any) -> bool:
    """A finite number."""
    return as_number(value) is not None


def count(value: Any) -> bool:
    """A whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def mapping(value: Any) -> bool:
    """An object."""
    return isinstance(value, dict)


def anything(value: Any) -> bool:
    """Any value, null too."""
    return True


def maybe_name(value: Any) -> bool:
    """A string that isn't empty, or null."""
    return value is None or name(value)


def maybe_mapping(value: Any) -> bool:
    """An object, or null."""
    return value is None or mapping(value)


def objects(value: Any) -> bool:
    """A list of objects with an id."""
    return isinstance(value, list) and all(isinstance(each, dict) and name(each.get("id")) for each in value)


def with_id(value: Any) -> bool:
    """An object with an id."""
    return isinstance(value, dict) and name(value.get("id"))


REQUIRED: Mapping[str, Fields] = {
    "agent_started": {"agent_id": name, "message": text, "timestamp": number},
    "agent_thinking": {"agent_id": name, "thought": text, "timestamp": number},
    "tool_executing": {"tool_name": name, "parameters": mapping, "timestamp": number},
    "tool_completed": {"tool_name": name, "result": anything, "timestamp": number},
    "agent_completed": {"agent_id": name, "result": text, "timestamp": number},
}
"""The five events, in any system."""

FIVE = tuple(REQUIRED)

_STEP: Fields = {"run": name, "agent": name, "step": name, "subtask": maybe_name, "attempt": count}
_RUN: Fields = {"run": with_id}
_SESSION: Fields = {"session": with_id}
_MESSAGE: Fields = {"message": with_id}
_REQUEST: Fields = {"request": with_id}

BESIDE: Mapping[str, Fields] = {
    "agent_started": _STEP,
    "agent_thinking": {**_STEP, "index": count, "final": flag},
    "tool_executing": {**_STEP, "call": name, "agent_id": name, "title": text, "class": name},
    "tool_completed": {
        **_STEP,
        "call": name,
        "agent_id": name,
        "success": flag,
        "summary": text,
        "duration_ms": count,
        "error": maybe_mapping,
        "truncated": flag,
    },
    "agent_completed": {**_STEP, "success": flag, "duration_ms": count, "usage": mapping, "error": maybe_mapping},
    "session_started": _SESSION,
    "session_edited": _SESSION,
    "session_stopped": {**_SESSION, "reason": name},
    "message_added": _MESSAGE,
    "message_delta": {"message": name, "offset": count, "text": text},
    "message_completed": _MESSAGE,
    **dict.fromkeys(("run_queued", "run_started", "run_waiting", "run_cancelling", "run_completed", "run_failed", "run_cancelled"), _RUN),
    "run_resumed": {**_RUN, "reason": name},
    "run_delayed": {"run": name, "reason": text, "try": count, "tries": count, "retry_at": name},
    "plan_made": {**_STEP, "output": name, "subtasks": objects},
    "output_added": {"output": with_id},
    "request_opened": _REQUEST,
    "request_answered": _REQUEST,
    "request_expired": {**_REQUEST, "reason": name},
    "clarifier_replied": {"message": name},
}
"""What events in the log of a work session have besides, and those that only it has."""

ENVELOPE: Fields = {"seq": count, "id": name, "stream": name, "timestamp": number, "actor": maybe_mapping, "ref": maybe_name}
_SHOWN: Fields = {"category": name, "ui_hint": mapping}
_HAS_NO_HINT = "message_delta"


def check_fields(entry: Entry) -> Iterator[Fault]:
    """Fields that are missing or of another kind, and a timestamp that isn't the envelope's."""
    if entry.is_envelope:
        yield from _check(entry, ENVELOPE, entry.envelope, "")
        yield from _check(entry, _SHOWN if entry.type != _HAS_NO_HINT else {}, entry.envelope, "")
        if entry.type not in BESIDE:
            yield entry.fault("malformed", "unknown_type", f"{entry.type} is no event of a work session.")
        yield from _check(entry, BESIDE.get(entry.type, {}), entry.data, "data.")
    yield from _check(entry, REQUIRED.get(entry.type, {}), entry.data, "data.")
    yield from _check_time(entry)


def _check(entry: Entry, fields: Fields, values: Mapping[str, Any], prefix: str) -> Iterator[Fault]:
    for field, is_good in fields.items():
        if field not in values:
            yield entry.fault("malformed", "missing_field", f"{entry.type} has no {prefix}{field}.")
        elif not is_good(values[field]):
            wanted = (is_good.__doc__ or "").rstrip(".").lower()
            yield entry.fault("malformed", "wrong_field", f"{prefix}{field} of {entry.type} should be {wanted}.")


def _check_time(entry: Entry) -> Iterator[Fault]:
    inner, outer = as_number(entry.data.get("timestamp")), as_number(entry.envelope.get("timestamp"))
    if entry.type in REQUIRED and inner is not None and outer is not None and inner != outer:
        yield entry.fault("malformed", "other_timestamp", f"data.timestamp of {entry.type} is {inner}, its envelope's {outer}.")
