"""Judges what clients saw against the log: pure, and itself proven by seeded faults (test_history.py)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass
class Witness:
    """What one client applied, from `after` on, over all its connections."""

    name: str
    after: int
    applied: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Sent:
    """One command of one client and the seq its good reply told; None when it was refused."""

    client: str
    ref: str
    seq: int | None


@dataclass(frozen=True)
class History:
    log: Sequence[Event]
    witnesses: Sequence[Witness]
    sent: Sequence[Sent]

    def problems(self) -> list[str]:
        """Everything that is wrong with it; empty when nothing is."""
        return [*self._holes(), *self._wrong_views(), *self._wrong_replies(), *self._wrong_order()]

    def _holes(self) -> Iterator[str]:
        for place, event in enumerate(self.log, start=1):
            if event["seq"] != place:
                yield f"the log has seq {event['seq']} at place {place}"
                return

    def _wrong_views(self) -> Iterator[str]:
        """Every client is at the head and has applied exactly the log, each event once and in order."""
        for witness in self.witnesses:
            if list(witness.applied) != list(self.log[witness.after :]):
                yield f"{witness.name} applied something else than the log: {_first_difference(witness, self.log)}"

    def _wrong_replies(self) -> Iterator[str]:
        done = Counter(event["ref"] for event in self.log)
        by_seq = {event["seq"]: event for event in self.log}
        for sent in self.sent:
            times = done[sent.ref]
            if sent.seq is None and times:
                yield f"{sent.ref} was refused and is in the log"
            elif sent.seq is not None and times != 1:
                yield f"{sent.ref} was done {times} times"
            elif sent.seq is not None and by_seq.get(sent.seq, {}).get("ref") != sent.ref:
                yield f"{sent.ref} is not at seq {sent.seq}, which its reply told"

    def _wrong_order(self) -> Iterator[str]:
        last: dict[str, int] = {}
        for sent in self.sent:
            if sent.seq is not None:
                if sent.seq <= last.get(sent.client, 0):
                    yield f"a later command of {sent.client} has an earlier seq: {sent.seq}"
                last[sent.client] = sent.seq


def _first_difference(witness: Witness, log: Sequence[Event]) -> str:
    expected = log[witness.after :]
    for place, (seen, stored) in enumerate(zip(witness.applied, expected, strict=False)):
        if seen != stored:
            return f"place {place}: seq {seen['seq']} instead of {stored['seq']}"
    return f"{len(witness.applied)} events instead of {len(expected)}"


def fold_cards(events: Iterable[Event]) -> dict[str, tuple[str, int, int]]:
    """Column, rank and version of every card, from the events that create and move cards."""
    cards: dict[str, tuple[str, int, int]] = {}
    for event in events:
        data = event["data"]
        if event["type"] == "card_created":
            card = data["card"]
            cards[card["id"]] = card["column"], card["rank"], card["version"]
        elif event["type"] == "card_moved":
            cards[data["card"]] = data["column"], data["rank"], data["version"]
        elif event["type"] == "ranks_renumbered":
            _renumber(cards, data["column"])
    return cards


def _renumber(cards: dict[str, tuple[str, int, int]], column: str) -> None:
    there = sorted((rank, card) for card, (place, rank, _) in cards.items() if place == column)
    for number, (_, card) in enumerate(there, start=1):
        cards[card] = column, 65_536 * number, cards[card][2]
