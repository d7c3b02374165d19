"""What a stranger's client can do with a board, to the letter of docs/PROTOCOL.md."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from websockets.asyncio.client import connect

from tests.process.people import Room
from tests.process.server import Server
from tests.stranger.client import Closed, Follower, Person, Refused
from tests.stranger.shapes import check, check_event

pytestmark = pytest.mark.process


async def test_sign_up_in_and_out_without_a_cookie(server: Server) -> None:
    name = f"dora-{uuid4().hex[:8]}"
    dora = await Person.sign_up(server.url, name)
    async with httpx2.AsyncClient(base_url=f"{server.url}/api/") as http:
        login = await http.post("auth/login/", json={"username": name, "password": "mellon-and-said-it-7"})
        wrong = await http.post("auth/login/", json={"username": name, "password": "wrong"})
    signed_in = check("signed in", login.json())
    assert login.status_code == 200
    assert not login.cookies
    assert wrong.status_code == 401
    assert wrong.json()["error"]["code"] == "not_authenticated"
    me = check("me", await dora.get("me/"))
    assert me["id"] == signed_in["user"]["id"]
    assert (await dora.call("POST", "auth/logout/")).status_code == 204
    assert (await dora.refused("GET", "me/")).status == 401
    await dora.close()


async def test_errors_have_one_form(room: Room) -> None:
    nowhere = await room.alice.refused("GET", f"boards/{uuid4()}/")
    assert (nowhere.status, nowhere.code) == (404, "not_found")
    unknown = await room.alice.refused("GET", "boards/", colour="red")
    assert (unknown.status, unknown.code) == (400, "invalid")
    assert "colour" in unknown.error["fields"]
    surplus = await room.alice.refused("POST", "boards/", {"name": "B", "colour": "red"})
    assert (surplus.status, surplus.code) == (400, "invalid")
    assert surplus.error["message"]
    method = await room.alice.refused("PUT", f"boards/{room.board}/", {})
    assert (method.status, method.code) == (405, "method_not_allowed")


async def test_new_board_and_its_objects(room: Room) -> None:
    created = await room.alice.call("POST", "boards/", {"name": "Another"})
    assert created.status_code == 201
    assert set(created.json()) == {"board", "seq"}
    check("board", created.json()["board"])
    board = created.json()["board"]["id"]
    rows = check("[board row]", (await room.alice.get("boards/"))["results"])
    assert [row["name"] for row in rows] == ["Another", "Launch"]
    assert check("my board", await room.alice.get(f"boards/{board}/"))["role"] == "owner"
    snapshot = check("board snapshot", await room.alice.get(f"boards/{board}/snapshot/"))
    assert snapshot["stream"] == f"board:{board}"
    assert [column["name"] for column in snapshot["state"]["columns"]] == ["To do", "In progress", "Review", "Done"]
    assert (await room.bob.refused("GET", f"boards/{board}/")).status == 404


async def test_card_from_creation_to_deletion(room: Room) -> None:
    wanted = {
        "column": room.columns[0],
        "title": "Ship it",
        "description": "**Now**",
        "labels": ["big"],
        "due": "2026-12-24",
        "assignee": room.bob.user["id"],
        "checklist": [{"text": "Pack"}],
    }
    created = await room.alice.post(f"boards/{room.board}/cards/", wanted)
    card = check("card", created["card"])
    assert card["number"] == 2
    assert card["assignee"] == room.bob.user
    assert "<strong>Now</strong>" in card["html"]
    edited = await room.bob.ask("PATCH", f"cards/{card['id']}/", {"version": card["version"], "title": "Ship it today", "due": None})
    assert check("card", edited["card"])["due"] is None
    stale = await room.bob.refused("PATCH", f"cards/{card['id']}/", {"version": card["version"], "title": "Too late"})
    assert (stale.status, stale.code) == (409, "stale_version")
    assert check("card", stale.error["data"]["card"] if "card" in stale.error["data"] else stale.error["data"])["title"] == "Ship it today"
    comment = await room.bob.post(f"cards/{card['id']}/comments/", {"content": "Done soon"})
    check("comment", comment["comment"])
    check("[card summary]", (await room.alice.get(f"boards/{room.board}/cards/", q="today"))["results"])
    activity = (await room.alice.get(f"cards/{card['id']}/activity/"))["results"]
    assert [check_event(event)["type"] for event in activity] == ["comment_added", "card_edited", "card_created"]
    gone = await room.alice.ask("DELETE", f"cards/{card['id']}/")
    assert gone["id"] == card["id"]
    assert (await room.alice.refused("GET", f"cards/{card['id']}/")).status == 404


async def test_hello_tells_everything(room: Room) -> None:
    async with await room.alice.follow(room.stream) as follower:
        hello = check("hello", follower.hello)
        assert follower.frames[0]["type"] == "hello"
        assert hello["stream"] == f"board:{room.board}"
        assert hello["seq"] == await room.head()
        assert hello["floor"] == 0
        assert hello["protocol"] == 1
        check("presence", (await follower.frame("presence"))["data"])


async def test_ticket_opens_one_socket(room: Room) -> None:
    ticket = check("ticket", await room.bob.post("auth/ticket/"))["ticket"]
    async with await Follower.open(room.bob.url, room.stream, ticket=ticket) as follower:
        assert follower.hello["user"] == room.bob.user
    with pytest.raises(Closed) as second:
        await Follower.open(room.bob.url, room.stream, ticket=ticket)
    assert second.value.code == 4501
    assert json.loads(second.value.reason) == {"code": "not_authenticated"}


@pytest.mark.parametrize(("path", "code"), [("boards/{nobody}", 4502), ("nowhere", 4502)])
async def test_socket_without_access_is_closed(room: Room, path: str, code: int) -> None:
    with pytest.raises(Closed) as refused:
        await room.alice.follow(path.format(nobody=uuid4()))
    assert refused.value.code == code


async def test_socket_without_credential_or_with_a_bad_place_is_closed(room: Room) -> None:
    with pytest.raises(Closed) as nobody:
        await Follower.open(room.alice.url, room.stream)
    assert nobody.value.code == 4501
    async with connect(
        f"{room.alice.url.replace('http', 'ws', 1)}/ws/{room.stream}/?after=x", additional_headers=room.alice.bearer, compression=None
    ) as socket:
        await socket.wait_closed()
        assert socket.close_code == 4500


async def test_commands_reach_both_with_their_ref(room: Room) -> None:
    async with await room.alice.follow(room.stream) as one, await room.bob.follow(room.stream, by_ticket=True) as two:
        ref = str(uuid4())
        reply = await one.do("create_card", ref, column=room.columns[0], title="Seen by both")
        assert set(reply) == {"card", "seq"}
        check("card", reply["card"])
        for follower in (one, two):
            event = check_event(await follower.event("card_created"))
            assert (event["seq"], event["ref"], event["actor"]) == (reply["seq"], ref, room.alice.user)
        moved = await two.do("move_card", card=reply["card"]["id"], column=room.columns[1], after=None)
        event = check_event(await one.event("card_moved"))
        assert event["data"]["from_column"] == room.columns[0]
        assert event["data"]["version"] == moved["card"]["version"]
        unchanged = await two.do("move_card", card=reply["card"]["id"], column=room.columns[1], after=None)
        assert unchanged["seq"] == moved["seq"]


async def test_repeated_ref_is_done_once_over_socket_and_rest(room: Room) -> None:
    ref = str(uuid4())
    async with await room.alice.follow(room.stream) as one, await room.alice.follow(room.stream) as other:
        first = await one.do("create_card", ref, column=room.columns[0], title="Only once")
        assert await one.do("create_card", ref, column=room.columns[0], title="Only once") == first
        assert await other.do("create_card", ref, column=room.columns[0], title="Only once") == first
        body = {"column": room.columns[0], "title": "Only once"}
        assert await room.alice.post(f"boards/{room.board}/cards/", body, key=ref) == first
        with pytest.raises(Refused) as reused:
            await one.do("create_card", ref, column=room.columns[0], title="Something else")
        assert reused.value.code == "id_reused"
        again = await room.alice.refused("POST", f"cards/{room.card}/move/", {"column": room.columns[1]}, key=ref)
        assert (again.status, again.code) == (422, "id_reused")
        mine = await room.bob.post(f"boards/{room.board}/cards/", body, key=ref)
        assert mine["card"]["id"] != first["card"]["id"], "one key space per user"
    assert await room.head() == mine["seq"] == first["seq"] + 1


async def test_replay_from_the_start_is_the_events_page(room: Room) -> None:
    for turn in range(30):
        await room.alice.post(f"cards/{room.card}/move/", {"column": room.columns[(turn + 1) % 4]})
    page = check("events page", await room.bob.get(f"{room.stream}/events/", after=0))
    assert [event["seq"] for event in page["events"]] == list(range(1, page["seq"] + 1))
    async with await room.bob.follow(room.stream, after=0, epoch=page["epoch"]) as follower:
        await follower.until(lambda: follower.last == page["seq"])
        assert follower.events == page["events"]
        assert follower.dropped == follower.healed == 0
        assert max(follower.frame_sizes) <= 200 * 1024 + 100
    for event in page["events"]:
        check_event(event)
    first_page = await room.bob.get(f"{room.stream}/events/", after=5, limit=7)
    assert [event["seq"] for event in first_page["events"]] == list(range(6, 13))


async def test_reset_and_sync(room: Room) -> None:
    head = await room.head()
    for after, epoch, reason in ((3, "another", "epoch"), (head + 50, None, "ahead")):
        async with await room.bob.follow(room.stream, after=after, epoch=epoch) as follower:
            reset = (await follower.frame("reset"))["data"]
            assert reset == {"reason": reason, "snapshot": f"/api/boards/{room.board}/snapshot/"}
            await room.alice.post(f"cards/{room.card}/move/", {"column": room.columns[1]})
            snapshot = await room.bob.ask("GET", reset["snapshot"].removeprefix("/api/"))
            await room.alice.post(f"cards/{room.card}/move/", {"column": room.columns[2]})
            assert follower.events == [], "after a reset nothing comes before the sync"
            await follower.sync(snapshot["seq"], snapshot["epoch"])
            event = await follower.event("card_moved")
            assert event["seq"] == snapshot["seq"] + 1
        await room.alice.post(f"cards/{room.card}/move/", {"column": room.columns[0]})
    refused = await room.bob.refused("GET", f"{room.stream}/events/", after=head + 500)
    assert (refused.status, refused.code) == (409, "reset")


async def test_control_frames(room: Room) -> None:
    async with await room.alice.follow(room.stream) as one, await room.bob.follow(room.stream) as two:
        await one.send({"type": "ping"})
        await one.frame("pong")
        await one.send({"type": "viewing", "data": {"card": room.card}})
        await two.until(lambda: any(viewed(frame) == room.card for frame in two.frames), timeout_s=5)
        await one.send({"type": "typing"})
        assert check("user", (await two.frame("typing"))["data"]["user"]) == room.alice.user


def viewed(frame: dict[str, Any]) -> str | None:
    """Which card somebody looks at, as a presence frame tells."""
    users = frame["data"]["users"] if frame["type"] == "presence" else []
    return next((user["viewing"] for user in users if user["viewing"]), None)


async def test_bad_frames_are_told_and_the_socket_lives(room: Room) -> None:
    async with await room.alice.follow(room.stream) as follower:
        ref = str(uuid4())
        assert (await follower.command("no_such_command", ref))["error"]["code"] == "invalid"
        await follower.send("{")
        error = await follower.frame("error")
        assert set(error) == {"type", "error", "timestamp"}
        assert error["error"]["code"] == "invalid"
        assert (await follower.command("move_card", card=room.card, column=str(uuid4())))["error"]["code"] in {"invalid", "not_found"}
        assert await follower.do("move_card", card=room.card, column=room.columns[3])


async def test_event_stream_goes_on_from_the_last_id(room: Room) -> None:
    path = f"{room.stream}/stream/"
    async with room.bob.event_stream(path, after=0) as messages:
        hello = await anext(messages)
        assert hello["event"] == "hello"
        check("hello", hello["data"]["data"] if "data" in hello["data"] else hello["data"])
        seen = [await anext(messages) for _ in range(3)]
    assert [message["event"] for message in seen] == ["message"] * 3
    assert [check_event(message["data"])["seq"] for message in seen] == [1, 2, 3]
    epoch = (await room.bob.get(f"{room.stream}/snapshot/"))["epoch"]
    assert seen[-1]["id"] == f"{epoch}.3"
    async with room.bob.event_stream(path, last_id=seen[-1]["id"], after=1) as messages:
        assert (await anext(messages))["event"] == "hello"
        assert (await anext(messages))["data"]["seq"] == 4
    async with room.bob.event_stream(path, last_id=f"other.{3}") as messages:
        assert [message["event"] async for message in messages] == ["hello", "reset"]


async def test_event_stream_is_live(room: Room) -> None:
    async with room.bob.event_stream(f"{room.stream}/stream/") as messages:
        await anext(messages)
        await room.alice.post(f"cards/{room.card}/move/", {"column": room.columns[2]})
        async with asyncio.timeout(5):
            assert (await anext(messages))["data"]["type"] == "card_moved"


async def test_removed_member_is_closed_at_once(room: Room) -> None:
    async with await room.bob.follow(room.stream) as follower:
        await room.alice.ask("DELETE", f"{room.stream}/members/{room.bob.user['id']}/")
        ended = await follower.end(timeout_s=3)
        assert ended.code == 4502
        assert json.loads(ended.reason) == {"code": "no_access"}
    assert (await room.bob.refused("GET", f"{room.stream}/snapshot/")).status == 404


async def test_deleted_board_is_gone(room: Room) -> None:
    async with await room.bob.follow(room.stream) as follower:
        await room.alice.ask("DELETE", f"boards/{room.board}/")
        ended = await follower.end(timeout_s=3)
        assert follower.events[-1]["type"] == "board_deleted"
        assert ended.code == 4502
    assert (await room.alice.refused("GET", f"boards/{room.board}/")).status == 404
