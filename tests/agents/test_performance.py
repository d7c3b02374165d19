"""Performance reports: what is kept of one, once, and what stands in its row."""

from typing import Any

import pytest

from agents.bench.performance.report import Report
from agents.models import AgentOutput, PerformanceReport, Run
from agents.services.fence import Attempt, Fenced
from agents.services.performance import headline_of, keep_own_report
from project.accounts.models import User
from tests.agents.conftest import Room
from tests.agents.reports import begin_run, keep_in, make_report, verdict


@pytest.fixture
def attempt(room: Room) -> Attempt:
    return begin_run(room, room.session())


@pytest.mark.django_db(transaction=True)
def test_report_of_a_run_is_a_row_an_output_and_an_event(room: Room, attempt: Attempt) -> None:
    kept = keep_in(attempt, make_report(p95_ms=140.0))
    row = PerformanceReport.objects.get()
    output = AgentOutput.objects.get()
    assert (row.id, row.output, row.owner) == (kept.id, output, attempt.starter)
    assert (row.target, row.round, row.passed) == ("slow_board", 1, False)
    assert Report(**row.report) == make_report(p95_ms=140.0)
    assert (output.kind, output.title) == ("performance", "Performance of slow_board, round 1: failed")
    [event] = [each for each in room.events(str(attempt.session_id)) if each["type"] == "output_added"]
    told = event["data"]["output"]
    assert (told["id"], told["content"], told["html"]) == (str(output.id), "# Moves", "<h1>Moves</h1>")
    assert told["data"] == {
        "report": str(row.id),
        "target": "slow_board",
        "round": 1,
        "passed": False,
        "headline": {
            "measurement": "moves",
            "figure": "p95",
            "measured": 140.0,
            "limit": 100.0,
            "unit": "ms",
            "budget": "moves p95 < 100 ms",
        },
        "verdicts": row.verdicts,
    }


@pytest.mark.django_db(transaction=True)
def test_same_key_is_kept_and_told_once(room: Room, attempt: Attempt) -> None:
    first = keep_in(attempt, make_report(p95_ms=140.0))
    events = len(room.events(str(attempt.session_id)))
    again = keep_in(attempt, make_report(p95_ms=20.0))
    assert (again.id, again.passed) == (first.id, False)
    assert len(room.events(str(attempt.session_id))) == events
    assert keep_in(attempt, make_report(p95_ms=20.0), key="round:2", round_number=2).id != first.id


@pytest.mark.django_db(transaction=True)
def test_attempt_that_lost_its_run_keeps_nothing(attempt: Attempt) -> None:
    Run.objects.filter(id=attempt.run_id).update(attempt=attempt.number + 1)
    with pytest.raises(Fenced):
        keep_in(attempt, make_report())
    assert not PerformanceReport.objects.exists()
    assert not AgentOutput.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_report_made_by_hand_belongs_to_its_owner(alice: User) -> None:
    row = keep_own_report(owner=alice, report=make_report(p95_ms=34.0))
    stored = PerformanceReport.objects.get()
    assert (stored.id, stored.owner, stored.output, stored.round, stored.passed) == (row.id, alice, None, None, True)


@pytest.mark.django_db(transaction=True)
def test_without_budgets_nothing_is_passed_or_failed(alice: User) -> None:
    assert keep_own_report(owner=alice, report=make_report(verdicts=[])).passed is None


@pytest.mark.django_db(transaction=True)
def test_what_a_program_says_is_stored_by_every_database(alice: User) -> None:
    report = make_report()
    odd = report.model_copy(update={"machine": "a\0b"})
    keep_own_report(owner=alice, report=odd)
    assert PerformanceReport.objects.get().report["machine"] == "a�b"


def test_headline_is_the_budget_missed_by_most() -> None:
    near, missed, far = verdict(90, 100), verdict(120, 100, name="lists"), verdict(300, 100, name="sign-in", figure="p50")
    assert headline(near, missed) == ("lists", "p95", 120, 100)
    # A p95 says more than another figure, but never hides that something else is missed.
    assert headline(near, far) == ("sign-in", "p50", 300, 100)
    assert headline(missed, far) == ("lists", "p95", 120, 100)


def test_headline_of_met_budgets_is_the_p95_nearest_to_its_limit() -> None:
    assert headline(verdict(20, 100), verdict(40, 50, name="lists"), verdict(99, 100, figure="p50")) == ("lists", "p95", 40, 50)


def test_limit_from_below_is_met_by_more() -> None:
    floor = {"budget": "lists throughput > 50/s", "measurement": "lists", "figure": "throughput", "limit": 50.0, "unit": "/s"}
    plenty = verdict(1, 1).model_copy(update={**floor, "measured": 500.0, "passed": True})
    scant = plenty.model_copy(update={"measurement": "boards", "measured": 51.0})
    assert headline(plenty, scant) == ("boards", "throughput", 51, 50)


def test_without_budgets_the_slowest_is_told() -> None:
    report = make_report(verdicts=[])
    told = headline_of(report)
    assert told is not None
    assert (told.measurement, told.measured, told.limit, told.budget) == ("moves", 34.0, None, None)


def headline(*verdicts: Any) -> tuple[str, str, float, float | None]:
    told = headline_of(make_report(verdicts=list(verdicts)))
    assert told is not None
    return told.measurement, told.figure, told.measured, told.limit
