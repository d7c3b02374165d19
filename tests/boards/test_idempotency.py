from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from project.accounts.models import User
from tests.boards.conftest import Room
from tests.conftest import ConnectAs

pytestmark = pytest.mark.django_db(transaction=True)


def test_repeat_over_rest_is_done_once_with_the_same_answer(room: Room) -> None:
    key, body = uuid4(), {"column": room.columns[0], "title": "Once"}
    first = room.editor.call("post", f"{room.path}cards/", body, key=key)
    again = room.editor.call("post", f"{room.path}cards/", body, key=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert room.order() == ["Once"]
    assert [event["ref"] for event in room.events()][-1] == str(key)


def test_same_id_with_other_data_or_command_is_refused(room: Room) -> None:
    key = uuid4()
    card = room.editor.ok("post", f"{room.path}cards/", {"column": room.columns[0], "title": "One"}, key=key)["card"]
    refusals = [
        room.editor.refused("post", f"{room.path}cards/", {"column": room.columns[0], "title": "Two"}, key=key),
        room.editor.refused("post", f"/api/cards/{card['id']}/archive/", key=key),
        room.editor.refused("post", f"{room.path}columns/", {"name": "One"}, key=key),
    ]
    assert [(status, error["code"]) for status, error in refusals] == [(422, "id_reused")] * 3
    assert room.order() == ["One"]


def test_same_body_to_another_board_is_other_data(room: Room) -> None:
    key = uuid4()
    other = room.editor.ok("post", "/api/boards/", {"name": "Other"})["board"]["id"]
    room.editor.ok("post", f"{room.path}columns/", {"name": "New"}, key=key)
    assert room.editor.refused("post", f"/api/boards/{other}/columns/", {"name": "New"}, key=key)[0] == 422


def test_refusals_are_not_stored(room: Room) -> None:
    key = uuid4()
    room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"wip_limit": 1})
    room.card()
    body = {"column": room.columns[0], "title": "Late"}
    assert room.editor.refused("post", f"{room.path}cards/", body, key=key)[0] == 409
    room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"wip_limit": None})
    room.editor.ok("post", f"{room.path}cards/", body, key=key)
    assert room.order() == ["Card", "Late"]


def test_ids_of_two_users_do_not_meet(room: Room) -> None:
    key, body = uuid4(), {"column": room.columns[0], "title": "Both"}
    room.editor.ok("post", f"{room.path}cards/", body, key=key)
    room.owner.ok("post", f"{room.path}cards/", body, key=key)
    assert room.order() == ["Both", "Both"]


def test_access_is_checked_before_a_stored_reply_is_given(room: Room) -> None:
    key, body = uuid4(), {"column": room.columns[0], "title": "Secret"}
    room.editor.ok("post", f"{room.path}cards/", body, key=key)
    room.owner.ok("delete", f"{room.path}members/{room.editor_id}/")
    assert room.editor.refused("post", f"{room.path}cards/", body, key=key)[0] == 404


def test_repeated_deletion_gives_its_reply_again(room: Room) -> None:
    card, key = room.card()["id"], uuid4()
    first = room.editor.ok("delete", f"/api/cards/{card}/", key=key)
    assert room.editor.ok("delete", f"/api/cards/{card}/", key=key) == first


def test_key_that_is_no_uuid_is_invalid(room: Room) -> None:
    response = room.editor.call("post", f"{room.path}columns/", {"name": "x"}, HTTP_IDEMPOTENCY_KEY="one")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


async def test_rest_and_socket_share_the_ids(room: Room, connect_as: ConnectAs, bob: User) -> None:
    socket = await connect_as(bob, f"/ws/boards/{room.id}/")
    key, data = uuid4(), {"column": room.columns[0], "title": "Once"}
    over_socket = await socket.ok("create_card", key, **data)
    over_rest = await sync_to_async(room.editor.ok)("post", f"{room.path}cards/", data, key=key)
    assert over_rest == over_socket
    other: dict[str, Any] = await socket.command("create_card", key, column=room.columns[0], title="Twice")
    assert (other["ok"], other["error"]["code"]) == (False, "id_reused")
    again: UUID = uuid4()
    moved = await sync_to_async(room.editor.ok)(
        "post", f"/api/cards/{over_rest['card']['id']}/move/", {"column": room.columns[1]}, key=again
    )
    assert await socket.ok("move_card", again, card=over_rest["card"]["id"], column=room.columns[1]) == moved
    assert await sync_to_async(room.order)(1) == ["Once"]
