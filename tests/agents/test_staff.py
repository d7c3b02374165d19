"""An agent is made in the admin (docs/recipes/add-an-agent.md): listed, asked for what it offers, and given no more than its tools."""

import pytest
from django.test import Client

from agents.models import Agent
from agents.staff import WORKFLOWS, grant_of
from project.accounts.models import User
from tests.agents.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(alice: User) -> Client:
    """Alice in the admin."""
    User.objects.filter(id=alice.id).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(id=alice.id))
    return client


def test_agent_made_in_the_admin_offers_what_its_profile_says(room: Room, admin: Client) -> None:
    assert admin.post("/admin/accounts/user/add/", {"username": "reader", "usable_password": "false"}).status_code == 302
    reader = User.objects.get(username="reader")
    assert not reader.has_usable_password()
    page = f"/admin/accounts/user/{reader.id}/change/"
    assert admin.post(page, {"username": "reader", "kind": "agent", "is_active": "on"}).status_code == 302
    profile = {"user": str(reader.id), "workflows": '["chat"]', "tools": '["read_card"]', "instructions": "Be short."}
    assert admin.post("/admin/agents/agent/add/", profile).status_code == 302

    listed = {agent["username"]: agent["workflows"] for agent in room.api.ok("get", "/api/agents/")["results"]}
    assert listed["reader"] == ["chat"]
    grant = grant_of(User.objects.get(id=reader.id))
    assert (grant.tools, grant.instructions) == (("read_card",), "Be short.")
    body = {"agent": str(reader.id), "workflow": "chat"}
    assert room.api.ok("post", f"/api/cards/{room.card}/hand-over/", body)["run"]["agent"] == "reader"
    assert room.api.refused("post", f"/api/cards/{room.card}/hand-over/", {**body, "workflow": "resolve"})[0] in (400, 409)


@pytest.mark.parametrize("wrong", ["5", '"chat"', '{"chat": 1}', '["nowhere"]', "[1]", "[[]]"])
@pytest.mark.parametrize("field", ["workflows", "tools"])
def test_profile_takes_only_what_there_is(admin: Client, robo: User, field: str, wrong: str) -> None:
    """Anything else would end every message, for the agents are looked through for each."""
    profile = {"user": str(robo.id), "workflows": "[]", "tools": "null", field: wrong}
    page = admin.post("/admin/agents/agent/add/", profile)
    assert (page.status_code, Agent.objects.exists()) == (200, False)
    assert "Give a JSON list of some of these" in page.content.decode()


def test_profile_left_empty_allows_everything(admin: Client, robo: User) -> None:
    assert admin.post("/admin/agents/agent/add/", {"user": str(robo.id), "workflows": "", "tools": ""}).status_code == 302
    grant = grant_of(robo)
    assert (grant.workflows, grant.tools) == (WORKFLOWS, None)
