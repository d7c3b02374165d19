"""When the loop of optimising goes on, and when it stops."""

import pytest

from agents.bench.loop import Checks, Fate, Played, Round, Verb, decide_next, excess, idle_rounds, judge_fate, patches, standing, strain_of
from agents.bench.performance.report import Report
from tests.agents.reports import make_report, verdict

GREEN = Checks(played=[Played(name="moves", passed=True)])
RED = Checks(played=[Played(name="moves", passed=True), Played(name="order", passed=False, about="step 3")])


def a_round(number: int, p95_ms: float | None, fate: Fate = "kept") -> Round:
    """A round that measured `p95_ms` against 100 ms, or was not measured."""
    fate = "first" if number == 1 else fate
    return Round(
        number=number,
        fate=fate,
        patch="" if number == 1 else f"patch {number}",
        checks=RED if fate == "broken" else GREEN,
        report=None if p95_ms is None else make_report(p95_ms),
    )


def rounds(*measured: float | None) -> list[Round]:
    return [a_round(number, p95_ms, "kept" if p95_ms else "broken") for number, p95_ms in enumerate(measured, start=1)]


@pytest.mark.parametrize(
    ("measured", "most", "verb"),
    [
        ([300.0], 5, "again"),
        ([80.0], 5, "met"),
        ([300.0, 80.0], 5, "met"),
        ([300.0, 200.0], 2, "used_up"),
        ([300.0, 80.0], 2, "met"),
        ([300.0, None], 5, "again"),
        ([300.0, None, None], 5, "stuck"),
        ([300.0, 298.0, 297.0], 5, "stuck"),
        ([300.0, 298.0, 200.0], 5, "again"),
        ([300.0, 200.0, None, 150.0], 5, "again"),
        ([300.0, 200.0, None, 199.0], 5, "stuck"),
    ],
)
def test_loop_stops_at_the_budget_without_progress_or_at_the_last_round(measured: list[float | None], most: int, verb: Verb) -> None:
    assert decide_next(rounds(*measured), most).verb == verb


def test_one_round_is_a_measuring_without_changes() -> None:
    assert decide_next(rounds(300.0), 1).reason == "Not every budget is met, and a measurement alone changes nothing."
    assert decide_next(rounds(300.0, 200.0), 2).reason == "All 2 rounds are used up, and not every budget is met."


def test_tests_that_fail_before_any_change_stop_the_loop() -> None:
    first = Round(number=1, fate="first", checks=RED)
    decided = decide_next([first], 5)
    assert (decided.verb, decided.goes_on) == ("unfounded", False)


def test_budgets_of_a_patch_that_was_taken_back_are_not_met() -> None:
    slower = a_round(2, 80.0, "slower")
    assert decide_next([a_round(1, 300.0), slower], 5).verb == "again"


def test_what_follows_builds_on_patches_that_stand() -> None:
    done = [a_round(1, 300.0), a_round(2, 200.0), a_round(3, None, "broken"), a_round(4, 260.0, "slower"), a_round(5, 150.0)]
    assert patches(done) == ["patch 2", "patch 5"]
    assert standing(done[:4]) == done[1]
    assert idle_rounds(done) == 0
    assert idle_rounds(done[:4]) == 2


@pytest.mark.parametrize(("now", "fate"), [(200.0, "kept"), (350.0, "kept"), (400.0, "slower")])
def test_patch_that_makes_it_clearly_slower_is_taken_back(now: float, fate: Fate) -> None:
    assert judge_fate([a_round(1, 300.0)], make_report(now)) == fate


def both(orders_ms: float, packing_ms: float) -> Report:
    """Two budgets, of 400 and of 2 ms."""
    return make_report(verdicts=[verdict(orders_ms, 400.0, name="orders"), verdict(packing_ms, 2.0, name="packing")])


@pytest.mark.parametrize(
    ("orders_ms", "packing_ms", "fate", "is_progress"),
    [
        (300.0, 48.0, "kept", True),
        (300.0, 76.0, "kept", True),
        (800.0, 48.0, "kept", True),
        (1076.0, 47.0, "kept", False),
        (1076.0, 76.0, "slower", False),
        (300.0, 800.0, "kept", True),
        (2800.0, 48.0, "slower", False),
    ],
)
def test_one_budget_more_is_progress_whatever_the_worst_one_does(
    orders_ms: float, packing_ms: float, fate: Fate, is_progress: bool
) -> None:
    first = Round(number=1, fate="first", report=both(1076.0, 48.0))
    report = both(orders_ms, packing_ms)
    assert judge_fate([first], report) == fate
    second = Round(number=2, fate=fate, report=report)
    assert (idle_rounds([first, second]) == 0) is is_progress


def test_budget_that_was_met_and_is_lost_counts_by_how_much() -> None:
    first = Round(number=1, fate="first", report=both(300.0, 48.0))
    assert judge_fate([first], both(440.0, 1.0)) == "kept"
    assert judge_fate([first], both(4_000.0, 40.0)) == "slower"


def test_strain_counts_whichever_way_round_the_limit_is() -> None:
    slow = verdict(50.0, 200.0, figure="throughput").model_copy(update={"passed": False})
    fast = verdict(400.0, 200.0, figure="throughput").model_copy(update={"passed": True})
    assert [strain_of(each) for each in (verdict(50.0, 100.0), slow, verdict(90.0, 100.0), fast)] == [0.5, 4.0, 0.9, 0.5]


def test_budget_of_what_was_not_measured_is_missed_by_most() -> None:
    unmeasured = verdict(0.0, 100.0).model_copy(update={"measured": None, "passed": False})
    assert strain_of(unmeasured) == float("inf")
    assert excess(make_report(verdicts=[unmeasured, verdict(200.0, 100.0)])) == 2000.0
