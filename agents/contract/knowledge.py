"""What the rules know of the stream as a whole, and what a rule is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from agents.contract.entries import Entry, Fault

LAST = ("run_completed", "run_failed", "run_cancelled")


class Rule(Protocol):
    """Sees every event in turn, then the end."""

    def see(self, entry: Entry) -> Iterator[Fault]: ...

    def end(self) -> Iterator[Fault]: ...


@dataclass
class Knowledge:
    """`is_whole`: the stream was seen from its first event on. `is_over`: nothing will follow, so nothing may be left open."""

    is_over: bool = False
    is_whole: bool = True
    has_runs: bool = False
    has_more_than_five: bool = False
    begun: dict[str, Entry] = field(default_factory=dict)
    ended: dict[str, Entry] = field(default_factory=dict)

    def is_finished(self, run: str | None) -> bool:
        """Whether what belongs to this run must be closed by now. Without a run: whether no run is under way."""
        if self.is_over or not self.has_runs:
            return True
        if run is None:
            return self.begun.keys() <= self.ended.keys()
        return run in self.ended


@dataclass
class Early:
    """The first event of something that came before its beginning: out of order when the beginning follows, else it is missing."""

    first: dict[str, Entry] = field(default_factory=dict)

    def note(self, key: str, entry: Entry) -> None:
        self.first.setdefault(key, entry)

    def begun(self, key: str, beginning: Entry, rule: str) -> Iterator[Fault]:
        """The beginning of `key` has come."""
        early = self.first.pop(key, None)
        if early:
            yield early.fault("out_of_order", rule, f"{early} comes before its {beginning}.")

    def end(self, beginning: str, rule: str) -> Iterator[Fault]:
        for key, early in self.first.items():
            yield early.fault("missing", rule, f"{early} has no {beginning} before it ({key}).")
