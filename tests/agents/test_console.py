"""The page of the console: for who is signed in, with their own sessions, and a template for every command of its socket."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from project import routing
from project.accounts.models import User
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

TEMPLATES = Path(__file__).resolve().parents[2] / "agents/ui/console/templates.ts"


def test_needs_a_sign_in() -> None:
    response = Client().get("/console/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/console/")


def test_offers_ones_own_sessions_newest_first(api: Callable[[User], Api], alice: User, charlie: User) -> None:
    ids = [api(alice).ok("post", "/api/sessions/", {"title": title})["session"]["id"] for title in ("First", "Second")]
    api(charlie).ok("post", "/api/sessions/", {"title": "Somebody else's"})
    browser = Client()
    browser.force_login(alice)
    response = browser.get("/console/")
    assert response.status_code == 200
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found
    offered = json.loads(found[1])["sessions"]
    assert offered == [{"id": ids[1], "title": "Second"}, {"id": ids[0], "title": "First"}]


def test_every_command_of_the_socket_has_its_template() -> None:
    named = set(re.findall(r'command\("(\w+)"', TEMPLATES.read_text(encoding="utf-8")))
    assert named == {*routing.session_commands, "start_session"}
