"""How receipts are spread over clients."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bench.performance.deliveries import Spread, spread_of


def rows(offsets_ms: list[float], messages: int = 12, noise_ms: float = 0.2, seed: int = 1) -> list[list[float | None]]:
    chance = random.Random(seed)
    return [[(5 + offset + chance.random() * noise_ms) / 1000 for offset in offsets_ms] for _ in range(messages)]


def spread(offsets_ms: list[float], **options: float) -> Spread:
    found = spread_of(rows(offsets_ms, **options))  # type: ignore[arg-type]  # counts and milliseconds alike
    assert found is not None
    return found


def test_one_after_another_is_a_line_in_the_order_of_connecting() -> None:
    found = spread([4.0 * place for place in range(8)])
    assert found.order == "the order they connected"
    assert found.slope_ms == pytest.approx(4, rel=0.1)
    assert found.explains > 0.99
    assert found.width_ms == pytest.approx(28, rel=0.05)
    assert found.step < 0.3


@given(st.permutations(range(8)))
def test_one_after_another_in_any_lasting_order_is_a_line(order: list[int]) -> None:
    found = spread([4.0 * place for place in order])
    assert found.slope_ms == pytest.approx(4, rel=0.15)
    assert found.explains > 0.9


def test_receipts_in_an_order_that_changes_are_no_line() -> None:
    chance = random.Random(2)
    shuffled = [chance.sample([4.0 * place for place in range(8)], 8) for _ in range(40)]
    found = spread_of([[(5 + offset) / 1000 for offset in row] for row in shuffled])
    assert found is not None
    assert found.explains < 0.8


@given(st.integers(1, 7), st.integers(10, 100))
def test_one_slow_client_is_a_step_after_those_before_it(place: int, held_ms: int) -> None:
    found = spread([0.0] * place + [float(held_ms)] * (8 - place))
    assert found.step > 0.8
    assert found.step_ms == pytest.approx(held_ms, abs=1)
    assert found.step_after == place


def test_too_few_messages_or_clients_tell_nothing() -> None:
    assert spread_of([]) is None
    assert spread_of(rows([0, 4, 8], messages=3)) is None
    assert spread_of(rows([0, 4], messages=30)) is None


def test_messages_that_somebody_never_got_are_left_out() -> None:
    whole = rows([0.0, 4.0, 8.0])
    lacking: list[list[float | None]] = [[0.5, None, 0.1]] * 30
    assert spread_of([*whole, *lacking]) == spread_of(whole)


def test_receipts_at_the_same_moment_have_no_width() -> None:
    found = spread([0.0] * 5, noise_ms=0)
    assert (found.width_ms, found.step, found.slope_ms) == (0, 0, 0)
