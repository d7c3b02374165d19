"""What PROTOCOL §3 promises about the order of a session's events, as a list of broken promises. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

Event = dict[str, Any]

_LAST = ("run_completed", "run_failed", "run_cancelled")


def broken_promises(events: Sequence[Event]) -> list[str]:
    """Everything in a session's events, from its first on, that the contract forbids."""
    return [*_holes(events), *_runs(events), *_steps(events), *_calls(events), *_messages(events), *_thoughts(events)]


def run_of(event: Event) -> str | None:
    """The run an event is about."""
    run = event["data"].get("run")
    run_id: str | None = run["id"] if isinstance(run, dict) else run
    return run_id


def _holes(events: Sequence[Event]) -> Iterator[str]:
    if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
        yield "the log is not dense"


def _runs(events: Sequence[Event]) -> Iterator[str]:
    """Exactly one of the last events for every run, and nothing of that run after it."""
    over: set[str] = set()
    begun: set[str] = set()
    for event in events:
        run = run_of(event)
        if run is None:
            continue
        if run in over:
            yield f"{event['type']} (seq {event['seq']}) after the end of its run"
        begun.add(run)
        if event["type"] in _LAST:
            over.add(run)
    for run in begun - over:
        yield f"run {run} has no last event"


def _steps(events: Sequence[Event]) -> Iterator[str]:
    """agent_started comes before anything else of its step, and one agent_completed follows."""
    started, completed = Counter[str](), Counter[str]()
    for event in events:
        step = event["data"].get("step")
        if step is None:
            continue
        if event["type"] == "agent_started":
            started[step] += 1
        elif not started[step]:
            yield f"{event['type']} (seq {event['seq']}) before its step started"
        if completed[step]:
            yield f"{event['type']} (seq {event['seq']}) after its step was completed"
        if event["type"] == "agent_completed":
            completed[step] += 1
    if started != completed:
        yield f"steps started and completed differ: {started - completed or completed - started}"


def _calls(events: Sequence[Event]) -> Iterator[str]:
    """One tool_completed for every tool_executing, later and with the same call."""
    open_calls: set[str] = set()
    for event in events:
        call = event["data"].get("call")
        if event["type"] == "tool_executing":
            open_calls.add(call)
        elif event["type"] == "tool_completed" and call in open_calls:
            open_calls.remove(call)
        elif event["type"] == "tool_completed":
            yield f"tool_completed (seq {event['seq']}) without its tool_executing"
    for call in open_calls:
        yield f"call {call} was never completed"


def _messages(events: Sequence[Event]) -> Iterator[str]:
    """A message that was added incomplete is completed, and its deltas make up its text."""
    texts: dict[str, str] = {}
    for event in events:
        data = event["data"]
        if event["type"] == "message_added" and not data["message"]["complete"]:
            texts[data["message"]["id"]] = data["message"]["content"]
        elif event["type"] == "message_delta":
            text = texts.setdefault(data["message"], "")
            if data["offset"] != len(text):
                yield f"a delta at {data['offset']}, where the text has {len(text)} characters"
            texts[data["message"]] = text + data["text"]
        elif event["type"] == "message_completed":
            told = texts.pop(data["message"]["id"], None)
            if told and not data["message"]["interrupted"] and told != data["message"]["content"]:
                yield f"the deltas of message {data['message']['id']} are not its content"
    for message in texts:
        yield f"message {message} was never completed"


def _thoughts(events: Sequence[Event]) -> Iterator[str]:
    """The thoughts of a step are numbered 0, 1, …, over all attempts at it."""
    indexes: dict[str, list[int]] = defaultdict(list)
    for event in events:
        if event["type"] == "agent_thinking":
            indexes[event["data"]["step"]].append(event["data"]["index"])
    for step, found in indexes.items():
        if found != list(range(len(found))):
            yield f"the thoughts of step {step} are numbered {found}"
