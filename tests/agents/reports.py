"""Performance reports for tests, small but whole, and runs that keep them."""

from collections.abc import Sequence

from agents.bench.performance.report import Figures, Finding, Measured, Report, Verdict
from agents.lease import claim_next
from agents.models import PerformanceReport
from agents.services.fence import Attempt, load_attempt, write
from agents.services.performance import ReportFacts, keep_report
from agents.services.scope import Scope, Step
from project.ids import new_id
from tests.agents.conftest import Room
from tests.agents.driving import OWNER

STEP = Step(id=new_id(), role="performance")

FINDING = Finding(
    kind="sequential_sends",
    measurement="moves",
    evidence="Each send begins when the one before has ended: 9 of 9 clients, 40 ms between the first and the last receipt.",
    action="Send to all connections at once with asyncio.gather, each with a time-out.",
    file="board.py",
    line=42,
    function="broadcast",
)


def figures(p95_ms: float, count: int = 20) -> Figures:
    """Latencies that rise evenly to a little more than `p95_ms`."""
    samples = [p95_ms * (0.5 + 0.5 * place / count) for place in range(1, count + 1)]
    return Figures(
        average_ms=p95_ms * 0.75,
        p50_ms=p95_ms * 0.75,
        p95_ms=p95_ms,
        p99_ms=p95_ms,
        max_ms=p95_ms,
        interval_ms=(p95_ms * 0.9, p95_ms * 1.1),
        throughput_per_s=100.0,
        count=count,
        errors=0,
        samples_ms=samples,
        at_s=[0.1 * place for place in range(count)],
    )


def verdict(measured: float, limit: float, *, name: str = "moves", figure: str = "p95") -> Verdict:
    budget = f"{name} {figure} < {limit:g} ms"
    return Verdict(budget=budget, measurement=name, figure=figure, measured=measured, limit=limit, unit="ms", passed=measured < limit)


def make_report(
    p95_ms: float = 34.0, *, limit: float = 100.0, target: str = "slow_board", verdicts: Sequence[Verdict] | None = None
) -> Report:
    """A report of one broadcast measurement, held against "moves p95 < `limit` ms" unless `verdicts` are given."""
    about = "10 clients, 50 messages"
    return Report(
        target=target,
        created="2026-11-21T12:00:00Z",
        machine="2 cores",
        duration_s=2.5,
        measured=[Measured(name="moves", kind="broadcast", about=about, figures=figures(p95_ms))],
        verdicts=[verdict(p95_ms, limit)] if verdicts is None else list(verdicts),
        findings=[] if p95_ms < limit else [FINDING],
    )


def begin_run(room: Room, session: str) -> Attempt:
    """A driver's hold on a new run of the session."""
    room.say(session, "Measure it")
    claim = claim_next(OWNER)
    assert claim is not None
    return load_attempt(claim.run_id, claim.attempt)


def keep_in(attempt: Attempt, report: Report, *, key: str = "round:1", round_number: int | None = 1) -> PerformanceReport:
    """The report, kept by the run."""

    def work(scope: Scope) -> PerformanceReport:
        return keep_report(scope=scope, step=STEP, facts=ReportFacts(key, report, round_number, "# Moves", "<h1>Moves</h1>"))

    return write(attempt, work)
