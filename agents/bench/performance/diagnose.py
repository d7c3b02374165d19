"""Causes of slowness, from evidence only: each names what was measured, the place in the code where it is known, and what to do."""

from collections.abc import Callable, Iterator, Sequence

from agents.bench.performance.case import Case
from agents.bench.performance.report import Finding
from agents.bench.performance.sends import sequential_sends, slow_client
from agents.bench.performance.work import blocking_call, missing_cache, n_plus_one, payload_size

HEURISTICS: Sequence[Callable[[Case], Iterator[Finding]]] = (
    sequential_sends,
    slow_client,
    blocking_call,
    n_plus_one,
    missing_cache,
    payload_size,
)


def diagnose(case: Case) -> list[Finding]:
    """What is found, the likeliest cause first. A loop that stands still because of repeated work is told by that work alone."""
    found = [finding for heuristic in HEURISTICS for finding in heuristic(case)]
    repeated = {(each.file, each.function) for each in found if each.kind in ("n_plus_one", "missing_cache")}
    return [each for each in found if each.kind != "blocking_call" or (each.file, each.function) not in repeated]
