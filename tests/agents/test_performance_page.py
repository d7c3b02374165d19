"""The Performance pages: what their islands are handed, and who is shown them."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from agents.services.performance import keep_own_report
from boards.models import Card
from project.accounts.models import User
from tests.agents.conftest import Room
from tests.agents.reports import begin_run, keep_in, make_report

pytestmark = pytest.mark.django_db(transaction=True)


def page(user: User, address: str) -> dict[str, Any]:
    """The data of a page's island."""
    client = Client()
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200, address
    found = re.search(r'<script id="page-data"[^>]*>(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def status(user: User, address: str) -> int:
    client = Client()
    client.force_login(user)
    return client.get(address).status_code


def test_list_offers_the_targets_and_cards_there_are_reports_of(room: Room, alice: User) -> None:
    keep_in(begin_run(room, room.session()), make_report())
    keep_own_report(owner=alice, report=make_report(target="by hand"))
    data = page(alice, "/performance/")
    assert (data["view"], [row["target"] for row in data["reports"]["results"]]) == ("list", ["by hand", "slow_board"])
    assert data["targets"] == ["by hand", "slow_board"]
    assert data["cards"] == [{"id": room.card, "number": 1, "title": "Prepare the launch", "board": "Launch"}]


def test_list_offers_nothing_of_what_others_see(room: Room, alice: User, charlie: User) -> None:
    keep_in(begin_run(room, room.session()), make_report())
    keep_own_report(owner=alice, report=make_report(target="by hand"))
    data = page(charlie, "/performance/")
    assert (data["reports"]["results"], data["targets"], data["cards"]) == ([], [], [])


def test_deleted_card_is_no_choice(room: Room, alice: User) -> None:
    keep_in(begin_run(room, room.session()), make_report())
    Card.objects.filter(id=room.card).delete()
    assert page(alice, "/performance/")["cards"] == []


def test_report_comes_with_the_rounds_of_its_run_and_others_of_its_target(room: Room, alice: User) -> None:
    first_run = begin_run(room, room.session())
    rounds = [keep_in(first_run, make_report(p95_ms=p95), key=f"round:{at}", round_number=at) for at, p95 in ((2, 50), (1, 140))]
    by_hand = keep_own_report(owner=alice, report=make_report())
    keep_own_report(owner=alice, report=make_report(target="another"))
    data = page(alice, f"/performance/{rounds[0].id}/")
    assert data["report"]["report"]["measured"][0]["figures"]["p95_ms"] == 50
    assert [row["round"] for row in data["rounds"]] == [1, 2]
    assert [row["id"] for row in data["others"]] == [str(by_hand.id), str(rounds[1].id)]
    assert [row["id"] for row in page(alice, f"/performance/{by_hand.id}/")["rounds"]] == [str(by_hand.id)]


def test_two_reports_come_whole(room: Room, alice: User, bob: User) -> None:
    attempt = begin_run(room, room.session())
    before, after = (keep_in(attempt, make_report(p95_ms=p95), key=f"round:{p95}") for p95 in (140, 50))
    address = f"/performance/{before.id}/compare/{after.id}/"
    for user in (alice, bob):
        data = page(user, address)
        assert (data["before"]["id"], data["after"]["id"]) == (str(before.id), str(after.id))
        assert "measured" in data["before"]["report"]


def test_strangers_are_shown_no_report(room: Room, alice: User, charlie: User) -> None:
    kept = keep_in(begin_run(room, room.session()), make_report())
    own = keep_own_report(owner=charlie, report=make_report())
    assert status(charlie, f"/performance/{kept.id}/") == 404
    assert status(charlie, f"/performance/{own.id}/compare/{kept.id}/") == 404
    assert status(charlie, f"/performance/{kept.id}/compare/{own.id}/") == 404
    assert status(alice, f"/performance/{own.id}/") == 404


def test_report_in_the_admin_leads_to_its_page(room: Room, alice: User) -> None:
    kept = keep_in(begin_run(room, room.session()), make_report())
    User.objects.filter(id=alice.id).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(id=alice.id))
    listed = client.get("/admin/agents/performancereport/")
    shown = client.get(f"/admin/agents/performancereport/{kept.id}/change/")
    for response in (listed, shown):
        assert response.status_code == 200
        assert f'href="/performance/{kept.id}/"' in response.content.decode()
