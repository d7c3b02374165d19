"""The workspaces that somebody may have measured, over REST, and what the words they come with ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agents.workspaces import find_mention, find_rounds, named_after
from agents.workspaces_api import order_to_measure
from project.accounts.models import User
from project.agent_settings import WorkspaceSettings
from tests.agents.conftest import Room
from tests.conftest import Api

FOLDER = Path("/srv/projects")


def names(api: Api, query: str = "") -> list[str]:
    return [row["name"] for row in api.ok("get", f"/api/workspaces/?{query}")["results"]]


@pytest.mark.django_db(transaction=True)
def test_list_has_the_workspaces_of_the_person_and_of_the_board(
    room: Room, api: Callable[[User | None], Api], bob: User, vera: User, charlie: User, settings: Any
) -> None:
    settings.WORKROOM_WORKSPACES = {
        "bobs": WorkspaceSettings(path=FOLDER / "bobs", users=("bob",)),
        "shop": WorkspaceSettings(path=FOLDER / "shop", boards=(UUID(room.board),)),
    }
    assert names(api(bob)) == ["bobs"]
    assert names(api(bob), f"board={room.board}") == ["bobs", "shop"]
    # A viewer runs no agents, and a stranger to the board learns nothing of it.
    for other in (vera, charlie):
        assert names(api(other), f"board={room.board}") == []


@pytest.mark.django_db(transaction=True)
def test_row_carries_the_words_that_measure_it(room: Room, settings: Any) -> None:
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=FOLDER / "shop", users=("*",))}
    [row] = room.api.ok("get", "/api/workspaces/")["results"]
    assert row == {"name": "shop", "measure": order_to_measure("shop")}


@pytest.mark.parametrize("name", ["shop", "slow_board", "a-b-2", "rounds", "workspace"])
def test_words_mean_this_workspace_and_one_round(name: str) -> None:
    order = order_to_measure(name)
    assert find_mention(order, [name, "shop2", "measure", "other"]) == name
    assert (named_after(order), find_rounds(order)) == (name, 1)
