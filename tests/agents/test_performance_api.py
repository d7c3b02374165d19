"""Performance reports over REST: who finds which, by what, and in which order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from agents.models import PerformanceReport
from agents.services.performance import keep_own_report
from boards.models import Card
from project.accounts.models import User
from project.clock import db_now
from tests.agents.conftest import Room
from tests.agents.reports import begin_run, keep_in, make_report
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


def found(api: Api, query: str = "") -> list[str]:
    """The targets of the reports that are listed, in order."""
    return [row["target"] for row in api.ok("get", f"/api/performance/?{query}")["results"]]


def test_row_says_what_was_measured_and_where_it_comes_from(room: Room) -> None:
    session = room.session()
    attempt = begin_run(room, session)
    kept = keep_in(attempt, make_report(p95_ms=140.0))
    [row] = room.api.ok("get", "/api/performance/")["results"]
    assert (row["id"], row["output"]) == (str(kept.id), str(kept.output_id))
    assert (row["target"], row["round"], row["passed"], row["owner"]["username"]) == ("slow_board", 1, False, "alice")
    assert (row["headline"]["measured"], row["headline"]["limit"]) == (140.0, 100.0)
    assert [each["budget"] for each in row["verdicts"]] == ["moves p95 < 100 ms"]
    assert (row["run"]["id"], row["session"]["id"]) == (str(attempt.run_id), session)
    assert (row["board"]["name"], row["card"]["id"]) == ("Launch", room.card)
    assert "report" not in row


def test_whole_report_has_what_was_measured(room: Room) -> None:
    kept = keep_in(begin_run(room, room.session()), make_report())
    whole = room.api.ok("get", f"/api/performance/{kept.id}/")
    assert whole["report"] == make_report().model_dump(mode="json")
    [row] = room.api.ok("get", "/api/performance/")["results"]
    assert {name: value for name, value in whole.items() if name != "report"} == row


def test_members_see_the_reports_of_a_board_and_strangers_none(
    room: Room, api: Callable[[User | None], Api], bob: User, vera: User, charlie: User
) -> None:
    kept = keep_in(begin_run(room, room.session()), make_report())
    for member in (bob, vera):
        assert found(api(member)) == ["slow_board"]
        assert api(member).ok("get", f"/api/performance/{kept.id}/")["id"] == str(kept.id)
    assert found(api(charlie)) == []
    assert api(charlie).refused("get", f"/api/performance/{kept.id}/")[0] == 404
    assert api(charlie).refused("get", f"/api/performance/{uuid4()}/")[1] == api(charlie).refused("get", f"/api/performance/{kept.id}/")[1]


def test_report_made_by_hand_is_for_its_owner_and_staff(room: Room, api: Callable[[User | None], Api], alice: User, bob: User) -> None:
    kept = keep_own_report(owner=alice, report=make_report())
    assert found(room.api) == ["slow_board"]
    assert found(api(bob)) == []
    assert api(bob).refused("get", f"/api/performance/{kept.id}/")[0] == 404
    User.objects.filter(id=bob.id).update(is_staff=True)
    assert found(api(User.objects.get(id=bob.id))) == ["slow_board"]
    [row] = room.api.ok("get", "/api/performance/")["results"]
    assert [row[name] for name in ("run", "output", "board", "card", "session", "round")] == [None] * 6


def test_staff_see_no_more_reports_of_runs_than_others(room: Room, api: Callable[[User | None], Api], charlie: User) -> None:
    keep_in(begin_run(room, room.session()), make_report())
    User.objects.filter(id=charlie.id).update(is_staff=True)
    assert found(api(User.objects.get(id=charlie.id))) == []


def test_deleted_session_takes_its_reports_away(room: Room) -> None:
    session = room.session()
    keep_in(begin_run(room, session), make_report())
    room.api.ok("delete", f"/api/sessions/{session}/")
    assert found(room.api) == []


def test_deleted_card_is_named_no_more(room: Room) -> None:
    keep_in(begin_run(room, room.session()), make_report())
    Card.objects.filter(id=room.card).delete()
    [row] = room.api.ok("get", "/api/performance/")["results"]
    assert (row["card"], row["board"]["name"]) == (None, "Launch")


@pytest.fixture
def three(room: Room, alice: User) -> dict[str, PerformanceReport]:
    """Reports of a card, of a room without one, and of alice alone; made on three days."""
    of_card = keep_in(begin_run(room, room.session()), make_report(target="card", p95_ms=140.0))
    own = room.api.ok("post", "/api/sessions/", {})["session"]["id"]
    reports = {
        "card": of_card,
        "room": keep_in(begin_run(room, own), make_report(target="room")),
        "alone": keep_own_report(owner=alice, report=make_report(target="alone", verdicts=[])),
    }
    for days, report in enumerate(reports.values(), start=1):
        PerformanceReport.objects.filter(id=report.id).update(created=db_now() - timedelta(days=days))
    return reports


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ("", ["card", "room", "alone"]),
        ("target=room", ["room"]),
        ("target=roo", []),
        ("passed=true", ["room"]),
        ("passed=false", ["card"]),
        ("card={card}", ["card"]),
        ("board={board}", ["card"]),
        ("run={run}", ["card"]),
        ("session={session}", ["card"]),
        ("board={card}", []),
        ("since={two_days_ago}", ["card", "room"]),
        ("until={two_days_ago}", ["room", "alone"]),
        ("since={two_days_ago}&until={two_days_ago}&passed=true", ["room"]),
        ("until=9999-12-31", ["card", "room", "alone"]),
    ],
)
def test_query_narrows_the_list(room: Room, three: dict[str, PerformanceReport], query: str, targets: list[str]) -> None:
    output = three["card"].output
    assert output is not None
    names: dict[str, Any] = {"card": room.card, "board": room.board, "run": output.run_id, "session": output.run.session_id}
    two_days_ago = PerformanceReport.objects.get(id=three["room"].id).created.date()
    assert found(room.api, query.format(**names, two_days_ago=two_days_ago)) == targets


def test_newest_comes_first_page_by_page(room: Room, three: dict[str, PerformanceReport]) -> None:
    first = room.api.ok("get", "/api/performance/?limit=2")
    second = room.api.ok("get", f"/api/performance/?limit=2&cursor={first['next']}")
    assert [[row["target"] for row in page["results"]] for page in (first, second)] == [["card", "room"], ["alone"]]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["passed=perhaps", "card=x", "since=yesterday", "colour=red", "limit=0", "cursor=x"])
def test_query_that_says_nothing_sensible_is_refused(room: Room, query: str) -> None:
    status, error = room.api.refused("get", f"/api/performance/?{query}")
    assert (status, error["code"]) == (400, "invalid")
    assert query.split("=", 1)[0] in error["fields"]


def test_list_takes_as_many_queries_for_many_as_for_one(room: Room, django_assert_max_num_queries: Any) -> None:
    attempt = begin_run(room, room.session())
    for number in range(1, 6):
        keep_in(attempt, make_report(), key=f"round:{number}", round_number=number)
    with django_assert_max_num_queries(6):
        assert len(room.api.ok("get", "/api/performance/")["results"]) == 5
