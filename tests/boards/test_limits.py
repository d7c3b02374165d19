import json
from typing import Any

import pytest
from django.test import override_settings

from boards.events import CardEdited, CommentAdded
from boards.models import Card, Comment
from boards.wire import CardObject, CommentObject
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


@override_settings(WORKROOM_LIMITS={"board_cards": 2})
def test_board_holds_only_so_many_unarchived_cards(room: Room) -> None:
    first = room.card("One")["id"]
    room.card("Two")
    status, error = room.editor.refused("post", f"{room.path}cards/", {"column": room.columns[1], "title": "Three"})
    assert (status, error["code"], error["data"]["board"]["id"]) == (409, "conflict", room.id)
    room.editor.ok("post", f"/api/cards/{first}/archive/")
    room.card("Three", 1)
    assert room.editor.refused("post", f"/api/cards/{first}/restore/")[0] == 409


@override_settings(WORKROOM_LIMITS={"board_columns": 5})
def test_board_has_only_so_many_columns(room: Room) -> None:
    room.editor.ok("post", f"{room.path}columns/", {"name": "Five"})
    status, error = room.editor.refused("post", f"{room.path}columns/", {"name": "Six"})
    assert (status, error["code"]) == (409, "conflict")


def test_limits_allow_exactly_their_number(room: Room) -> None:
    card = room.card("t" * 300, description="d" * 16_000, labels=[f"{number:040}" for number in range(20)])
    assert (len(card["title"]), len(card["description"]), len(card["labels"])) == (300, 16_000, 20)
    items = [{"text": str(number)} for number in range(100)]
    card = room.editor.ok("patch", f"/api/cards/{card['id']}/", {"version": 1, "checklist": items})["card"]
    assert len(card["checklist"]) == 100


def test_event_above_the_limit_goes_without_html(room: Room) -> None:
    markdown = "[x](/) " * 2_280
    card = room.card(description=markdown)
    event = room.events()[-1]
    assert (event["type"], event["data"]["card"]["html"]) == ("card_created", None)
    assert event["data"]["card"] == {**card, "html": None}
    assert card["html"].startswith("<p><a href=")
    assert room.viewer.ok("get", f"/api/cards/{card['id']}/")["html"] == card["html"]


def test_events_are_cut_by_their_html_alone(room: Room) -> None:
    card = room.card(description="**x**")
    room.comment(card["id"], "*y*")
    row = Card.objects.select_related("assignee", "updated_by").get()
    whole = CardEdited(card=CardObject.of(row)).payload(timestamp=0)
    cut = CardEdited(card=CardObject.of(row)).cut().payload(timestamp=0)
    assert cut == {"card": {**_mapping(whole["card"]), "html": None}}
    comment = CommentAdded(comment=CommentObject.of(Comment.objects.select_related("author").get()))
    assert comment.cut().payload(timestamp=0) == {"comment": {**_mapping(comment.payload(timestamp=0)["comment"]), "html": None}}


def _mapping(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value


def test_long_address_referred_to_again_and_again_makes_no_large_html(room: Room) -> None:
    address = f"[a]: https://a.example/{'a' * 7_000}\n\n"
    card = room.card(description=f"{address}{'[a] ' * 2_000}")
    assert len(card["html"]) < 2 * 16_000
    card = room.card(description=f"{address}{'[a] ' * 2}")
    assert card["html"].count('<a href="https://a.example/') == 2


def test_card_too_large_to_be_told_is_refused_when_it_is_written(room: Room) -> None:
    card = room.card(description="👩" * 15_000)
    items = [{"text": "👩" * 150} for _ in range(100)]
    body = {"version": 1, "checklist": items}
    assert len(json.dumps(body, ensure_ascii=False).encode()) < 64 * 1024
    status, error = room.editor.refused("patch", f"/api/cards/{card['id']}/", body)
    assert (status, error["code"]) == (413, "too_large")
    room.editor.ok("patch", f"/api/cards/{card['id']}/", {"version": 1, "checklist": items[:80]})
    room.editor.ok("post", f"/api/cards/{card['id']}/archive/")


def test_body_above_64_kib_is_too_large(room: Room) -> None:
    status, error = room.editor.refused("post", f"{room.path}cards/", {"column": room.columns[0], "title": "x" * 70_000})
    assert (status, error["code"]) == (413, "too_large")
