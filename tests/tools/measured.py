"""Performance reports for a demo board, made by the services that runs use: what pictures and browser scenarios look at.

`manage.py shell -c "from tests.tools.measured import fill; fill()"` on a demo whose server isn't running.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from agents.bench.performance.report import Figures, Finding, Measured, Report, ToAll, Verdict
from agents.commands import HAND_OVER_CARD
from agents.lease import claim_next
from agents.payloads import HandOverCard
from agents.services.fence import load_attempt, write
from agents.services.performance import keep_own_report
from agents.services.runs import end_run
from boards.models import Card
from project.accounts.models import User
from project.realtime.commands import perform
from tests.agents.reports import FINDING, keep_in

CARD = "Speed up the product page on mobile"
MESSAGES, CLIENTS = 60, 10
LIMIT_MS, READ_LIMIT_MS = 100.0, 200.0


@dataclass(frozen=True)
class Pace:
    """How a try went: the median of a delivery, how far they spread, and how much the last clients wait for the first."""

    median_ms: float
    spread: float
    queue_ms: float
    read_ms: float


ROUNDS = (Pace(38.0, 0.3, 11.0, 46.0), Pace(44.0, 0.5, 4.2, 45.0), Pace(9.5, 0.35, 0.4, 18.0))


def fill() -> None:
    """Three rounds of a run of a card, of which the last passes, and one report that alice made by hand."""
    alice = User.objects.get(username="alice")
    card = Card.objects.get(title=CARD)
    perform(HAND_OVER_CARD, actor=alice, payload=HandOverCard(card=card.id, instructions="Optimise the workspace slow_board."))
    claim = claim_next("measured")
    if claim is None:
        raise RuntimeError("The run of the card can't be taken: is a server running on this data?")
    attempt = load_attempt(claim.run_id, claim.attempt)
    for number, pace in enumerate(ROUNDS, start=1):
        keep_in(attempt, measure(pace, seed=number), key=f"round:{number}", round_number=number)
    write(attempt, lambda scope: end_run(ch=scope.ch, run=scope.run, status="completed"), is_reporting=True)
    keep_own_report(owner=alice, report=measure(ROUNDS[-1], seed=9, target="workroom"))


def measure(pace: Pace, *, seed: int, target: str = "slow_board") -> Report:
    """A report whose figures follow from its samples, the same for the same seed."""
    chance = random.Random(seed)
    deliveries = [
        (message * 0.05 + client * 0.001, pace.median_ms * chance.lognormvariate(0, pace.spread) + pace.queue_ms * client)
        for message in range(MESSAGES)
        for client in range(CLIENTS)
    ]
    reads = [(request * 0.01, pace.read_ms * chance.lognormvariate(0, 0.25)) for request in range(200)]
    to_all = [max(taken for _, taken in deliveries[at : at + CLIENTS]) for at in range(0, len(deliveries), CLIENTS)]
    moves = figures(deliveries, 1000 * CLIENTS / max(20.0, pace.median_ms), _to_all(to_all))
    lists = figures(reads, 1000 * CLIENTS / pace.read_ms, None)
    verdicts = [
        _verdict("moves to all < 100 ms with 10 clients", "moves", "p95 to all", _quantile(to_all, 0.95), LIMIT_MS),
        _verdict("lists p95 < 200 ms", "lists", "p95", lists.p95_ms, READ_LIMIT_MS),
    ]
    return Report(
        target=target,
        created="2026-11-21T12:00:00Z",
        machine="Linux, 2 cores, Python 3.11",
        duration_s=5.4,
        measured=[
            Measured(name="moves", kind="broadcast", about=f"{CLIENTS} clients, {MESSAGES} messages", figures=moves),
            Measured(name="lists", kind="http", about="GET /cards, 10 at once", figures=lists),
        ],
        verdicts=verdicts,
        findings=_findings() if not verdicts[0].passed else [],
    )


def figures(samples: Sequence[tuple[float, float]], throughput: float, to_all: ToAll | None) -> Figures:
    """The figures of these (seconds, milliseconds)."""
    taken = [ms for _, ms in samples]
    p95 = _quantile(taken, 0.95)
    return Figures(
        average_ms=sum(taken) / len(taken),
        p50_ms=_quantile(taken, 0.5),
        p95_ms=p95,
        p99_ms=_quantile(taken, 0.99),
        max_ms=max(taken),
        interval_ms=(p95 * 0.94, p95 * 1.07),
        throughput_per_s=throughput,
        count=len(taken),
        errors=0,
        memory_growth_kb=312.0,
        to_all=to_all,
        samples_ms=[round(ms, 3) for ms in taken],
        at_s=[round(at, 3) for at, _ in samples],
    )


def _findings() -> list[Finding]:
    slow_client = Finding(
        kind="slow_client",
        measurement="moves",
        evidence="Messages wait up to 90 ms behind client 4, which reads nothing.",
        action="Give each send a time-out, and drop a client whose queue stays full.",
    )
    return [FINDING, slow_client]


def _to_all(slowest: Sequence[float]) -> ToAll:
    return ToAll(p50_ms=_quantile(slowest, 0.5), p95_ms=_quantile(slowest, 0.95), max_ms=max(slowest), count=len(slowest))


def _verdict(budget: str, name: str, figure: str, measured: float, limit: float) -> Verdict:
    return Verdict(
        budget=budget, measurement=name, figure=figure, measured=round(measured, 3), limit=limit, unit="ms", passed=measured < limit
    )


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
