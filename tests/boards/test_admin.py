import pytest
from django.db.models import Model
from django.test import Client

from boards.models import Board, Card, Column, Comment, Membership
from project.accounts.models import User
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)

MODELS: dict[str, type[Model]] = {"board": Board, "membership": Membership, "column": Column, "card": Card, "comment": Comment}


@pytest.fixture
def admin(room: Room, alice: User) -> Client:
    User.objects.filter(id=alice.id).update(is_staff=True, is_superuser=True)
    card = room.card("Find me", description="text", due="2026-01-01", assignee=str(room.editor_id))["id"]
    room.comment(card)
    client = Client()
    client.force_login(User.objects.get(id=alice.id))
    return client


@pytest.mark.parametrize("name", MODELS)
def test_rows_are_listed_searched_and_shown_but_not_changed(admin: Client, name: str) -> None:
    row = MODELS[name]._default_manager.first()
    assert row is not None
    path = f"/admin/boards/{name}/"
    assert admin.get(path).status_code == 200
    assert admin.get(f"{path}?q=find").status_code == 200
    shown = admin.get(f"{path}{row.pk}/change/")
    assert shown.status_code == 200
    assert b'name="_save"' not in shown.content
    assert admin.post(f"{path}{row.pk}/change/", {}).status_code == 403
    assert admin.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.get(f"{path}add/").status_code == 403


def test_search_finds_and_passes_over(admin: Client) -> None:
    assert b"Find me" in admin.get("/admin/boards/card/?q=find").content
    assert b"Find me" not in admin.get("/admin/boards/card/?q=absent").content


def test_links_lead_to_what_belongs_together(admin: Client, room: Room) -> None:
    board = admin.get(f"/admin/boards/board/{room.id}/change/").content.decode()
    assert f"/admin/boards/card/?board__id__exact={room.id}" in board
    cards = admin.get(f"/admin/boards/card/?board__id__exact={room.id}").content.decode()
    assert "Find me" in cards
    assert f"/admin/boards/board/{room.id}/change/" in cards
    card = Card.objects.get()
    for path in (f"boards/comment/?card__id__exact={card.id}", f"work_sessions/worksession/?card__id__exact={card.id}"):
        assert f"/admin/{path}" in cards
        assert admin.get(f"/admin/{path}").status_code == 200
