"""Rules about the stream itself: one stream, dense numbers, every event once, time that doesn't run backwards."""

from collections.abc import Iterator

from agents.contract.entries import Entry, Fault, text_of
from agents.contract.knowledge import Knowledge


class Order:
    """Numbers, ids, streams and times of envelopes. `admit` says whether the other rules are to see the event at all."""

    def __init__(self, known: Knowledge, stream: str | None, after: int | None) -> None:
        self._known = known
        self._stream = stream
        self._last = after
        self._seen: dict[int, str | None] = {}
        self._ids: set[str] = set()
        self._gaps: list[tuple[int, Entry]] = []
        self._time: float | None = None

    def admit(self, entry: Entry) -> Iterator[Fault]:
        """Faults of an event that doesn't belong here, or is here already."""
        stream = text_of(entry.envelope.get("stream"))
        self._stream = self._stream or stream
        if stream and stream != self._stream:
            yield entry.fault("foreign", "other_stream", f"{entry} is of {stream}, not of {self._stream}.")
        elif entry.seq in self._seen and self._seen[entry.seq] == entry.envelope.get("id"):
            yield entry.fault("duplicate", "event_repeated", f"{entry} comes again.")

    def see(self, entry: Entry) -> Iterator[Fault]:
        yield from self._see_seq(entry)
        yield from self._see_id(entry)
        yield from self._see_time(entry)

    def end(self) -> Iterator[Fault]:
        # Whoever keeps the five alone has numbers with gaps.
        if self._known.has_more_than_five:
            for first, entry in self._gaps:
                yield from self._see_gap(first, (entry.seq or first) - 1, entry)

    def _see_seq(self, entry: Entry) -> Iterator[Fault]:
        seq = entry.seq
        if seq is None:
            return
        if seq in self._seen:
            yield entry.fault("duplicate", "seq_repeated", f"{entry} has the number of another event.")
        elif self._last is not None and seq < self._last:
            yield entry.fault("out_of_order", "seq_back", f"{entry} comes after seq {self._last}.")
        elif self._last is not None:
            self._gaps += [(self._last + 1, entry)] if seq > self._last + 1 else []
        self._seen[seq] = text_of(entry.envelope.get("id"))
        self._last = max(seq, self._last or 0)

    def _see_gap(self, first: int, last: int, entry: Entry) -> Iterator[Fault]:
        """What is missing from `first` to `last`, if it didn't come later."""
        while first <= last and first in self._seen:
            first += 1
        while first <= last and last in self._seen:
            last -= 1
        if first == last:
            yield entry.fault("missing", "seq_gap", f"seq {first} is missing before {entry}.")
        elif first < last:
            yield entry.fault("missing", "seq_gap", f"seq {first} to {last} are missing before {entry}.")

    def _see_id(self, entry: Entry) -> Iterator[Fault]:
        event_id = text_of(entry.envelope.get("id"))
        if event_id is None:
            return
        if event_id in self._ids:
            yield entry.fault("duplicate", "id_repeated", f"{entry} has the id of another event.")
        self._ids.add(event_id)

    def _see_time(self, entry: Entry) -> Iterator[Fault]:
        now = entry.timestamp
        if now is not None and self._time is not None and now < self._time:
            yield entry.fault("out_of_order", "time_back", f"{entry} is {self._time - now:.3f} s older than an event before it.")
        if now is not None:
            self._time = max(now, self._time or now)
