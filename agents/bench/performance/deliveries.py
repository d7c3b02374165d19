"""How the receipts of a message are spread over its clients. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents.bench.performance.stats import Line, fit, median

_CLIENTS, _MESSAGES = 3, 4

Row = Sequence[float | None]


@dataclass(frozen=True)
class Spread:
    """When clients get a message after the first of them did: medians over all messages, in milliseconds.

    `order` names the order of clients that the line goes through; `slope_ms` from client to client, `explains` (r²) of it. `step` is
    the share of the width that lies between two neighbours in that order, `step_ms`, after the first `step_after` clients.
    """

    clients: int
    width_ms: float
    order: str
    slope_ms: float
    explains: float
    step: float
    step_ms: float
    step_after: int


def spread_of(rows: Sequence[Row]) -> Spread | None:
    """The spread over messages that all got; None where there are too few to tell."""
    whole = [[each for each in row if each is not None] for row in rows if row and None not in row]
    if len(whole) < _MESSAGES or len(whole[0]) < _CLIENTS:
        return None
    offsets = _offsets(whole)
    order, places, line = _best_order(whole, offsets)
    ordered = [offsets[place] for place in places]
    width = max(offsets) - min(offsets)
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    widest = max(range(len(gaps)), key=lambda place: gaps[place])
    step = gaps[widest] / width if width else 0.0
    return Spread(len(offsets), width, order, line.slope, line.explains, step, gaps[widest], widest + 1)


def _offsets(rows: Sequence[Sequence[float]]) -> list[float]:
    """By client, the median of how much later than the first it had a message, in milliseconds."""
    return [median([(row[place] - min(row)) * 1000 for row in rows]) for place in range(len(rows[0]))]


def _best_order(rows: Sequence[Sequence[float]], offsets: Sequence[float]) -> tuple[str, list[int], Line]:
    """The order of connecting, unless another one that half of the messages show explains the other half better."""
    connected = list(range(len(offsets)))
    by_connection = fit(list(enumerate(offsets)))
    learned, tested = _offsets(rows[::2]), _offsets(rows[1::2])
    same = sorted(connected, key=lambda place: learned[place])
    by_order = fit([(number, tested[place]) for number, place in enumerate(same)])
    if by_connection.slope > 0 and by_connection.explains >= by_order.explains - 0.1:
        return "the order they connected", connected, by_connection
    return "an order that is always the same", same, by_order
