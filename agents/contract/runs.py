"""Rules about runs: queued, started, ended exactly once, nothing after the end, attempts that only go up."""

from collections.abc import Iterator

from agents.contract.entries import Entry, Fault, text_of
from agents.contract.fields import FIVE
from agents.contract.knowledge import LAST, Early, Knowledge

_STATUS = {
    "run_queued": "queued",
    "run_started": "running",
    "run_waiting": "waiting",
    "run_resumed": "running",
    "run_cancelling": "cancelling",
    "run_completed": "completed",
    "run_failed": "failed",
    "run_cancelled": "cancelled",
}
_AFTER_START = {*FIVE, "plan_made", "run_waiting", "run_resumed", "run_delayed", "run_completed"}


class Runs:
    """The life of every run in the stream."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._queued: dict[str, Entry] = {}
        self._started: dict[str, Entry] = {}
        self._unqueued, self._unstarted = Early(), Early()
        self._attempts: dict[str, int] = {}
        self._active: str | None = None

    def see(self, entry: Entry) -> Iterator[Fault]:
        run = entry.run
        if run is None:
            return
        self._known.has_runs = self._known.has_runs or entry.type in _STATUS
        yield from self._see_end(entry, run)
        if "run" in entry.data:
            self._known.begun.setdefault(run, entry)
            yield from self._see_beginning(entry, run)
            yield from self._see_attempt(entry, run)
        wanted = _STATUS.get(entry.type)
        if wanted and entry.part("run").get("status", wanted) != wanted:
            yield entry.fault("malformed", "run_status", f"{entry} shows a run that is {entry.part('run')['status']}, not {wanted}.")

    def end(self) -> Iterator[Fault]:
        known = self._known
        if known.has_runs and known.is_whole:
            yield from self._unqueued.end("run_queued", "run_not_queued")
            yield from self._unstarted.end("run_started", "run_not_started")
        if known.is_over and known.has_runs:
            for run, entry in known.begun.items():
                if run not in known.ended:
                    yield entry.fault("missing", "run_not_ended", f"Run {run} has no last event ({', '.join(LAST)}).")

    def _see_end(self, entry: Entry, run: str) -> Iterator[Fault]:
        ended = self._known.ended.get(run)
        if entry.type in LAST and "run" in entry.data:
            if ended:
                yield entry.fault("duplicate", "run_ended_twice", f"{entry} ends a run that {ended} has ended.")
            self._known.ended.setdefault(run, entry)
        elif ended:
            yield entry.fault("out_of_order", "after_run_end", f"{entry} comes after {ended}, the end of its run.")

    def _see_beginning(self, entry: Entry, run: str) -> Iterator[Fault]:
        for type_, begun, early in (
            ("run_queued", self._queued, self._unqueued),
            ("run_started", self._started, self._unstarted),
        ):
            if entry.type == type_:
                yield from self._see_overlap(entry, run) if type_ == "run_started" else ()
                yield from self._see_again(entry, run, begun)
                begun.setdefault(run, entry)
                yield from early.begun(run, entry, f"before_{type_}")
        if run not in self._queued:
            self._unqueued.note(run, entry)
        if run not in self._started and entry.type in _AFTER_START:
            self._unstarted.note(run, entry)

    def _see_overlap(self, entry: Entry, run: str) -> Iterator[Fault]:
        """A work session has one run under way at a time."""
        active, self._active = self._active, run
        if active not in (None, run) and active not in self._known.ended:
            yield entry.fault("missing", "run_overlaps", f"{entry} comes before the end of run {active}.")

    def _see_again(self, entry: Entry, run: str, begun: dict[str, Entry]) -> Iterator[Fault]:
        """A run in line is told again when its place changes, until it has started."""
        if entry.type == "run_queued" and run in self._started and run in begun:
            yield entry.fault("out_of_order", "queued_after_start", f"{entry}: the run has started with {self._started[run]}.")
        elif entry.type != "run_queued" and run in begun:
            yield entry.fault("duplicate", "run_started_twice", f"{entry}: the run has started with {begun[run]}.")

    def _see_attempt(self, entry: Entry, run: str) -> Iterator[Fault]:
        attempt = entry.part("run").get("attempt", entry.data.get("attempt"))
        if not isinstance(attempt, int) or text_of(run) is None:
            return
        if attempt < self._attempts.get(run, 0):
            yield entry.fault("out_of_order", "old_attempt", f"{entry} is of attempt {attempt}, after attempt {self._attempts[run]}.")
        self._attempts[run] = max(attempt, self._attempts.get(run, 0))
