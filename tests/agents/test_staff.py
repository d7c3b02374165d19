"""An agent is made in the admin (docs/recipes/add-an-agent.md): listed, asked for what it offers, and given no more than its tools."""

import pytest
from django.test import Client

from agents.staff import grant_of
from project.accounts.models import User
from tests.agents.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


def test_agent_made_in_the_admin_offers_what_its_profile_says(room: Room, alice: User) -> None:
    User.objects.filter(id=alice.id).update(is_staff=True, is_superuser=True)
    admin = Client()
    admin.force_login(User.objects.get(id=alice.id))
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
