"""S16: what an agent may do is its own grant, the starter's rights and the tool's scope, all as they are when the tool is used."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from agents.llm.port import Delta, ModelMessage, Purpose, ToolCallDelta, ToolSpec
from agents.llm.registry import use_model
from agents.llm.scripted import ScriptedModel
from agents.models import Agent, Request, Run, ToolCall
from boards.models import Card
from project.accounts.models import User
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle
from tests.agents.test_resolve import check_contract
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "read": ("read_card", {"number": 2}),
    "search": ("search_sessions", {"text": "reservoir"}),
    "create": ("create_card", {"title": "Made by an agent"}),
    "move": ("move_card", {"number": 2, "column": "Done"}),
    "delete": ("delete_card", {"number": 3}),
    "elsewhere": ("read_card", {"number": 1, "board": "Secret"}),
}
HOME = {"read", "search", "create", "move", "delete"}
# By principal: what works before, after a wait, and in the middle of a run. `owner` alone owns the board Secret.
TABLE: dict[str, tuple[set[str], set[str], set[str]]] = {
    "owner": (HOME | {"elsewhere"},) * 3,
    "editor": (HOME,) * 3,
    "viewer": (set(),) * 3,
    "stranger": (set(),) * 3,
    "ungranted": (set(),) * 3,
}
MOMENTS = ("before", "wait", "run")


class Turning:
    """Gives the answers of a script, and lets `turn` happen while it thinks about the first one."""

    name, adapter = "turning", "scripted"

    def __init__(self, answers: Sequence[Any], turn: Callable[[], object] | None) -> None:
        self._script = ScriptedModel({"chat": answers})
        self._turn = turn

    async def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        if self._turn is not None and not self._script.asked:
            await sync_to_async(self._turn)()
        async for delta in self._script.stream(messages, tools, purpose=purpose):
            yield delta


class House:
    """Alice's boards Launch and Secret; bob is an editor of Launch; each principal and how they lose what they have."""

    def __init__(self, room: Room, people: dict[str, User], api: Callable[[User], Api]) -> None:
        self.room, self.people, self.api = room, people, api
        for title in ("Two", "Three", "Four"):
            room.api.ok("post", f"/api/boards/{room.board}/cards/", {"column": room.column, "title": title})
        secret = room.api.ok("post", "/api/boards/", {"name": "Secret"})["board"]["id"]
        column = room.api.ok("get", f"/api/boards/{secret}/snapshot/")["state"]["columns"][0]["id"]
        room.api.ok("post", f"/api/boards/{secret}/cards/", {"column": column, "title": "The plan"})
        self.session = room.session()
        room.api.ok("post", f"/api/sessions/{room.session()}/messages/", {"content": "The reservoir is full"})
        Run.objects.update(status="cancelled")

    def starter(self, principal: str, moment: str) -> User:
        """Who asks: before, the principal; otherwise somebody who is that only later."""
        if principal in ("owner", "ungranted"):
            return self.people["alice"]
        if principal == "editor" or moment != "before":
            return self.people["bob"]
        return self.people["vera" if principal == "viewer" else "charlie"]

    def lose(self, principal: str) -> None:
        """The rights of the principal from now on."""
        member = f"/api/boards/{self.room.board}/members/{self.people['bob'].id}/"
        match principal:
            case "viewer":
                self.room.api.ok("patch", member, {"role": "viewer"})
            case "stranger":
                self.room.api.ok("delete", member)
            case "ungranted":
                Agent.objects.update_or_create(user=self.people["robo"], defaults={"tools": ["date_arithmetic"]})

    def approve_all(self) -> int:
        """Have alice approve whatever is asked, or bob where it is his to allow; how much that was."""
        requests = self.room.api.ok("get", f"/api/requests/?session={self.session}&status=open")["results"]
        for request in requests:
            path, body = f"/api/requests/{request['id']}/answer/", {"decision": "approve", "hash": request["hash"]}
            if self.room.api.call("post", path, body).status_code == 403:
                self.api(self.people["bob"]).ok("post", path, body)
        return len(requests)

    def worked(self) -> set[str]:
        """Which of the tools had their effect, by the rows of the board and of the calls."""
        by_call = [(row.tool_name, row.parameters, row.result or "") for row in ToolCall.objects.filter(success=True)]
        found = {name for name, (tool, given) in TOOLS.items() for made, parameters, _ in by_call if (made, parameters) == (tool, given)}
        board = UUID(self.room.board)
        seen = {
            "search": any(tool == "search_sessions" and "reservoir" in result for tool, _, result in by_call),
            "create": Card.objects.filter(board=board, title="Made by an agent").exists(),
            "move": Card.objects.get(board=board, number=2).column.name == "Done",
            "delete": not Card.objects.filter(board=board, number=3).exists(),
        }
        assert all((name in found) == is_done for name, is_done in seen.items()), (found, seen)
        return found


@pytest.fixture
def house(room: Room, alice: User, bob: User, vera: User, charlie: User, robo: User, api: Callable[[User], Api]) -> House:
    return House(room, {"alice": alice, "bob": bob, "vera": vera, "charlie": charlie, "robo": robo}, api)


def test_the_table_is_whole() -> None:
    assert len(TOOLS) * len(TABLE) * len(MOMENTS) == 90


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("principal", TABLE)
async def test_authority_is_what_it_is_now(house: House, principal: str, moment: str) -> None:
    client = await sync_to_async(house.api)(house.starter(principal, moment))
    if moment == "before":
        await sync_to_async(house.lose)(principal if principal == "ungranted" else "")
    response = await sync_to_async(client.call)("post", f"/api/sessions/{house.session}/messages/", {"content": "Do it all"})
    may_ask = moment != "before" or principal not in ("viewer", "stranger")
    assert (response.status_code == 202) == may_ask
    calls = [ToolCallDelta(name, tool, arguments) for name, (tool, arguments) in TOOLS.items()]
    decoy = [ToolCallDelta("decoy", "delete_card", {"number": 4})]
    answers = [decoy, calls, "done"] if moment == "wait" else [calls, "done"]
    turn = (lambda: house.lose(principal)) if moment == "run" else None
    with use_model(Turning(answers, turn)):
        await run_until_idle()
        if moment == "wait":
            await sync_to_async(house.lose)(principal)
        while await sync_to_async(house.approve_all)():
            await run_until_idle()
    expected = TABLE[principal][MOMENTS.index(moment)]
    assert await sync_to_async(house.worked)() == expected
    assert not await Run.objects.filter(status__in=Run.UNFINISHED).aexists()
    assert not await Request.objects.filter(status="open").aexists()
    if may_ask:
        check_contract(await sync_to_async(house.room.events)(house.session))
