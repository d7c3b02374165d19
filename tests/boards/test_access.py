"""What strangers learn (nothing), and what agents may do. The whole matrix of rights is tests/test_permissions.py."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from project.accounts.models import User
from tests.boards.conftest import Room
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Asked:
    """A request about something of a board."""

    method: str
    path: str
    body: dict[str, Any] | None = None


REST = (
    Asked("get", "boards/{board}/"),
    Asked("patch", "boards/{board}/", {"name": "New"}),
    Asked("get", "boards/{board}/snapshot/"),
    Asked("get", "boards/{board}/events/"),
    Asked("get", "boards/{board}/stream/"),
    Asked("get", "boards/{board}/members/"),
    Asked("post", "boards/{board}/members/", {"username": "dora", "role": "viewer"}),
    Asked("patch", "boards/{board}/members/{member}/", {"role": "viewer"}),
    Asked("delete", "boards/{board}/members/{member}/"),
    Asked("post", "boards/{board}/columns/", {"name": "New"}),
    Asked("get", "boards/{board}/cards/"),
    Asked("post", "boards/{board}/cards/", {"column": "{column}", "title": "New"}),
    Asked("patch", "columns/{column}/", {"name": "New"}),
    Asked("post", "columns/{column}/move/", {}),
    Asked("delete", "columns/{empty}/"),
    Asked("get", "cards/{card}/"),
    Asked("patch", "cards/{card}/", {"version": 1, "title": "New"}),
    Asked("post", "cards/{card}/move/", {"column": "{column}"}),
    Asked("post", "cards/{card}/archive/"),
    Asked("post", "cards/{card}/restore/"),
    Asked("get", "cards/{card}/activity/"),
    Asked("get", "cards/{card}/comments/"),
    Asked("post", "cards/{card}/comments/", {"content": "New"}),
    Asked("patch", "comments/{comment}/", {"content": "New"}),
    Asked("delete", "comments/{comment}/"),
    Asked("delete", "cards/{card}/"),
    Asked("delete", "boards/{board}/"),
)


@pytest.fixture
def named(room: Room) -> dict[str, str]:
    """What the placeholders stand for."""
    User.objects.create_user("dora")
    card = room.card()["id"]
    vera = room.viewer.user
    assert vera is not None
    return {
        "board": room.id,
        "column": room.columns[0],
        "empty": room.columns[3],
        "card": card,
        "comment": room.comment(card),
        "member": str(vera.id),
    }


def filled(value: Any, named: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**named)
    return {key: filled(one, named) for key, one in value.items()} if isinstance(value, dict) else value


def test_strangers_get_the_body_of_what_does_not_exist(room: Room, named: dict[str, str]) -> None:
    nothing = {name: str(uuid4()) for name in named}
    for asked in REST:
        body = filled(asked.body, named)
        theirs = room.stranger.call(asked.method, f"/api/{asked.path.format(**named)}", body)
        absent = room.stranger.call(asked.method, f"/api/{asked.path.format(**nothing)}", body)
        assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content), asked
        assert theirs.status_code == 404


def test_agent_has_the_rights_of_its_own_membership(room: Room, named: dict[str, str], robo: User) -> None:
    robot = Api(robo)
    assert robot.refused("get", room.path)[0] == 404
    room.owner.ok("post", f"{room.path}members/", {"username": "robo", "role": "viewer"})
    assert robot.refused("post", f"/api/cards/{named['card']}/archive/")[0] == 403
    room.owner.ok("patch", f"{room.path}members/{robo.id}/", {"role": "editor"})
    assert robot.ok("post", f"/api/cards/{named['card']}/archive/")["card"]["updated_by"]["kind"] == "agent"
