"""Who allows a call sees what the card is called: by the board, not by the number or what the model says of it."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.llm.port import ToolCallDelta
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle, scripted
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

ALONE: dict[str, Any] = {}


async def ask(room: Room, tool: str, arguments: dict[str, Any], *, session: str | None = None) -> tuple[str, Any]:
    """A run whose model makes one call and says `done` when it has the outcome: the session, and the model."""
    session = session or await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Go on")
    with scripted({"chat": [[ToolCallDelta("c1", tool, arguments)], "done"]}) as model:
        await run_until_idle()
    return session, model


async def go_on(room: Room, session: str, model: Any) -> str:
    """What the model is told once the request has been approved."""
    await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
    with scripted({"chat": ["done"]}) as model:
        await run_until_idle()
    return str(model.asked[0].messages[-1].content)


def secret_board(api: Api) -> str:
    board: str = api.ok("post", "/api/boards/", {"name": "Secret"})["board"]["id"]
    column = api.ok("get", f"/api/boards/{board}/snapshot/")["state"]["columns"][0]["id"]
    api.ok("post", f"/api/boards/{board}/cards/", {"column": column, "title": "The plan"})
    return board


def cards(room: Room, board: str | None = None) -> list[str]:
    return [card["title"] for card in room.api.ok("get", f"/api/boards/{board or room.board}/cards/")["results"]]


@pytest.mark.parametrize("claimed", [{}, {"title": "Old banner"}], ids=["no title", "another title"])
async def test_deletion_is_asked_for_by_the_cards_real_title(room: Room, claimed: dict[str, str]) -> None:
    session, model = await ask(room, "delete_card", {"number": 1, **claimed})
    request = await sync_to_async(room.request)(session)
    assert request["title"] == "Robo wants to delete a card: #1 Prepare the launch"
    told = await go_on(room, session, model)
    assert (await sync_to_async(cards)(room) == []) == (not claimed), told


async def test_card_that_was_renamed_since_is_not_deleted(room: Room) -> None:
    session, model = await ask(room, "delete_card", {"number": 1})
    version = (await sync_to_async(room.api.ok)("get", f"/api/cards/{room.card}/"))["version"]
    await sync_to_async(room.api.ok)("patch", f"/api/cards/{room.card}/", {"title": "Keep this", "version": version})
    assert "What was approved is not what was to be done." in await go_on(room, session, model)
    assert await sync_to_async(cards)(room) == ["Keep this"]


async def test_arguments_that_somebody_changed_name_the_card_themselves(room: Room) -> None:
    """The card that was asked about may be called anything by then."""
    await sync_to_async(room.api.ok)("post", f"/api/boards/{room.board}/cards/", {"column": room.column, "title": "Old banner"})
    session, _ = await ask(room, "delete_card", {"number": 1})
    request = await sync_to_async(room.request)(session)
    version = (await sync_to_async(room.api.ok)("get", f"/api/cards/{room.card}/"))["version"]
    await sync_to_async(room.api.ok)("patch", f"/api/cards/{room.card}/", {"title": "Keep this", "version": version})
    await sync_to_async(room.answer)(request, arguments={"number": 2, "title": "Old banner"})
    with scripted({"chat": ["done"]}):
        await run_until_idle()
    assert await sync_to_async(cards)(room) == ["Keep this"]


async def test_card_that_is_not_there_is_named_so(room: Room) -> None:
    session, _ = await ask(room, "delete_card", {"number": 7})
    assert (await sync_to_async(room.request)(session))["title"] == "Robo wants to delete a card: #7 (there is no card #7 on this board)"


@pytest.mark.parametrize(
    ("tool", "more", "does"),
    [
        ("move_card", {"column": "Done"}, "move a card"),
        ("edit_checklist", {"add": ["Look"]}, "edit a checklist"),
        ("comment_card", {"content": "Hello"}, "comment on a card"),
    ],
)
async def test_every_tool_that_takes_a_card_says_which(room: Room, tool: str, more: dict[str, Any], does: str) -> None:
    """In a session that its owner alone sees, where every board is asked about."""
    session = (await sync_to_async(room.api.ok)("post", "/api/sessions/", {"workflow": "chat"}))["session"]["id"]
    await ask(room, tool, {"number": 1, "board": "Launch", **more}, session=session)
    assert (await sync_to_async(room.request)(session))["title"] == f"Robo wants to {does}: #1 Prepare the launch"


@pytest.mark.parametrize("tool", ["read_card", "comment_card"])
async def test_title_on_another_board_is_not_shown_to_everybody(room: Room, tool: str) -> None:
    """What others in the room may not read isn't in the request: who may allow the call can look."""
    await sync_to_async(secret_board)(room.api)
    more = {"content": "Hello"} if tool == "comment_card" else {}
    session, _ = await ask(room, tool, {"number": 1, "board": "Secret", **more})
    request = await sync_to_async(room.request)(session)
    assert request["title"].endswith(": #1 on another board")
    assert "The plan" not in str(await sync_to_async(room.events)(session))


async def test_deletion_on_another_board_names_the_card_or_is_not_asked_for(room: Room) -> None:
    """The tool deletes nothing that is called otherwise, so what is shown there is what it is called."""
    board = await sync_to_async(secret_board)(room.api)
    session, model = await ask(room, "delete_card", {"number": 1, "board": "Secret"})
    assert "Say what the card is called" in model.asked[1].messages[-1].content
    session, model = await ask(room, "delete_card", {"number": 1, "board": "Secret", "title": "The plan"})
    assert (await sync_to_async(room.request)(session))["parameters"]["title"] == "The plan"
    assert "The plan" in await go_on(room, session, model)
    assert await sync_to_async(cards)(room, board) == []
