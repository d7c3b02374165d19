"""A board with three members, and short ways to ask for things."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from project.accounts.models import User
from tests.conftest import Api
from tests.tools.mould import Made, Mould


@dataclass
class Room:
    """The board "Launch": alice owns it, bob edits, vera reads, charlie is a stranger. `owner` etc. are their REST clients."""

    id: str
    columns: list[str]
    owner: Api
    editor: Api
    viewer: Api
    stranger: Api

    @property
    def editor_id(self) -> UUID:
        assert self.editor.user is not None
        return self.editor.user.id

    @property
    def path(self) -> str:
        return f"/api/boards/{self.id}/"

    def snapshot(self) -> dict[str, Any]:
        result: dict[str, Any] = self.owner.ok("get", f"{self.path}snapshot/")
        return result

    def card(self, title: str = "Card", column: int = 0, /, **fields: Any) -> dict[str, Any]:
        """A new card, in full."""
        body = {"column": self.columns[column], "title": title, **fields}
        card: dict[str, Any] = self.editor.ok("post", f"{self.path}cards/", body)["card"]
        return card

    def comment(self, card_id: str, content: str = "Hello") -> str:
        """The id of a new comment by the editor."""
        comment: str = self.editor.ok("post", f"/api/cards/{card_id}/comments/", {"content": content})["comment"]["id"]
        return comment

    def order(self, column: int = 0) -> list[str]:
        """The titles of a column, in order."""
        return [card["title"] for card in self.snapshot()["state"]["cards"] if card["column"] == self.columns[column]]

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """What followed `after` in the log."""
        result: list[dict[str, Any]] = self.owner.ok("get", f"{self.path}events/?after={after}")["events"]
        return result


def make_launch(alice: User, bob: User, vera: User) -> Made:
    owner = Api(alice)
    board = owner.ok("post", "/api/boards/", {"name": "Launch"})["board"]
    path = f"/api/boards/{board['id']}/"
    for person, role in ((bob, "editor"), (vera, "viewer")):
        owner.ok("post", f"{path}members/", {"username": person.username, "role": role})
    return {"board": board["id"], "columns": [column["id"] for column in owner.ok("get", f"{path}snapshot/")["state"]["columns"]]}


launch = Mould(make_launch)


@pytest.fixture
def room(alice: User, bob: User, vera: User, charlie: User, api: Callable[[User | None], Api]) -> Room:
    made = launch(alice, bob, vera)
    return Room(made["board"], made["columns"], api(alice), api(bob), api(vera), api(charlie))
