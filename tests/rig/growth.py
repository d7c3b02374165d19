"""What a server process holds after each round of use, and whether that becomes more: judged by slopes, not by a single figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

COUNTS = ("threads", "files", "tasks", "objects")
MOST: Mapping[str, float] = {**dict.fromkeys(COUNTS, 0.5), "kib": 64.0}
"""What may be added by a round: half a thing, since whatever is left for good is one at least; and less memory than a work session with
its socket takes, which is 71 to 88 KiB (docs/PERFORMANCE.md)."""


@dataclass(frozen=True)
class Held:
    """What a process has after a round: resident memory, and counts. `objects` are instances of the product's own classes."""

    kib: float
    threads: int
    files: int
    tasks: int
    objects: int
    connections: int = 0

    def __str__(self) -> str:
        counts = ", ".join(f"{getattr(self, name)} {name}" for name in (*COUNTS, "connections"))
        return f"{self.kib / 1024:.1f} MiB, {counts}"


def slope(values: Sequence[float]) -> float:
    """What each round adds: the median of the slopes between all pairs (Theil and Sen), which a few odd rounds don't move."""
    pairs = combinations(enumerate(values), 2)
    return median((later - earlier) / (second - first) for (first, earlier), (second, later) in pairs)


def find_growth(rounds: Sequence[Held], most: Mapping[str, float] = MOST) -> list[str]:
    """What becomes more with each of these rounds, and the rounds that left connections behind."""
    problems = [f"{held.connections} connections after round {number}" for number, held in enumerate(rounds, 1) if held.connections]
    for name, bound in most.items():
        each = slope([getattr(held, name) for held in rounds])
        if each > bound:
            problems.append(f"{name}: {each:.1f} more each round, {bound:g} at most")
    return problems
