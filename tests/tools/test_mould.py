"""What a mould writes is what was made first, for other people and with new ids everywhere."""

import json
import re

import pytest
from django.apps import apps

from project.accounts.models import User
from tests.agents.conftest import make_launch
from tests.conftest import Api, make_user
from tests.tools.mould import Made, Mould

pytestmark = pytest.mark.django_db(transaction=True)

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def make_people(mark: str) -> list[User]:
    return [make_user(f"{name}-{mark}") for name in ("alice", "bob", "vera")]


def count_rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models() if model.__name__ != "AuthToken"}


def look(owner: User, made: Made) -> str:
    """All that REST says of the board, its log, its members and its card."""
    client, board = Api(owner), f"boards/{made['board']}"
    paths = (f"{board}/", f"{board}/snapshot/", f"{board}/events/", f"{board}/members/", f"cards/{made['card']}/")
    return json.dumps([client.ok("get", f"/api/{path}") for path in paths])


def number_ids(text: str) -> str:
    """`text` with each id replaced by its number in the order of appearance."""
    order = list(dict.fromkeys(ID.findall(text)))
    return ID.sub(lambda found: f"#{order.index(found[0])}", text)


def test_second_is_the_first_with_other_ids() -> None:
    mould, before = Mould(make_launch), count_rows()
    ones = make_people("one")
    first = look(ones[0], mould(*ones))
    once = count_rows()
    others = make_people("two")
    second = look(others[0], mould(*others))
    assert count_rows() == {label: 2 * number - before[label] for label, number in once.items()}
    assert number_ids(second).replace("-two", "-one") == number_ids(first)
    assert not set(ID.findall(first)) & set(ID.findall(second))


def test_what_was_written_can_be_worked_on() -> None:
    mould = Mould(make_launch)
    mould(*make_people("one"))
    alice, bob, vera = make_people("two")
    made = mould(alice, bob, vera)
    seq = Api(alice).ok("get", f"/api/boards/{made['board']}/snapshot/")["seq"]
    moved = Api(bob).ok("post", f"/api/boards/{made['board']}/cards/", {"column": made["column"], "title": "Next"})
    assert (moved["seq"], moved["card"]["number"]) == (seq + 1, 2)
