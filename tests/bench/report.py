"""What was measured and what was aimed at: a printed table, and JSON."""

import json
import math
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True)
class Row:
    """One measured thing. Times in milliseconds; `rate` in deliveries per second, `kib` of memory for each."""

    bench: str
    peer: str
    samples: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    rate: float | None = None
    kib: float | None = None


def timed(bench: str, peer: str, seconds: Sequence[float]) -> Row:
    """A row of latencies."""
    p50, p95, p99 = (round(quantile(seconds, share) * 1000, 2) for share in (0.50, 0.95, 0.99))
    return Row(bench, peer, len(seconds), p50, p95, p99)


@dataclass(frozen=True)
class Goal:
    """A mark of PERFORMANCE.md and what came out."""

    what: str
    value: float
    limit: float
    side: Literal["at most", "at least"]
    unit: str = "×"

    @property
    def is_met(self) -> bool:
        return self.value <= self.limit if self.side == "at most" else self.value >= self.limit


@dataclass
class Report:
    rows: list[Row] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *rows: Row) -> None:
        for row in rows:
            self.rows.append(row)
            print(_line(row), flush=True)

    def find(self, bench: str, peer: str) -> Row | None:
        return next((row for row in self.rows if (row.bench, row.peer) == (bench, peer)), None)

    def print_goals(self) -> None:
        print("\nMarks (docs/PERFORMANCE.md)")
        for goal in self.goals:
            verdict = "met   " if goal.is_met else "MISSED"
            print(f"  {verdict}  {goal.what}: {goal.value:.2f} {goal.unit}, {goal.side} {goal.limit:g} {goal.unit}")
        for note in self.notes:
            print(f"  {note}")

    def write(self, folder: Path) -> Path:
        """The JSON file this run is kept in."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{time.strftime('%Y-%m-%dT%H%M%S')}.json"
        content = {
            "when": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system(), "load": os.getloadavg()},
            "rows": [asdict(row) for row in self.rows],
            "goals": [{**asdict(goal), "is_met": goal.is_met} for goal in self.goals],
            "notes": self.notes,
        }
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        return path


def _line(row: Row) -> str:
    times = "" if row.p95 is None else f"p50 {row.p50:8.2f}  p95 {row.p95:8.2f}  p99 {row.p99:8.2f} ms"
    rate = "" if row.rate is None else f"{row.rate:10,.0f} deliveries/s"
    rate += "" if row.kib is None else f"{row.kib:10,.1f} KiB each"
    return f"  {row.bench:34} {row.peer:34} {times:46}{rate}  n={row.samples:,}"
