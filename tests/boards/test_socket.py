from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from project.accounts.models import User
from tests.boards.conftest import Room
from tests.conftest import ConnectAs, Socket

pytestmark = pytest.mark.django_db(transaction=True)


async def joined(connect_as: ConnectAs, user: User, room: Room) -> Socket:
    """A socket that stands in the board's stream: it has said hello."""
    socket = await connect_as(user, f"/ws/boards/{room.id}/")
    assert (await socket.event("hello"))["data"]["stream"] == f"board:{room.id}"
    return socket


async def test_one_persons_move_reaches_the_other(room: Room, connect_as: ConnectAs, alice: User, bob: User) -> None:
    card = (await sync_to_async(room.card)("Move me"))["id"]
    hers, his = [await joined(connect_as, user, room) for user in (alice, bob)]
    ref = uuid4()
    reply = await his.ok("move_card", ref, card=card, column=room.columns[1])
    event = await hers.event("card_moved")
    assert (event["seq"], event["ref"], event["actor"]["username"]) == (reply["seq"], str(ref), "bob")
    assert event["data"]["column"] == room.columns[1]
    assert (await his.event("card_moved"))["id"] == event["id"]


async def test_every_command_works_over_the_socket(room: Room, connect_as: ConnectAs, alice: User) -> None:
    socket = await joined(connect_as, alice, room)
    first, second = room.columns[:2]

    async def ask(name: str, /, **data: Any) -> dict[str, Any]:
        reply = await socket.ok(name, **data)
        assert isinstance(reply.pop("seq"), int)
        assert len(reply) == 1
        result = next(iter(reply.values()))
        return result if isinstance(result, dict) else reply

    card = await ask("create_card", column=first, title="A")
    other = await ask("create_card", column=first, title="B", before=card["id"])
    assert (await ask("edit_card", card=card["id"], version=1, title="C"))["version"] == 2
    assert (await ask("move_card", card=card["id"], column=second, after=None, version=2))["column"] == second
    comment = await ask("comment_card", card=card["id"], content="Hello")
    assert (await ask("edit_comment", comment=comment["id"], content="Changed"))["content"] == "Changed"
    assert await ask("delete_comment", comment=comment["id"]) == {"id": comment["id"]}
    assert (await ask("archive_card", card=card["id"]))["archived"] is True
    assert (await ask("restore_card", card=card["id"]))["archived"] is False
    assert await ask("delete_card", card=other["id"]) == {"id": other["id"]}
    column = await ask("create_column", name="New", after=None)
    assert (await ask("edit_column", column=column["id"], wip_limit=4))["wip_limit"] == 4
    assert (await ask("move_column", column=column["id"]))["rank"] > column["rank"]
    assert await ask("delete_column", column=second, move_cards_to=first) == {"id": second}
    assert (await ask("add_member", username="charlie", role="viewer"))["role"] == "viewer"
    charlie = room.stranger.user
    assert charlie is not None
    assert (await ask("change_member", user=str(charlie.id), role="editor"))["role"] == "editor"
    assert (await ask("remove_member", user=str(charlie.id)))["user"]["username"] == "charlie"
    assert (await ask("edit_board", name="Done"))["name"] == "Done"


async def test_card_of_another_board_is_not_found_on_this_socket(room: Room, connect_as: ConnectAs, alice: User) -> None:
    other = (await sync_to_async(room.owner.ok)("post", "/api/boards/", {"name": "Other"}))["board"]["id"]
    card = (await sync_to_async(room.card)("Here"))["id"]
    socket = await connect_as(alice, f"/ws/boards/{other}/")
    reply = await socket.command("archive_card", card=card)
    assert (reply["ok"], reply["error"]["code"]) == (False, "not_found")
    assert await sync_to_async(room.order)() == ["Here"]


async def test_refusal_carries_code_and_data(room: Room, connect_as: ConnectAs, bob: User) -> None:
    card = await sync_to_async(room.card)()
    socket = await joined(connect_as, bob, room)
    reply = await socket.command("edit_card", card=card["id"], version=9, title="x")
    assert (reply["ok"], reply["error"]["code"], reply["error"]["data"]["card"]) == (False, "stale_version", card)
    reply = await socket.command("edit_card", card=card["id"], title="x", colour="red")
    assert (reply["error"]["code"], set(reply["error"]["fields"])) == ("invalid", {"version", "colour"})
    assert (await socket.ok("archive_card", card=card["id"]))["card"]["archived"] is True


async def test_replay_from_the_start_folds_to_the_snapshot(room: Room, connect_as: ConnectAs, vera: User) -> None:
    await sync_to_async(room.card)("One")
    snapshot = await sync_to_async(room.snapshot)()
    socket = await connect_as(vera, f"/ws/boards/{room.id}/?after=0")
    event = await socket.event("card_created")
    assert event["seq"] == snapshot["seq"]
    seen = [frame["seq"] for frame in socket.waiting if "seq" in frame]
    assert [*seen, event["seq"]] == list(range(1, event["seq"] + 1))


async def test_removed_member_is_sent_away_and_others_stay(room: Room, connect_as: ConnectAs, alice: User, bob: User) -> None:
    hers, his = [await joined(connect_as, user, room) for user in (alice, bob)]
    await hers.ok("remove_member", user=str(bob.id))
    assert await his.close_code() == 4502
    assert (await hers.event("member_removed"))["data"]["member"]["user"]["username"] == "bob"


async def test_new_role_counts_at_once_on_an_open_socket(room: Room, connect_as: ConnectAs, alice: User, bob: User) -> None:
    his = await joined(connect_as, bob, room)
    hers = await joined(connect_as, alice, room)
    await hers.ok("change_member", user=str(bob.id), role="viewer")
    reply = await his.command("create_column", name="x")
    assert (reply["ok"], reply["error"]["code"]) == (False, "forbidden")


async def test_deleted_board_tells_so_and_sends_everybody_away(room: Room, connect_as: ConnectAs, bob: User) -> None:
    socket = await joined(connect_as, bob, room)
    await sync_to_async(room.owner.ok)("delete", room.path)
    assert (await socket.event("board_deleted"))["data"] == {"board": room.id}
    assert await socket.close_code() == 4502


async def test_stranger_and_unknown_board_look_the_same(room: Room, connect_as: ConnectAs, charlie: User) -> None:
    for board in (room.id, uuid4()):
        socket = await connect_as(charlie, f"/ws/boards/{board}/")
        assert await socket.close_code() == 4502
