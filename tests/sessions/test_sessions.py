"""Work sessions over REST and over the socket that opens one."""

from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from project.accounts.models import User
from tests.conftest import Api, ConnectAs

pytestmark = pytest.mark.django_db(transaction=True)

SESSION_KEYS = {
    *("id", "title", "board", "card", "owner", "workflow", "status", "phase"),
    *("instructions", "review_plan", "tools", "created", "updated"),
}


@pytest.fixture
def alices(alice: User, api: Callable[[User | None], Api]) -> Api:
    return api(alice)


@pytest.fixture
def bobs(bob: User, api: Callable[[User | None], Api]) -> Api:
    return api(bob)


def start(client: Api, **body: Any) -> dict[str, Any]:
    session: dict[str, Any] = client.ok("post", "/api/sessions/", body)["session"]
    return session


def new_board(client: Api, *editors: str) -> tuple[str, str]:
    """A board and a card on it."""
    board = client.ok("post", "/api/boards/", {"name": "Launch"})["board"]["id"]
    for name in editors:
        client.ok("post", f"/api/boards/{board}/members/", {"username": name, "role": "editor"})
    column = client.ok("get", f"/api/boards/{board}/snapshot/")["state"]["columns"][0]["id"]
    return board, client.ok("post", f"/api/boards/{board}/cards/", {"column": column, "title": "A card"})["card"]["id"]


def test_session_starts_private_with_all_its_keys(alices: Api, bobs: Api) -> None:
    reply = alices.ok("post", "/api/sessions/", {"title": "  Mine "})
    session = reply["session"]
    assert set(session) == SESSION_KEYS
    assert (session["title"], session["workflow"], session["status"], session["phase"]) == ("Mine", "chat", "active", "idle")
    assert reply["seq"] == 1
    assert alices.ok("get", f"/api/sessions/{session['id']}/") == session
    assert bobs.refused("get", f"/api/sessions/{session['id']}/")[0] == 404
    assert bobs.ok("get", "/api/sessions/")["results"] == []


def test_session_of_a_card_is_open_to_the_board_and_counted_on_the_card(alices: Api, bobs: Api) -> None:
    board, card = new_board(alices, "bob")
    session = start(alices, card=card, workflow="resolve", instructions="Be short.")
    assert (session["board"], session["card"], session["title"]) == (board, card, "A card")
    assert bobs.ok("get", f"/api/sessions/{session['id']}/")["owner"]["username"] == "alice"
    assert bobs.ok("get", f"/api/cards/{card}/")["session_count"] == 1
    assert [each["id"] for each in bobs.ok("get", f"/api/sessions/?card={card}&status=active&q=CARD")["results"]] == [session["id"]]
    assert bobs.ok("get", f"/api/sessions/?board={board}&status=stopped")["results"] == []


def test_session_needs_the_right_to_its_board(alices: Api, charlie: User, vera: User, api: Callable[[User | None], Api]) -> None:
    board, card = new_board(alices)
    alices.ok("post", f"/api/boards/{board}/members/", {"username": "vera", "role": "viewer"})
    assert api(charlie).refused("post", "/api/sessions/", {"card": card})[0] == 404
    assert api(vera).refused("post", "/api/sessions/", {"board": board})[0] == 403
    session = start(alices, board=board)
    assert api(vera).ok("get", f"/api/sessions/{session['id']}/snapshot/")["me"]["role"] == "viewer"
    assert api(vera).refused("patch", f"/api/sessions/{session['id']}/", {"title": "No"})[0] == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"workflow": "compose"}, "workflow"),
        ({"workflow": "guess"}, "workflow"),
        ({"title": " "}, "title"),
        ({"colour": "red"}, "colour"),
        ({"tools": [{"name": "1", "description": "", "parameters": {"type": "object"}}]}, "tools.0.name"),
        ({"tools": [{"name": "a", "description": "", "parameters": {}}]}, "tools.0.parameters"),
    ],
)
def test_wrong_body_is_refused_by_field(alices: Api, body: dict[str, Any], field: str) -> None:
    status, error = alices.refused("post", "/api/sessions/", body)
    assert (status, error["code"], list(error["fields"])) == (400, "invalid", [field])


def test_card_of_another_board_is_refused(alices: Api) -> None:
    _, card = new_board(alices)
    other, _ = new_board(alices)
    assert alices.refused("post", "/api/sessions/", {"board": other, "card": card})[1]["code"] == "invalid"


def test_open_sessions_per_user_are_bounded(alices: Api, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"sessions_per_user": 1}
    session = start(alices)
    assert alices.refused("post", "/api/sessions/", {})[0] == 429
    alices.ok("post", f"/api/sessions/{session['id']}/stop/")
    start(alices)


def test_renaming_writes_one_event_and_the_same_name_none(alices: Api) -> None:
    session = start(alices)
    path = f"/api/sessions/{session['id']}/"
    assert [alices.ok("patch", path, {"title": "New"})["seq"] for _ in range(2)] == [2, 2]
    events = alices.ok("get", f"{path}events/")["events"]
    assert [(event["type"], event["data"]["session"]["title"]) for event in events] == [
        ("session_started", "New session"),
        ("session_edited", "New"),
    ]
    assert events[1]["category"] == "status"


def test_only_its_owner_deletes_a_session(alices: Api, bobs: Api) -> None:
    _, card = new_board(alices, "bob")
    session = start(alices, card=card)
    path = f"/api/sessions/{session['id']}/"
    assert bobs.refused("delete", path)[0] == 403
    assert set(alices.ok("delete", path)) == {"id", "seq"}
    assert alices.refused("get", path)[0] == alices.refused("get", f"{path}events/")[0] == 404
    assert alices.ok("get", f"/api/cards/{card}/")["session_count"] == 0


def test_stopping_twice_changes_nothing(alices: Api) -> None:
    session = start(alices)
    path = f"/api/sessions/{session['id']}/stop/"
    first, second = alices.ok("post", path), alices.ok("post", path)
    assert first["session"]["status"] == second["session"]["status"] == "stopped"
    assert first["seq"] == second["seq"] == 2


async def test_socket_without_a_session_starts_one_and_goes_on_as_its_own(alice: User, connect_as: ConnectAs) -> None:
    socket = await connect_as(alice, "/ws/sessions/")
    early = await socket.command("send_user_message", content="Too early")
    assert early["error"]["code"] == "invalid"
    ref = uuid4()
    await socket.send({"type": "start_session", "ref": str(ref), "data": {"title": "From a socket"}})
    frames = [await socket.frame(), await socket.frame()]
    assert [frame["type"] for frame in frames] == ["reply", "hello"]
    reply = frames[0]["data"]
    assert (set(reply), reply["seq"]) == ({"session", "seq"}, 1)
    assert (frames[1]["data"]["stream"], frames[1]["data"]["role"]) == (f"session:{reply['session']['id']}", "owner")
    await socket.ok("edit_session", title="Renamed")
    assert (await socket.event("session_edited"))["seq"] == 2
    again = await socket.command("start_session", title="Another")
    assert again["error"]["code"] == "invalid"


async def test_socket_that_cannot_follow_the_session_it_has_started_is_closed_4004(
    alice: User, connect_as: ConnectAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("project.realtime.consumers.find_place", AsyncMock(side_effect=OperationalError("the connection is closed")))
    socket = await connect_as(alice, "/ws/sessions/")
    await socket.ok("start_session", title="From a socket")
    assert await socket.close_code() == 4004


async def test_socket_is_closed_when_its_session_is_deleted(alice: User, alices: Api, connect_as: ConnectAs) -> None:
    session = await sync_to_async(start)(alices)
    socket = await connect_as(alice, f"/ws/sessions/{session['id']}/")
    await socket.frame()
    await sync_to_async(alices.ok)("delete", f"/api/sessions/{session['id']}/")
    assert await socket.close_code() == 4502


async def test_strangers_socket_is_closed(alices: Api, charlie: User, connect_as: ConnectAs) -> None:
    session = await sync_to_async(start)(alices)
    socket = await connect_as(charlie, f"/ws/sessions/{session['id']}/")
    assert await socket.close_code() == 4502
