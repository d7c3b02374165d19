"""Who may ask for what: every address and every command of boards, for everybody."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from boards.commands import BOARD_COMMANDS
from boards.urls import api_urlpatterns
from project.accounts.models import User
from project.errors import AppError
from project.gate import validate
from project.realtime.commands import perform
from tests.boards.conftest import Room
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

READ, CHANGE, MANAGE, ANYBODY = "viewer", "editor", "owner", "anybody"
POWER = {"stranger": 0, "viewer": 1, "editor": 2, "owner": 3}


@dataclass(frozen=True)
class Asked:
    """A request, what it needs, and its body."""

    method: str
    path: str
    need: str
    body: dict[str, Any] | None = None


REST = (
    Asked("get", "users/", ANYBODY),
    Asked("get", "boards/", ANYBODY),
    Asked("post", "boards/", ANYBODY, {"name": "Mine"}),
    Asked("get", "boards/{board}/", READ),
    Asked("patch", "boards/{board}/", MANAGE, {"name": "New"}),
    Asked("get", "boards/{board}/snapshot/", READ),
    Asked("get", "boards/{board}/events/", READ),
    Asked("get", "boards/{board}/stream/", READ),
    Asked("get", "boards/{board}/members/", READ),
    Asked("post", "boards/{board}/members/", MANAGE, {"username": "dora", "role": "viewer"}),
    Asked("patch", "boards/{board}/members/{member}/", MANAGE, {"role": "viewer"}),
    Asked("delete", "boards/{board}/members/{member}/", MANAGE),
    Asked("post", "boards/{board}/columns/", CHANGE, {"name": "New"}),
    Asked("get", "boards/{board}/cards/", READ),
    Asked("post", "boards/{board}/cards/", CHANGE, {"column": "{column}", "title": "New"}),
    Asked("patch", "columns/{column}/", CHANGE, {"name": "New"}),
    Asked("post", "columns/{column}/move/", CHANGE, {}),
    Asked("delete", "columns/{empty}/", CHANGE),
    Asked("get", "cards/{card}/", READ),
    Asked("patch", "cards/{card}/", CHANGE, {"version": 1, "title": "New"}),
    Asked("post", "cards/{card}/move/", CHANGE, {"column": "{column}"}),
    Asked("post", "cards/{card}/archive/", CHANGE),
    Asked("post", "cards/{card}/restore/", CHANGE),
    Asked("get", "cards/{card}/activity/", READ),
    Asked("get", "cards/{card}/comments/", READ),
    Asked("post", "cards/{card}/comments/", CHANGE, {"content": "New"}),
    Asked("patch", "comments/{comment}/", CHANGE, {"content": "New"}),
    Asked("delete", "comments/{comment}/", CHANGE),
    Asked("delete", "cards/{card}/", CHANGE),
    Asked("delete", "boards/{board}/", MANAGE),
)

COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "edit_board": (MANAGE, {"name": "New"}),
    "add_member": (MANAGE, {"username": "dora", "role": "viewer"}),
    "change_member": (MANAGE, {"user": "{member}", "role": "viewer"}),
    "remove_member": (MANAGE, {"user": "{member}"}),
    "create_column": (CHANGE, {"name": "New"}),
    "edit_column": (CHANGE, {"column": "{column}", "name": "New"}),
    "move_column": (CHANGE, {"column": "{column}"}),
    "delete_column": (CHANGE, {"column": "{empty}"}),
    "create_card": (CHANGE, {"column": "{column}", "title": "New"}),
    "edit_card": (CHANGE, {"card": "{card}", "version": 1, "title": "New"}),
    "move_card": (CHANGE, {"card": "{card}", "column": "{column}"}),
    "archive_card": (CHANGE, {"card": "{card}"}),
    "restore_card": (CHANGE, {"card": "{card}"}),
    "delete_card": (CHANGE, {"card": "{card}"}),
    "comment_card": (CHANGE, {"card": "{card}", "content": "New"}),
    "edit_comment": (CHANGE, {"comment": "{comment}", "content": "New"}),
    "delete_comment": (CHANGE, {"comment": "{comment}"}),
}


@pytest.fixture
def named(room: Room) -> dict[str, str]:
    """What the placeholders stand for. Everybody who edits may edit the comment, for each writes as its author or an owner."""
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


def expected(who: str, need: str) -> int:
    if need == ANYBODY or POWER[who] >= POWER[need]:
        return 200
    return 404 if who == "stranger" else 403


def status_of(client: Api, asked: Asked, named: dict[str, str]) -> int:
    response = client.call(asked.method, f"/api/{asked.path.format(**named)}", filled(asked.body, named))
    response.close()
    status: int = response.status_code
    return 200 if status == 201 else status


@pytest.mark.parametrize("who", POWER)
def test_rest(room: Room, named: dict[str, str], who: str) -> None:
    client = getattr(room, who)
    for asked in REST:
        if asked.path.endswith("stream/"):
            continue  # an endless answer: tested with the others of its kind in tests/realtime
        status = status_of(client, asked, named)
        assert status == expected(who, asked.need), (who, asked)


def test_anonymous_is_told_to_sign_in(room: Room, named: dict[str, str]) -> None:
    for asked in REST:
        response = Api(None).call(asked.method, f"/api/{asked.path.format(**named)}", filled(asked.body, named))
        if asked.path.endswith("stream/"):
            continue
        assert (response.status_code, response.json()["error"]["code"]) == (401, "not_authenticated"), asked


def test_strangers_get_the_body_of_what_does_not_exist(room: Room, named: dict[str, str]) -> None:
    nothing = {name: str(uuid4()) for name in named}
    for asked in REST:
        if asked.need == ANYBODY or asked.path.endswith("stream/"):
            continue
        body = filled(asked.body, named)
        theirs = room.stranger.call(asked.method, f"/api/{asked.path.format(**named)}", body)
        absent = room.stranger.call(asked.method, f"/api/{asked.path.format(**nothing)}", body)
        assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content), asked
        assert theirs.status_code == 404


@pytest.mark.parametrize("who", POWER)
@pytest.mark.parametrize("name", COMMANDS)
def test_commands(room: Room, named: dict[str, str], who: str, name: str) -> None:
    need, data = COMMANDS[name]
    spec = BOARD_COMMANDS[name]
    user = getattr(room, who).user
    try:
        perform(spec, actor=user, payload=validate(spec.payload, filled(data, named)), scope=UUID(room.id))
        status = 200
    except AppError as error:
        status = error.status
    assert status == expected(who, need)


def test_agent_has_the_rights_of_its_own_membership(room: Room, named: dict[str, str], robo: User) -> None:
    robot = Api(robo)
    assert robot.refused("get", room.path)[0] == 404
    room.owner.ok("post", f"{room.path}members/", {"username": "robo", "role": "viewer"})
    assert robot.refused("post", f"/api/cards/{named['card']}/archive/")[0] == 403
    room.owner.ok("patch", f"{room.path}members/{robo.id}/", {"role": "editor"})
    assert robot.ok("post", f"/api/cards/{named['card']}/archive/")["card"]["updated_by"]["kind"] == "agent"


def test_every_address_and_command_is_listed() -> None:
    def shape(path: str) -> str:
        for placeholder in ("board", "member", "column", "empty", "card", "comment"):
            path = path.replace("{" + placeholder + "}", "*")
        return path

    routed = set()
    for pattern in api_urlpatterns:
        parts = [("*" if part.startswith("<") else part) for part in str(pattern.pattern).split("/")]
        view = getattr(pattern.callback, "cls", None)
        methods = [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)] if view else ["get"]
        routed |= {(method, "/".join(parts)) for method in methods}
    assert {(asked.method, shape(asked.path)) for asked in REST} == routed
    assert set(COMMANDS) == set(BOARD_COMMANDS)
