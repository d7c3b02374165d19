"""Reports made by hand."""

from typing import Any

from agents.bench.performance.report import Figures, Finding, Measured, Report, ToAll, Verdict


def figures(p95_ms: float = 90.0, **changes: Any) -> Figures:
    given: dict[str, Any] = {
        "average_ms": p95_ms / 2,
        "p50_ms": p95_ms / 3,
        "p95_ms": p95_ms,
        "p99_ms": p95_ms * 1.2,
        "max_ms": p95_ms * 2,
        "interval_ms": (p95_ms * 0.9, p95_ms * 1.1),
        "throughput_per_s": 1234.5,
        "count": 6,
        "errors": 0,
        "samples_ms": [p95_ms / 4, p95_ms / 3, p95_ms / 2, p95_ms],
        "at_s": [0.1, 0.2, 0.4, 0.9],
        "memory_growth_kb": 2048,
        "to_all": ToAll(p50_ms=p95_ms / 2, p95_ms=p95_ms * 1.1, max_ms=p95_ms * 3, count=3),
    }
    return Figures.model_validate(given | changes)


def report(p95_ms: float = 90.0, **changes: Any) -> Report:
    given: dict[str, Any] = {
        "target": "Board",
        "created": "2026-11-21T10:00:00+00:00",
        "machine": "2 cores",
        "duration_s": 12.3,
        "measured": [Measured(name="moves", kind="broadcast", about="10 clients | <b>bold</b>", figures=figures(p95_ms))],
        "verdicts": [verdict(p95_ms)],
        "findings": [],
    }
    return Report.model_validate(given | changes)


def verdict(measured: float, limit: float = 100.0) -> Verdict:
    return Verdict(
        budget=f"moves p95 < {limit:g} ms",
        measurement="moves",
        figure="p95",
        measured=measured,
        limit=limit,
        unit="ms",
        passed=0 <= measured < limit,
    )


FINDING = Finding(
    kind="sequential_sends",
    measurement="moves",
    evidence="Each client gets a message 4.0 ms after the one before it.",
    action="Send to all clients at once.",
    file="board.py",
    line=26,
    function="Board.broadcast",
)
