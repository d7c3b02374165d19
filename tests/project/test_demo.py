"""The demo: what `manage.py demo` makes, that making it again changes nothing, and whom it leaves alone."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from agents.models import Agent
from agents.tools.tables import find_tables
from boards.models import Board, Card, Column, Comment, Membership
from project import demo
from project.accounts.models import User
from project.clock import db_now
from project.demo_cards import PRICES_TITLE
from project.realtime.commands import Reply, perform
from project.realtime.models import Command, Event

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a-demo-password-42"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_demo_makes_users_an_agent_and_a_board_to_try() -> None:
    said = run("--password", PASSWORD)
    alice, bob, charlie, robo = (User.objects.get(username=name) for name in ("alice", "bob", "charlie", "robo"))
    assert alice.is_superuser
    assert alice.is_staff
    assert not bob.is_superuser
    assert all(user.check_password(PASSWORD) for user in (alice, bob, charlie))
    assert robo.is_agent
    assert not robo.has_usable_password()
    assert Agent.objects.filter(user=robo).exists()
    roles = dict(Membership.objects.filter(board__name="Launch").values_list("user__username", "role"))
    assert roles == {"alice": "owner", "bob": "editor"}
    assert PASSWORD not in said
    assert "Sign in as alice" in said


def test_board_has_believable_cards_and_a_full_column() -> None:
    run("--password", PASSWORD)
    cards = Card.objects.select_related("column")
    counts = Counter(card.column.name for card in cards)
    assert dict(counts) == {"To do": 8, "In progress": 4, "Review": 3, "Done": 5}
    assert Column.objects.get(name="Review").wip_limit == 3
    today = db_now().date()
    due = [card.due for card in cards if card.due and card.column.name != "Done"]
    assert min(due) < today < max(due)
    assert today in due
    assert Comment.objects.count() >= 10
    assert any(card.checklist for card in cards)
    assert {card.assignee.username if card.assignee else None for card in cards} == {"alice", "bob", None}


def test_prices_are_a_table_of_three_companies_labelled_as_sample() -> None:
    run("--password", PASSWORD)
    card = Card.objects.get(title=PRICES_TITLE)
    assert card.description.startswith("**Sample data**")
    series = [each for table in find_tables(card.description) for each in table.series()]
    assert [(each.name, len(each.values)) for each in series] == [("Apple", 12), ("Google", 12), ("Tesla", 12)]
    labels = series[0].labels
    assert labels == tuple(sorted(labels))
    assert labels[-1] < f"{card.created:%Y-%m}"


def test_demo_made_twice_stays_as_it_is() -> None:
    run("--password", PASSWORD)
    Card.objects.get(title="Old banner").delete()
    head = Event.objects.count()
    password = User.objects.get(username="alice").password
    assert "there already" in run("--password", PASSWORD)
    assert Event.objects.count() == head
    assert Board.objects.count() == 1
    assert User.objects.get(username="alice").password == password


def test_demo_cut_off_in_the_middle_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut(Exception):
        pass

    real: Callable[..., Reply] = perform
    calls = 0

    def cut(*args: Any, **kwargs: Any) -> Reply:
        nonlocal calls
        calls += 1
        if calls > 30:
            raise Cut
        return real(*args, **kwargs)

    monkeypatch.setattr("project.demo.perform", cut)
    with pytest.raises(Cut):
        demo.make_demo(password=PASSWORD)
    assert 0 < Card.objects.count() < 20
    monkeypatch.undo()
    demo.make_demo(password=PASSWORD)
    assert Card.objects.count() == 20
    assert Card.objects.values("title").distinct().count() == 20


def test_demo_leaves_an_old_board_alone() -> None:
    run("--password", PASSWORD)
    Board.objects.update(created=db_now() - timedelta(days=8))
    Event.objects.all().delete()
    from_before = Card.objects.count()
    Command.objects.all().delete()
    run("--password", PASSWORD)
    assert Card.objects.count() == from_before


def test_demo_gives_a_new_password_only_when_told() -> None:
    run("--password", PASSWORD)
    run()
    assert User.objects.get(username="bob").check_password(PASSWORD)
    run("--password", "another-password-43")
    assert User.objects.get(username="bob").check_password("another-password-43")


@pytest.mark.parametrize("name", ["alice", "charlie", "robo"])
def test_demo_touches_no_account_that_is_not_its_own(name: str) -> None:
    User.objects.create_user(username=name, password="their-own-password")
    with pytest.raises(CommandError, match=f"a user {name} who isn't of the demo"):
        run("--password", PASSWORD)
    assert User.objects.count() == 1
    assert not User.objects.get().is_superuser


@pytest.mark.parametrize("arguments", [[], ["--password", "workroom-demo"]])
def test_demo_needs_a_password_of_its_own_outside_development(settings: Settings, arguments: list[str]) -> None:
    settings.WORKROOM_IS_DEVELOPMENT = False
    settings.WORKROOM_DEMO_PASSWORD = ""
    with pytest.raises(CommandError, match="password"):
        run(*arguments)
    assert not User.objects.exists()


def test_demo_prints_the_default_logins_in_development() -> None:
    assert "workroom-demo" in run()
