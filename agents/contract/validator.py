"""Judges a stream of agent events by docs/PROTOCOL.md §3: what is missing, out of order, doubled, malformed or another stream's. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agents.contract.entries import Entry, Fault, Item, Kind, read_lines, read_value
from agents.contract.fields import FIVE, check_fields
from agents.contract.figures import Counting, Figures
from agents.contract.knowledge import Knowledge, Rule
from agents.contract.messages import Messages
from agents.contract.order import Order
from agents.contract.runs import Runs
from agents.contract.steps import Calls, Steps, Thoughts
from agents.contract.work import Outputs, Plans, Requests, Sessions
from project.wire import WireObject

MOST_FAULTS = 200
"""Shown one by one; all are counted."""


class FaultObject(WireObject):
    """Something wrong: at which line of what was given (of a log: the place of the event), and the rule it breaks."""

    line: int
    seq: int | None
    type: str
    kind: Kind
    rule: str
    message: str


class OpenThings(WireObject):
    """What was under way when the stream ended, and is no fault."""

    runs: int
    steps: int
    calls: int
    messages: int
    requests: int


class EventReport(WireObject):
    """The judgement of a stream. `lacking` are those of the five agent and tool events that never came; by itself that is no fault.

    `is_whole` is false for a part of a log: what began before its first event isn't judged then.
    """

    ok: bool
    stream: str | None
    events: int
    skipped: int
    first_seq: int | None
    last_seq: int | None
    is_whole: bool
    lacking: list[str]
    faults: list[FaultObject]
    fault_count: int
    fault_kinds: dict[str, int]
    open: OpenThings
    figures: Figures


@dataclass(frozen=True)
class Expected:
    """What is known beforehand: the stream, the seq it follows on (0: the log from its start), and whether nothing more will come."""

    stream: str | None = None
    after: int | None = None
    is_over: bool = False


ANY = Expected()


class Validator:
    """Takes items one by one; `report` ends it."""

    def __init__(self, expected: Expected = ANY) -> None:
        self._known = known = Knowledge(is_over=expected.is_over)
        self._after = expected.after
        self._order = Order(known, expected.stream, expected.after)
        self._runs, self._steps, self._calls = Runs(known), Steps(known), Calls(known)
        self._messages, self._requests = Messages(known), Requests(known)
        # Steps come before plans: a step is done for the plan once it is completed.
        self._rules: Sequence[Rule] = (
            *(self._order, Sessions(known), self._runs, self._steps, Thoughts(known), self._calls),
            *(self._messages, self._requests, Outputs(known), Plans(known)),
        )
        self._figures = Counting()
        self._faults: list[Fault] = []
        self._kinds: Counter[str] = Counter()
        self._stream: str | None = expected.stream
        self._first: int | None = None
        self._last: int | None = None
        self._events = self._skipped = 0

    def take(self, item: Item) -> None:
        """Judge one more event."""
        if item is None:
            self._skipped += 1
        elif isinstance(item, Fault):
            self._note([item])
        else:
            self._take_entry(item)

    def report(self) -> EventReport:
        """The judgement, once all has been taken."""
        for rule in self._rules:
            self._note(rule.end())
        counts = self._figures.result().counts
        faults = sorted(self._faults, key=lambda fault: fault.line)
        return EventReport(
            ok=not self._kinds,
            stream=self._stream,
            events=self._events,
            skipped=self._skipped,
            first_seq=self._first,
            last_seq=self._last,
            is_whole=self._known.is_whole,
            lacking=[name for name in FIVE if name not in counts],
            faults=[FaultObject(**vars(fault)) for fault in faults[:MOST_FAULTS]],
            fault_count=self._kinds.total(),
            fault_kinds=dict(sorted(self._kinds.items())),
            open=self._open(),
            figures=self._figures.result(),
        )

    def _take_entry(self, entry: Entry) -> None:
        if self._events == 0:
            self._begin(entry)
        self._events += 1
        strangers = list(self._order.admit(entry))
        self._note(strangers)
        if strangers:
            return
        self._known.has_more_than_five = self._known.has_more_than_five or entry.type not in FIVE
        self._last = entry.seq if entry.seq is not None else self._last
        self._note(check_fields(entry))
        for rule in self._rules:
            self._note(rule.see(entry))
        self._figures.see(entry)

    def _begin(self, entry: Entry) -> None:
        self._first = entry.seq
        self._stream = self._stream or str(entry.envelope.get("stream") or "") or None
        self._known.is_whole = self._after == 0 or entry.seq in (None, 1)

    def _note(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self._kinds[fault.kind] += 1
            if len(self._faults) < MOST_FAULTS:
                self._faults.append(fault)

    def _open(self) -> OpenThings:
        known = self._known
        return OpenThings(
            runs=len(known.begun.keys() - known.ended.keys()) if known.has_runs else 0,
            steps=self._steps.open(),
            calls=self._calls.open(),
            messages=self._messages.open(),
            requests=self._requests.open(),
        )


def validate(items: Iterable[Item], expected: Expected = ANY) -> EventReport:
    """The report on some items."""
    validator = Validator(expected)
    for item in items:
        validator.take(item)
    return validator.report()


def validate_lines(lines: Iterable[str], expected: Expected = ANY) -> EventReport:
    """The report on JSON lines: envelopes, `{type, data}` alone, or frames of a socket."""
    return validate(read_lines(lines), expected)


def validate_events(events: Iterable[object], expected: Expected = ANY) -> EventReport:
    """The report on decoded envelopes or frames."""
    return validate(_items(events), expected)


def validate_log(texts: Iterable[str], expected: Expected = ANY) -> EventReport:
    """The report on envelopes as the log stores them."""
    return validate_events((json.loads(text) for text in texts), expected)


def _items(values: Iterable[object]) -> Iterator[Item]:
    for place, value in enumerate(values, start=1):
        yield from read_value(place, value)
