import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from boards import pages
from project.accounts.models import User
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)

AGENT = {"id": "01900000-0000-7000-8000-000000000000", "username": "robo"}


@pytest.fixture
def browser(room: Room, vera: User) -> Client:
    client = Client()
    client.force_login(vera)
    return client


@pytest.fixture
def _one_agent() -> Iterator[None]:
    before = pages._list_agents[0]
    pages.register_agents(lambda user: [AGENT])
    yield
    pages.register_agents(before)


def page_data(browser: Client, path: str) -> dict[str, Any]:
    response = browser.get(path)
    assert response.status_code == 200
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_boards_page_hands_over_the_list(room: Room, browser: Client) -> None:
    data = page_data(browser, "/")
    assert data["boards"] == room.viewer.ok("get", "/api/boards/")
    assert (data["user"]["username"], data["user"]["kind"], data["model"]["configured"]) == ("vera", "human", False)
    assert data["csrf"]


@pytest.mark.usefixtures("_one_agent")
@pytest.mark.parametrize(("path", "number"), [("", None), ("cards/1/", 1)])
def test_board_page_hands_over_the_snapshot(room: Room, browser: Client, path: str, number: int | None) -> None:
    room.card("<b>One</b></script>")
    data = page_data(browser, f"/boards/{room.id}/{path}")
    assert data["snapshot"] == room.viewer.ok("get", f"{room.path}snapshot/")
    assert (data["card_number"], data["agents"]) == (number, [AGENT])


def test_pages_are_not_kept_by_browsers(room: Room, browser: Client) -> None:
    assert "no-store" in browser.get(f"/boards/{room.id}/")["Cache-Control"]


def test_signed_out_goes_to_sign_in_and_back(room: Room) -> None:
    response = Client().get(f"/boards/{room.id}/")
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next=/boards/{room.id}/")


def test_stranger_gets_the_page_of_what_is_not_there(room: Room, charlie: User) -> None:
    client = Client()
    client.force_login(charlie)
    assert client.get(f"/boards/{room.id}/").status_code == 404
