"""Figures of a stream: how many of each event, how long runs, steps and tools took, pauses, and how soon events arrived."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from agents.contract.entries import Entry, text_of
from agents.contract.fields import FIVE
from agents.contract.knowledge import LAST
from agents.contract.steps import step_of
from project.wire import WireObject

MOST_ROWS = 100
"""Runs, steps and tools shown; a stream from outside may name any number."""


class Spread(WireObject):
    """Milliseconds, by nearest rank."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float


class StepFigures(WireObject):
    """A step: `ms` is null while it is under way or where a stream says no times."""

    step: str
    agent: str
    subtask: str | None
    line: int
    ms: float | None
    thoughts: int
    calls: int


class ToolFigures(WireObject):
    tool_name: str
    calls: int
    failed: int
    took: Spread | None


class RunFigures(WireObject):
    run: str
    events: int
    ended: str | None
    ms: float | None


class Figures(WireObject):
    """`pauses` lie between an event and the next, `delivery` between an event's timestamp and its arrival, where that is known."""

    counts: dict[str, int]
    span_ms: float | None
    runs: list[RunFigures]
    steps: list[StepFigures]
    tools: list[ToolFigures]
    pauses: Spread | None
    delivery: Spread | None


def quantile(values: Sequence[float], share: float) -> float:
    """The value at or below which `share` of all lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread_of(seconds: Sequence[float]) -> Spread | None:
    """The spread of some durations; None of none."""
    if not seconds:
        return None
    p50, p95, p99, most = (round(quantile(seconds, share) * 1000, 1) for share in (0.5, 0.95, 0.99, 1.0))
    return Spread(count=len(seconds), p50=p50, p95=p95, p99=p99, max=most)


class Counting:
    """Adds up what comes by; `result` gives the figures so far."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._times: list[float] = []
        self._deliveries: list[float] = []
        self._steps: dict[str, list[Entry]] = {}
        self._runs: dict[str, list[Entry]] = {}
        self._run_events: Counter[str] = Counter()
        self._calls: dict[str, Entry] = {}
        self._tools: dict[str, list[tuple[Entry, Entry]]] = defaultdict(list)
        self._thoughts: Counter[str] = Counter()
        self._step_calls: Counter[str] = Counter()

    def see(self, entry: Entry) -> None:
        self._counts[entry.type] += 1
        if entry.timestamp is not None:
            self._times.append(entry.timestamp)
            if entry.received is not None:
                self._deliveries.append(entry.received - entry.timestamp)
        if entry.type in FIVE:
            self._see_step(entry)
            self._see_call(entry)
        if "run" in entry.data and entry.run:
            self._see_run(entry, entry.run)

    def result(self) -> Figures:
        times = self._times
        return Figures(
            counts=dict(sorted(self._counts.items())),
            span_ms=_ms(times[0], times[-1]) if times else None,
            runs=[self._run(run, ends) for run, ends in list(self._runs.items())[:MOST_ROWS]],
            steps=[self._step(key, ends) for key, ends in list(self._steps.items())[:MOST_ROWS]],
            tools=[_tool(name, calls) for name, calls in sorted(self._tools.items())[:MOST_ROWS]],
            pauses=spread_of([later - earlier for earlier, later in itertools.pairwise(times)]),
            delivery=spread_of(self._deliveries),
        )

    def _see_step(self, entry: Entry) -> None:
        key = step_of(entry)
        if key is None:
            return
        ends = self._steps.setdefault(key, [])
        if (entry.type == "agent_started" and not ends) or (entry.type == "agent_completed" and len(ends) == 1):
            ends.append(entry)
        self._thoughts[key] += entry.type == "agent_thinking"
        self._step_calls[key] += entry.type == "tool_executing"

    def _see_call(self, entry: Entry) -> None:
        name = text_of(entry.data.get("tool_name"))
        call = text_of(entry.data.get("call")) or f"tool {name}"
        if entry.type == "tool_executing" and name:
            self._calls[call] = entry
        elif entry.type == "tool_completed" and name and (started := self._calls.pop(call, None)):
            self._tools[name].append((started, entry))

    def _see_run(self, entry: Entry, run: str) -> None:
        ends = self._runs.setdefault(run, [])
        self._run_events[run] += 1
        if not ends or (entry.type in LAST and len(ends) == 1):
            ends.append(entry)

    def _run(self, run: str, ends: Sequence[Entry]) -> RunFigures:
        ended = ends[1].type.removeprefix("run_") if len(ends) > 1 else None
        return RunFigures(run=run, events=self._run_events[run], ended=ended, ms=_took(ends))

    def _step(self, key: str, ends: Sequence[Entry]) -> StepFigures:
        first = ends[0] if ends else None
        return StepFigures(
            step=key,
            agent=str(first.data.get("agent") or first.data.get("agent_id") or "") if first else "",
            subtask=text_of(first.data.get("subtask")) if first else None,
            line=first.line if first else 0,
            ms=_took(ends),
            thoughts=self._thoughts[key],
            calls=self._step_calls[key],
        )


def _tool(name: str, calls: Sequence[tuple[Entry, Entry]]) -> ToolFigures:
    failed = sum(1 for _, ended in calls if ended.data.get("success") is False)
    took = [(ended.timestamp - started.timestamp) for started, ended in calls if started.timestamp and ended.timestamp]
    return ToolFigures(tool_name=name, calls=len(calls), failed=failed, took=spread_of(took))


def _took(ends: Sequence[Entry]) -> float | None:
    if len(ends) < 2 or ends[0].timestamp is None or ends[1].timestamp is None:
        return None
    return _ms(ends[0].timestamp, ends[1].timestamp)


def _ms(earlier: float, later: float) -> float:
    return round((later - earlier) * 1000, 1)
