"""Figures of samples, held against plain definitions."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.bench.performance.stats import fit, interval, mean, median, quantile, stretches, thinned
from tests.bench import report

values = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)
shares = st.floats(0.01, 1)
blocks = st.lists(st.lists(st.floats(0, 1e6), max_size=8), min_size=1, max_size=12).filter(any)


@given(values, shares)
def test_quantile_is_the_smallest_value_that_so_many_do_not_exceed(some: list[float], share: float) -> None:
    found = quantile(some, share)
    assert found in some
    assert sum(value <= found for value in some) >= share * len(some) - 1e-6
    assert all(sum(other <= value for other in some) < share * len(some) + 1e-6 for value in some if value < found)


@given(values, st.sampled_from([0.5, 0.95, 0.99]))
def test_quantile_is_that_of_the_benchmarks(some: list[float], share: float) -> None:
    assert quantile(some, share) == report.quantile(some, share)


@given(values)
def test_figures_are_in_order(some: list[float]) -> None:
    assert min(some) <= median(some) <= quantile(some, 0.95) <= quantile(some, 0.99) <= max(some)
    assert min(some) <= mean(some) <= max(some)


@given(values, st.sampled_from([0.5, 2.0, 4.0]))
def test_quantile_scales_with_its_unit(some: list[float], factor: float) -> None:
    assert quantile([value * factor for value in some], 0.95) == quantile(some, 0.95) * factor


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        quantile([], 0.5)
    with pytest.raises(ValueError, match="nothing"):
        interval([[], []], 0.95)


@settings(max_examples=25)
@given(blocks, st.integers(0, 1000))
def test_interval_is_made_of_samples_and_repeats_by_its_seed(some: list[list[float]], seed: int) -> None:
    low, high = interval(some, 0.95, seed=seed)
    every = [value for block in some for value in block]
    assert low <= high
    assert {low, high} <= set(every)
    assert interval(some, 0.95, seed=seed) == (low, high)


@settings(max_examples=25)
@given(blocks)
def test_interval_does_not_depend_on_the_order_inside_a_block(some: list[list[float]]) -> None:
    assert interval(some, 0.95) == interval([list(reversed(block)) for block in some], 0.95)


def test_interval_of_equal_samples_is_a_point() -> None:
    assert interval([[7.0] * 5] * 4, 0.95) == (7.0, 7.0)


def test_interval_holds_the_true_quantile_about_as_often_as_it_says() -> None:
    """Of 100 runs with a known distribution some 95 hold its p95; singly drawn samples of dependent blocks would hold far fewer."""
    chance = random.Random(4)
    held = 0
    for seed in range(100):
        some = [[level + chance.random() / 10 for _ in range(10)] for level in (chance.expovariate(1) for _ in range(60))]
        low, high = interval(some, 0.95, seed=seed)
        held += low <= -math.log(0.05) + 0.05 <= high
    assert held >= 80


@given(values, st.integers(1, 50))
def test_stretches_are_the_values_in_order(some: list[float], count: int) -> None:
    found = stretches(some, count)
    assert [value for block in found for value in block] == some
    assert len(found) == min(count, len(some))
    assert max(map(len, found)) - min(map(len, found)) <= 1


@given(st.integers(0, 500), st.integers(1, 50))
def test_thinned_places_are_spread_and_in_order(count: int, most: int) -> None:
    places = thinned(count, most)
    assert len(places) == min(count, most)
    assert places == sorted(set(places))
    assert all(0 <= place < count for place in places)


@given(st.floats(-100, 100).filter(lambda slope: abs(slope) > 0.01), st.floats(-100, 100))
def test_line_through_points_of_a_line_is_that_line(slope: float, start: float) -> None:
    line = fit([(x, start + slope * x) for x in range(10)])
    assert line.slope == pytest.approx(slope, rel=1e-6)
    assert line.explains == pytest.approx(1, rel=1e-6)


def test_line_through_a_flat_cloud_explains_nothing() -> None:
    assert fit([(x, 3.0) for x in range(5)]).explains == 0
    assert fit([(1.0, float(y)) for y in range(5)]).explains == 0
    assert fit([]).explains == 0
