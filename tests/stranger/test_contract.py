"""The stranger's judge of event order finds each seeded fault, and accepts a good run."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.stranger.contract import broken_promises

Event = dict[str, Any]


def good() -> list[Event]:
    run, step = "run-1", "step-1"
    told: list[tuple[str, Event]] = [
        ("run_started", {"run": {"id": run}}),
        ("agent_started", {"run": run, "step": step}),
        ("agent_thinking", {"run": run, "step": step, "attempt": 1, "index": 0}),
        ("agent_thinking", {"run": run, "step": step, "attempt": 1, "index": 1}),
        ("tool_executing", {"run": run, "step": step, "call": "call-1"}),
        ("tool_completed", {"run": run, "step": step, "call": "call-1"}),
        ("message_added", {"message": {"id": "message-1", "content": "", "complete": False}}),
        ("message_delta", {"message": "message-1", "offset": 0, "text": "So "}),
        ("message_delta", {"message": "message-1", "offset": 3, "text": "be it."}),
        ("message_completed", {"message": {"id": "message-1", "content": "So be it.", "interrupted": False}}),
        ("agent_completed", {"run": run, "step": step}),
        ("run_completed", {"run": {"id": run}}),
    ]
    return [{"type": name, "seq": seq, "data": data} for seq, (name, data) in enumerate(told, start=1)]


def without(*types: str) -> Callable[[list[Event]], list[Event]]:
    def spoil(events: list[Event]) -> list[Event]:
        return renumbered([event for event in events if event["type"] not in types])

    return spoil


def doubled(event_type: str) -> Callable[[list[Event]], list[Event]]:
    def spoil(events: list[Event]) -> list[Event]:
        return renumbered([each for event in events for each in [event] * (2 if event["type"] == event_type else 1)])

    return spoil


def renumbered(events: list[Event]) -> list[Event]:
    return [{**event, "seq": seq} for seq, event in enumerate(events, start=1)]


def turned_round(events: list[Event]) -> list[Event]:
    return renumbered(list(reversed(events)))


FAULTS = {
    "lost event": lambda events: [*events[:3], *events[4:]],
    "no end": without("run_completed"),
    "two ends": doubled("run_completed"),
    "step never completed": without("agent_completed"),
    "step completed twice": doubled("agent_completed"),
    "step never started": without("agent_started"),
    "call never completed": without("tool_completed"),
    "call never announced": without("tool_executing"),
    "message never completed": without("message_completed"),
    "delta twice": doubled("message_delta"),
    "thought twice": doubled("agent_thinking"),
    "backwards": turned_round,
}


def test_good_run_breaks_nothing() -> None:
    assert broken_promises(good()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_seeded_fault_is_found(fault: str) -> None:
    assert broken_promises(FAULTS[fault](good()))
