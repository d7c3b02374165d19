"""Figures of samples. Pure: plain numbers in, plain numbers out, the same for the same input."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

RESAMPLES = 500
_CONFIDENCE = 0.95
_BLOCKS = 40


@dataclass(frozen=True)
class Line:
    """A straight line through points: how steep it is, and which share of their spread it explains (r²)."""

    slope: float
    explains: float


def quantile(values: Sequence[float], share: float) -> float:
    """The value at or below which `share` of all lie (nearest rank: always one of the values)."""
    if not values:
        raise ValueError("there is no quantile of nothing")
    return sorted(values)[_rank(len(values), share)]


def median(values: Sequence[float]) -> float:
    """The quantile of a half."""
    return quantile(values, 0.5)


def mean(values: Sequence[float]) -> float:
    """The average, at least the smallest and at most the largest value however they round."""
    return min(max(math.fsum(values) / len(values), min(values)), max(values))


def interval(blocks: Sequence[Sequence[float]], share: float, *, seed: int = 1) -> tuple[float, float]:
    """Between which values the quantile lies with 95 % confidence, by bootstrap.

    Whole blocks are drawn, with replacement: samples of one block (a message to all clients, a stretch of time) depend on
    each other, and drawing them singly would promise more than is known.
    """
    drawn = [block for block in blocks if block]
    order = sorted(((value, number) for number, block in enumerate(drawn) for value in block), reverse=True)
    if not order:
        raise ValueError("there is no interval of nothing")
    chance = random.Random(seed)  # noqa: S311 - seeded resampling, so that the same samples give the same interval; no secret depends on it
    found = sorted(_redrawn(order, drawn, share, chance) for _ in range(RESAMPLES))
    tail = (1 - _CONFIDENCE) / 2
    return found[_rank(RESAMPLES, tail)], found[_rank(RESAMPLES, 1 - tail)]


def stretches(values: Sequence[float], count: int = _BLOCKS) -> list[Sequence[float]]:
    """The values in at most `count` blocks of neighbours, about equally long."""
    count = min(count, len(values))
    edges = [len(values) * number // count for number in range(count + 1)] if count else []
    return [values[start:end] for start, end in pairwise(edges)]


def thinned(count: int, most: int) -> list[int]:
    """At most `most` places among `count`, evenly spread, in order."""
    if count <= most:
        return list(range(count))
    return [number * count // most for number in range(most)]


def fit(points: Sequence[tuple[float, float]]) -> Line:
    """The line of least squares. A flat or vertical cloud explains nothing."""
    if not points:
        return Line(0.0, 0.0)
    x0, y0 = mean([x for x, _ in points]), mean([y for _, y in points])
    xx = math.fsum((x - x0) ** 2 for x, _ in points)
    yy = math.fsum((y - y0) ** 2 for _, y in points)
    xy = math.fsum((x - x0) * (y - y0) for x, y in points)
    if not xx or not yy:
        return Line(0.0, 0.0)
    return Line(xy / xx, min(1.0, xy * xy / (xx * yy)))


def _rank(count: int, share: float) -> int:
    return min(count - 1, max(0, math.ceil(share * count - 1e-9) - 1))


def _redrawn(order: Sequence[tuple[float, int]], blocks: Sequence[Sequence[float]], share: float, chance: random.Random) -> float:
    """The quantile of as many blocks, drawn anew; `order` holds all values with their block's number, the largest first."""
    times = Counter(chance.choices(range(len(blocks)), k=len(blocks)))
    count = sum(len(blocks[number]) * often for number, often in times.items())
    left = count - _rank(count, share)
    for value, number in order:
        left -= times.get(number, 0)
        if left <= 0:
            return value
    return order[-1][0]
