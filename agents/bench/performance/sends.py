"""Messages that reach clients late: one after another, or because one client holds the others up."""

from collections.abc import Iterator

from agents.bench.performance.case import Case
from agents.bench.performance.declared import Broadcast
from agents.bench.performance.deliveries import Spread, spread_of
from agents.bench.performance.evidence import Place
from agents.bench.performance.report import Finding
from agents.bench.performance.sources import heaviest, words_of
from agents.bench.performance.stats import median

_SPREAD_MS = 5.0
_SPREAD_SHARE = 0.3
_EXPLAINS = 0.8
_STEP = 0.6
_SLOWER = 1.5


def sequential_sends(case: Case) -> Iterator[Finding]:
    """Receipts come later from client to client, in an order that stays the same."""
    spread = _wide(case)
    if spread is None or spread.explains < _EXPLAINS or spread.slope_ms <= 0 or spread.step >= _STEP:
        return
    place = _waiting_place(case) or _loop_of_stalls(case)
    told = (
        f"Each client gets a message {spread.slope_ms:.1f} ms after the one before it, in {spread.order} "
        f"({spread.clients} clients, {spread.width_ms:.0f} ms from the first to the last, r² {spread.explains:.2f})"
    )
    action = "Send to all clients at once: asyncio.gather over the sends, each with a time-out of its own."
    yield case.finding("sequential_sends", told + _waits(case, place), action, place)


def slow_client(case: Case) -> Iterator[Finding]:
    """One client holds the others up: there is a step in the receipts, or all is quicker without those that read nothing."""
    told = _told_by_comparison(case) or _told_by_step(case)
    if told is None:
        return
    place = _waiting_place(case)
    action = "Let no client wait for another: send to each in a task of its own, with a time-out, and drop who doesn't keep up."
    yield case.finding("slow_client", told + _waits(case, place), action, place)


def _told_by_comparison(case: Case) -> str | None:
    if case.healthy is None or not case.healthy.to_all or not case.samples.to_all:
        return None
    with_slow, without = median(case.samples.to_all) * 1000, median(case.healthy.to_all) * 1000
    if with_slow < _SLOWER * without or with_slow - without < _SPREAD_MS:
        return None
    slow = case.plan.slow_clients if isinstance(case.plan, Broadcast) else 0
    return f"With {slow} of the clients reading nothing a message takes {with_slow:.0f} ms to all others, without {without:.0f} ms"


def _told_by_step(case: Case) -> str | None:
    spread = _wide(case)
    if spread is None or spread.step < _STEP or spread.clients < 4 or not 0 < spread.step_after < spread.clients:
        return None
    return (
        f"Clients after number {spread.step_after} in {spread.order} get each message {spread.step_ms:.0f} ms later than those before: "
        f"{spread.step:.0%} of all the delay between the first and the last"
    )


def _wide(case: Case) -> Spread | None:
    """How receipts are spread over the clients, where that is much of the whole time."""
    if not isinstance(case.plan, Broadcast):
        return None
    spread = spread_of(case.samples.deliveries)
    if spread is None:
        return None
    return spread if spread.width_ms >= max(_SPREAD_MS, _SPREAD_SHARE * median(case.samples.to_all) * 1000) else None


def _waiting_place(case: Case) -> Place | None:
    """Where tasks waited most: inside a loop that awaits, else where something is sent."""
    waits = [(each.count, each.stack) for each in case.watched.waits]
    return heaviest(waits, case.sources.waiting_loop) or heaviest(waits, case.sources.sending)


def _loop_of_stalls(case: Case) -> Place | None:
    return heaviest([(sum(each.seconds), each.stack) for each in case.watched.stalls], case.sources.waiting_loop)


def _waits(case: Case, place: Place | None) -> str:
    """How often tasks were seen to wait there."""
    if place is None:
        return "."
    count = sum(each.count for each in case.watched.waits if place in each.stack)
    share = f", where a task waited in {count} of {case.watched.looks} looks" if count else ""
    return f"; it goes through {words_of(place)}{share}."
