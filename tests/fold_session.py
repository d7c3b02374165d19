"""What a client makes of a session's events, written from PROTOCOL: fold(snapshot at n, events n+1…m) is the snapshot at m."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

State = dict[str, Any]
Event = Mapping[str, Any]

EMPTY: State = {
    "session": None,
    "messages": [],
    "has_older": False,
    "runs": [],
    "outputs": [],
    "tool_calls": [],
    "thoughts": [],
    "requests": [],
}
# What a snapshot shows that no event tells: nothing.
VOLATILE: frozenset[str] = frozenset()


def fold(state: State, events: Iterable[Event]) -> State:
    """The state after `events`."""
    state = deepcopy(state)
    for event in events:
        HANDLERS[event["type"]](state, event, deepcopy(event["data"]))
    return state


def _put(rows: list[dict[str, Any]], row: dict[str, Any], key: str = "id") -> None:
    for index, known in enumerate(rows):
        if known[key] == row[key]:
            rows[index] = row
            return
    rows.append(row)


def _find(rows: list[dict[str, Any]], value: str, key: str = "id") -> dict[str, Any]:
    return next(row for row in rows if row[key] == value)


def _time(event: Event) -> str:
    return datetime.fromtimestamp(round(event["timestamp"], 3), tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _same(moment: str | None) -> str | None:
    """A REST time in one spelling: the fraction is left out when it is zero."""
    return moment if moment is None or "." in moment else moment.replace("Z", ".000000Z")


def _session(state: State, event: Event, data: dict[str, Any]) -> None:
    state["session"] = data["session"]


def _message(state: State, event: Event, data: dict[str, Any]) -> None:
    _put(state["messages"], data["message"])


def _delta(state: State, event: Event, data: dict[str, Any]) -> None:
    message = _find(state["messages"], data["message"])
    assert len(message["content"]) == data["offset"], "a delta belongs at the end of what is there"
    message["content"] += data["text"]


def _run(state: State, event: Event, data: dict[str, Any]) -> None:
    _put(state["runs"], data["run"])


def _plan(state: State, event: Event, data: dict[str, Any]) -> None:
    _find(state["runs"], data["run"])["progress"] = data["progress"]


def _thought(state: State, event: Event, data: dict[str, Any]) -> None:
    thought = {name: data[name] for name in ("run", "step", "agent", "thought")}
    state["thoughts"].append({"id": event["id"], **thought, "created": _time(event)})


def _tool_executing(state: State, event: Event, data: dict[str, Any]) -> None:
    call = {name: data[name] for name in ("call", "run", "step", "agent", "tool_name", "parameters")}
    rest = {"status": "executing", "result": None, "success": None, "error": None, "truncated": False}
    state["tool_calls"].append({**call, **rest, "started": _time(event), "finished": None})


def _tool_completed(state: State, event: Event, data: dict[str, Any]) -> None:
    call = _find(state["tool_calls"], data["call"], "call")
    call |= {name: data[name] for name in ("status", "result", "success", "error", "truncated")} | {"finished": _time(event)}


def _agent_completed(state: State, event: Event, data: dict[str, Any]) -> None:
    run = _find(state["runs"], data["run"])
    run["progress"] = data["progress"]
    _use(run, data["usage"])


def _use(run: dict[str, Any], usage: dict[str, Any]) -> None:
    used = run["usage"]
    run["usage"] = {name: None if None in (used[name], more) else used[name] + more for name, more in usage.items()}


def _clarified(state: State, event: Event, data: dict[str, Any]) -> None:
    _use(_find(state["runs"], data["about"]), data["usage"])


def _output(state: State, event: Event, data: dict[str, Any]) -> None:
    _put(state["outputs"], data["output"])


def _request(state: State, event: Event, data: dict[str, Any]) -> None:
    _put(state["requests"], data["request"])


def _nothing(state: State, event: Event, data: dict[str, Any]) -> None:
    """Tells what is under way, and changes nothing that a snapshot shows."""


HANDLERS: Mapping[str, Callable[[State, Event, dict[str, Any]], None]] = {
    **dict.fromkeys(("session_started", "session_edited", "session_stopped"), _session),
    **dict.fromkeys(("message_added", "message_completed"), _message),
    "message_delta": _delta,
    **dict.fromkeys(("run_queued", "run_started", "run_waiting", "run_resumed", "run_cancelling"), _run),
    **dict.fromkeys(("run_completed", "run_failed", "run_cancelled"), _run),
    "plan_made": _plan,
    "agent_thinking": _thought,
    "tool_executing": _tool_executing,
    "tool_completed": _tool_completed,
    "agent_completed": _agent_completed,
    "output_added": _output,
    **dict.fromkeys(("request_opened", "request_answered", "request_expired"), _request),
    **dict.fromkeys(("run_delayed", "agent_started"), _nothing),
    "clarifier_replied": _clarified,
}


def comparable(state: State) -> State:
    """The state with times in one spelling and what has the same time in one order."""
    shown: State = _normal({name: value for name, value in state.items() if name not in VOLATILE})
    shown["tool_calls"].sort(key=lambda call: str(call["call"]))
    shown["outputs"].sort(key=lambda output: str(output["id"]))
    return shown


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _same(each) if name in _TIMES else _normal(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_normal(each) for each in value]
    return value


_TIMES = {"created", "updated", "started", "finished", "ended", "expires"}
