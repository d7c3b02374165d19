"""Budgets: what is read, what is refused by which words, and what passes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bench.performance.budgets import UnreadableBudget, bind, bind_all, judge, read_budget
from agents.bench.performance.declared import Broadcast, Function, Http, Measurement
from agents.bench.performance.report import Figures, Measured, ToAll, Verdict

MOVES = Broadcast(url="ws://x/", send="{n}", marker="{n}", clients=10)
LIST = Http(url="http://x/")
PACED = Http(url="http://x/", rate=100)
TOTAL = Function(function="shop:total")
ALL: dict[str, Measurement] = {"moves": MOVES, "list": LIST, "paced": PACED, "total": TOTAL}
CROWD = MOVES.model_copy(update={"senders": "all", "slow_clients": 2, "messages": 10, "repeats": 1})
"""Two whole turns of eight messages to eight clients."""
FIGURES = Figures(
    average_ms=20,
    p50_ms=10,
    p95_ms=90,
    p99_ms=120,
    max_ms=150,
    interval_ms=(80, 100),
    throughput_per_s=600,
    count=200,
    errors=4,
    memory_growth_kb=3072,
    to_all=ToAll(p50_ms=30, p95_ms=95, max_ms=160, count=20),
)


def verdicts(sentence: str, measured: dict[str, Measurement] | None = None, figures: Figures = FIGURES) -> list[Verdict]:
    named = measured or {"moves": MOVES}
    results = [Measured(name=name, kind=each.kind, about="", figures=figures) for name, each in named.items()]
    return judge(bind_all([sentence], named), results)


@pytest.mark.parametrize(
    ("sentence", "measured", "passed"),
    [
        ("p95 < 200 ms", 90, True),
        ("moves p95 < 100 ms", 90, True),
        ("moves p95 < 90 ms", 90, False),
        ("moves p95 ≤ 90 ms", 90, True),
        ("p95 <= 0.09 s", 0.09, True),
        ("P95 at most 80ms", 90, False),
        ("average under 20,000 us", 20_000, False),
        ("max within 1 s", 0.15, True),
        ("median < 11 ms", 10, True),
        ("broadcast to all < 100 ms with 10 clients", 95, True),
        ("moves max to all < 100 ms", 160, False),
        ("throughput > 500/s", 600, True),
        ("throughput > 600/s", 600, False),
        ("throughput at least 600 deliveries/s", 600, True),
        ("errors = 0", 4, False),
        ("errors < 1 %", 2, False),
        ("errors < 2.5%", 2, True),
        ("memory growth < 5 MB", 3, True),
        ("memory growth < 2,000 kB", 3072, False),
    ],
)
def test_budget_is_judged_in_its_own_unit(sentence: str, measured: float, passed: bool) -> None:
    (verdict,) = verdicts(sentence)
    assert (verdict.measured, verdict.passed, verdict.budget) == (measured, passed, sentence)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("p95 is good", "compares nothing"),
        ("", "compares nothing"),
        ("p96 < 100 ms", "“p96” ends with no figure that is measured. Known: average, .*p95"),
        ("p95 < soon", "“soon” is no amount"),
        ("p95 < -5 ms", "is no amount"),
        ("p95 < 100", "“” is no unit of p95. Known: ms, s"),
        ("p95 < 100 MB", "“mb” is no unit of p95"),
        ("memory growth < 5 ms", "Known: kb, mb, gb"),
        ("errors < 3 ms", "Known: none, %"),
        ("p95 = 100 ms", "ever exactly this"),
        ("p95 < 100 ms < 200 ms", "is no unit"),
        ("p95 < 100 ms or so", "“ms or so” is no unit"),
    ],
)
def test_unreadable_budget_is_refused_with_the_words_that_are_known(sentence: str, told: str) -> None:
    with pytest.raises(UnreadableBudget, match=told):
        read_budget(sentence)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("shop p95 < 1 ms", "“shop” isn't measured. There is: moves, list, paced, total, broadcast, function, http."),
        ("list to all < 1 ms", "nothing gives p95 to all"),
        ("to all < 1 ms with 12 clients", r"with 12 clients. Measured: moves \(broadcast with 10 clients\)"),
        ("list p95 < 1 ms at 100 requests/s", "at 100 requests/s"),
        ("moves throughput > 5 requests/s", "nothing gives throughput in requests/s"),
        ("list memory growth < 5 MB", "where `services` starts it"),
    ],
)
def test_unmeasurable_budget_is_refused_with_what_is_measured(sentence: str, told: str) -> None:
    with pytest.raises(UnreadableBudget, match=told):
        bind(read_budget(sentence), ALL, has_servers=False)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("p95 >= 0 ms", "could not fail: p95 is never less than 0"),
        ("moves throughput at least 0/s", "could not fail: throughput is never less than 0"),
        ("errors >= 0", "could not fail: errors is never less than 0"),
        ("errors < 200 %", "could not fail: errors is never more than 100 %"),
        ("errors <= 100 %", "could not fail: errors is never more than 100 %"),
        ("list errors ≤ 600", "could not fail: errors is never more than 600"),
        ("moves errors < 1,501", "could not fail: errors is never more than 1,500"),
        ("crowd errors <= 128", "could not fail: errors is never more than 128"),
        ("total errors < 700", "could not fail: errors is never more than 600"),
        ("list p95 < 31 s", "could not fail: a failure counts as the time-out, 30 s"),
        ("moves to all at most 30,000 ms", "could not fail: a failure counts as the time-out, 30,000 ms"),
        ("p95 < 0 ms", "could not be met: p95 is never less than 0"),
        ("errors > 100 %", "could not be met: errors is never more than 100 %"),
        ("list errors = 601", "could not be met: errors is never more than 600"),
    ],
)
def test_budget_that_is_decided_before_anything_is_measured_is_refused(sentence: str, told: str) -> None:
    with pytest.raises(UnreadableBudget, match=re.escape(told)):
        bind(read_budget(sentence), {**ALL, "crowd": CROWD})


@pytest.mark.parametrize(
    "sentence",
    [
        *("errors < 100 %", "errors <= 99.9 %", "errors = 0 %", "list errors < 600", "crowd errors < 128"),
        *("p95 < 30 s", "p95 > 100 s", "throughput > 0/s", "memory growth >= 0 kB"),
    ],
)
def test_budget_that_can_fail_and_be_met_is_taken(sentence: str) -> None:
    assert bind(read_budget(sentence), {**ALL, "crowd": CROWD})


def test_budget_that_one_of_its_measurements_can_fail_is_taken() -> None:
    patient = LIST.model_copy(update={"timeout_s": 60})
    assert bind(read_budget("http p95 < 40 s"), {"list": LIST, "patient": patient}) == ["list", "patient"]


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("p95 < 1 ms", ["moves", "list", "paced", "total"]),
        ("http p95 < 1 ms", ["list", "paced"]),
        ("p95 ≤ 150 ms at 100 requests/s", ["paced"]),
        ("to all < 1 ms", ["moves"]),
        ("p95 < 1 ms with 10 clients", ["moves", "list", "paced"]),
        ("throughput > 1 calls/s", ["total"]),
        ("memory growth < 5 MB", ["total"]),
        ("memory growth < 5 MB with 10 clients", None),
    ],
)
def test_budget_without_a_name_is_about_everything_that_has_its_figure(sentence: str, names: list[str] | None) -> None:
    if names is None:
        with pytest.raises(UnreadableBudget):
            bind(read_budget(sentence), ALL, has_servers=False)
    else:
        assert bind(read_budget(sentence), ALL, has_servers=False) == names


def test_name_that_contains_an_operator_is_a_name() -> None:
    assert bind(read_budget("overview p95 < 5 ms"), {"overview": LIST}) == ["overview"]


def test_figure_that_is_missing_after_all_passes_nothing() -> None:
    (verdict,) = verdicts("memory growth < 5 MB", figures=FIGURES.model_copy(update={"memory_growth_kb": None}))
    assert (verdict.measured, verdict.passed) == (None, False)


def limit_or_refusal(text: str) -> float | str:
    try:
        return read_budget(text).limit
    except UnreadableBudget as error:
        return error.message


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_words_that_help(text: str) -> None:
    found = limit_or_refusal(text)
    assert found >= 0 if isinstance(found, float) else re.search(r"Known|[Ww]rite", found)


@given(st.floats(0, 1000), st.floats(0.001, 1000))
def test_less_than_passes_exactly_when_the_figure_is_less(p95: float, limit: float) -> None:
    (verdict,) = verdicts(f"p95 < {limit:.3f} ms", figures=FIGURES.model_copy(update={"p95_ms": p95}))
    assert verdict.passed == (p95 < float(f"{limit:.3f}"))
