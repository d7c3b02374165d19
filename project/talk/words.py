"""Events in words for a terminal: one small function per event type, in one table."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from project.client import Event

_MOST = 300


@dataclass(frozen=True)
class Line:
    """One entry on the screen."""

    text: str
    style: str = ""


def words_of(event: Event) -> Line | None:
    """What to show of an event; None for those whose text is shown otherwise, or that say nothing new."""
    known = WORDS.get(event.type)
    return known(event.data) if known else Line(_cut(compact(event.data)), "muted")


def count(number: int, noun: str) -> str:
    """The noun with its number: 1 event, 2 events."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def compact(value: object) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def for_programs(value: object) -> str:
    """JSON on one line, in ASCII: nothing in it could act on a terminal, so that the screen leaves it as it is."""
    return json.dumps(value)


def parameters_text(parameters: dict[str, Any]) -> str:
    """What a tool is called with, by name: databases keep an order of their own."""
    return json.dumps(parameters, ensure_ascii=False, sort_keys=True)


def _cut(text: str, most: int = _MOST) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def usage_text(usage: dict[str, Any]) -> str:
    """What a run has used."""
    tokens = usage["input_tokens"] + usage["output_tokens"]
    cost = "price unknown" if usage["cost_usd"] is None else f"${usage['cost_usd']:.4f}" if tokens else "no cost"
    return f"{count(usage['requests'], 'model call')}, {count(tokens, 'token')}, {cost}, {count(usage['tool_calls'], 'tool call')}"


def _nothing(_: dict[str, Any]) -> None:
    return None


def _session(data: dict[str, Any]) -> Line:
    session = data["session"]
    reason = f", {data['reason']}" if data.get("reason") else ""
    return Line(f"{session['title'] or 'No title'} · {session['workflow']} · {session['status']}, {session['phase']}{reason}", "muted")


def run_text(run: dict[str, Any]) -> str:
    """A run by its name."""
    model = "rules, no language model" if run["model"]["adapter"] == "rules" else run["model"]["name"] or run["model"]["adapter"]
    refines = f", {run['relation']}" if run["relation"] else ""
    return f"Run {run['number']}: {run['workflow']} by {run['agent']} ({model}){refines}"


def _queued(data: dict[str, Any]) -> Line:
    place = data["run"]["position"]
    return Line(run_text(data["run"]) + (f", place {place} in line" if (place or 0) > 1 else ""), "muted")


def _run_moved(data: dict[str, Any]) -> Line:
    reason = f" ({data['reason']})" if data.get("reason") else ""
    return Line(f"Run {data['run']['number']}{reason}", "muted")


def _delayed(data: dict[str, Any]) -> Line:
    return Line(f"{data['reason']}: try {data['try']} of {data['tries']} at {data['retry_at']}", "warn")


def _completed(data: dict[str, Any]) -> Line:
    return Line(f"Run {data['run']['number']} · {usage_text(data['run']['usage'])}", "good")


def _failed(data: dict[str, Any]) -> Line:
    error = data["run"]["error"] or {"code": "unknown", "message": "It doesn't say why.", "hint": ""}
    return Line(" ".join(part for part in (error["message"], error["hint"], f"({error['code']})") if part), "error")


def _plan(data: dict[str, Any]) -> Line:
    steps = data["subtasks"]
    names = {step["id"]: number for number, step in enumerate(steps, 1)}
    shown = [count(len(steps), "step")]
    for number, step in enumerate(steps, 1):
        needs = ", ".join(str(names.get(need, need)) for need in step["needs"])
        shown.append(f"{number}. {step['title']} ({step['role']}{f', after {needs}' if needs else ''})")
    return Line("\n".join(shown))


def _started(data: dict[str, Any]) -> Line:
    role = f" ({data['role']})" if data.get("role") else ""
    return Line(f"{data['agent']}{role}: {_cut(data['message'])}", "agent")


def _thinking(data: dict[str, Any]) -> Line:
    return Line(_cut(data["thought"]), "muted")


def _executing(data: dict[str, Any]) -> Line:
    return Line(f"{data['tool_name']} {_cut(parameters_text(data['parameters']))}")


def _tool_completed(data: dict[str, Any]) -> Line:
    took = f" · {data['duration_ms']} ms" if data.get("duration_ms") is not None else ""
    said = data.get("summary") or (data.get("error") or {}).get("message") or data["result"]
    return Line(f"{data['tool_name']}: {_cut(said)}{took}", "good" if data.get("success", True) else "error")


def _agent_completed(data: dict[str, Any]) -> Line:
    failure = (data.get("error") or {}).get("message") or "failed"
    return Line(f"{data['agent']}: " + (f"done: {_cut(data['result'], 120)}" if data.get("success", True) else failure), "agent")


def _output(data: dict[str, Any]) -> Line:
    return Line(f"{data['output']['kind']}: {data['output']['title'] or _cut(data['output']['content'], 80)}", "muted")


def _answered(data: dict[str, Any]) -> Line:
    request = data["request"]
    who = request["answered_by"]["username"] if request["answered_by"] else "nobody"
    note = f": {request['note']}" if request["note"] else ""
    return Line(f"{request['title']}: {request['status']} by {who}{note}", "good")


def _expired(data: dict[str, Any]) -> Line:
    return Line(f"{data['request']['title']}: {data['reason']}", "warn")


WORDS: Mapping[str, Callable[[dict[str, Any]], Line | None]] = {
    "session_started": _session,
    "session_edited": _nothing,
    "session_stopped": _session,
    "message_added": _nothing,
    "message_delta": _nothing,
    "message_completed": _nothing,
    "run_queued": _queued,
    "run_started": _run_moved,
    "run_waiting": _run_moved,
    "run_resumed": _run_moved,
    "run_delayed": _delayed,
    "run_cancelling": _run_moved,
    "run_completed": _completed,
    "run_failed": _failed,
    "run_cancelled": _run_moved,
    "plan_made": _plan,
    "agent_started": _started,
    "agent_thinking": _thinking,
    "tool_executing": _executing,
    "tool_completed": _tool_completed,
    "agent_completed": _agent_completed,
    "output_added": _output,
    "request_opened": _nothing,
    "request_answered": _answered,
    "request_expired": _expired,
    "clarifier_replied": _nothing,
}
