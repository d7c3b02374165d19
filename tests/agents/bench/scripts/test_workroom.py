"""A client and a scenario at a board of Workroom's own application, in this process: no server, no port."""

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from agents.bench.scripts.client import Client
from agents.bench.scripts.model import Script
from agents.bench.scripts.play import play
from agents.bench.scripts.transport import Target
from project.routing import websocket
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

APPLICATION = f"asgi://{__name__}:workroom"
# project.asgi starts what runs beside requests, and drains it for good at the end: more than a test may do to its process.
workroom = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": websocket})


@pytest.fixture
async def board(alice: Any, bob: Any) -> dict[str, Any]:
    """Alice's board with one card, which Bob may edit, and the tokens of both."""

    def make() -> dict[str, Any]:
        owner, editor = Api(alice), Api(bob)
        made = owner.ok("post", "/api/boards/", {"name": "Launch"})["board"]["id"]
        owner.ok("post", f"/api/boards/{made}/members/", {"username": "bob", "role": "editor"})
        columns = [column["id"] for column in owner.ok("get", f"/api/boards/{made}/snapshot/")["state"]["columns"]]
        card = owner.ok("post", f"/api/boards/{made}/cards/", {"column": columns[0], "title": "Write the plan"})["card"]["id"]
        return {"board": made, "card": card, "done": columns[-1], "alice": owner.token, "bob": editor.token}

    return await sync_to_async(make)()


async def test_client_reaches_a_board_by_its_address(board: dict[str, Any]) -> None:
    headers = (("Authorization", f"Bearer {board['alice']}"),)
    async with await Client.open(Target(f"{APPLICATION}/ws/boards/{board['board']}/", headers)) as client:
        hello = (await client.receive(within_s=10)).value
        assert (hello["type"], hello["data"]["role"]) == ("hello", "owner")
        await client.send('{"type": "ping"}')
        while (await client.receive(within_s=10)).value["type"] != "pong":
            pass
    assert client.ending is not None
    assert client.ending.by == "client"


async def test_move_reaches_two_clients_in_the_same_order(board: dict[str, Any]) -> None:
    clients = {name: {"url": "{workroom}/ws/boards/{board}/", "token": f"{{{name}}}", "unpack": "events"} for name in ("alice", "bob")}
    command = {"type": "move_card", "ref": "{uuid}", "data": {"card": "{card}", "column": "{done}"}}
    steps = [
        {"connect": "alice"},
        {"connect": "bob"},
        {"expect": "bob", "match": {"type": "hello"}},
        {"send": "alice", "json": command},
        {"broadcast": ["alice", "bob"], "match": {"type": "card_moved", "data": {"card": "{card}"}}},
        {"expect": "alice", "match": {"type": "reply", "ok": True}},
        {"request": "GET {workroom}/api/cards/{card}/", "token": "{bob}", "match": {"column": "{done}"}},
    ]
    script = Script.model_validate({"name": "Move", "addresses": {"workroom": None}, "values": board, "clients": clients, "steps": steps})
    outcome = await play(script, addresses={"workroom": APPLICATION}, folder=Path())
    assert outcome.passed, outcome.failures
