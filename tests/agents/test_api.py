"""REST of runs and agents, the answer as an event stream, the admin's actions."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import AsyncClient, Client
from django.urls import reverse

from agents.models import Agent, Run
from project.accounts.models import User
from project.realtime.events import event_types
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.conftest import Api, make_user

pytestmark = pytest.mark.django_db(transaction=True)

RUN_KEYS = {
    *("id", "session", "number", "agent", "started_by", "position", "parent", "relation", "workflow", "status", "attempt"),
    *("attempts", "model", "progress", "usage", "budget", "error", "created", "started", "finished"),
}


async def test_run_is_listed_shown_and_hidden_from_strangers(
    room: Room, bench: Workbench, charlie: User, api: Callable[[User], Api]
) -> None:
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Look")
    with scripted({"chat": [[call("look")], "done"]}):
        await run_until_idle()
    run_id = reply["run"]["id"]
    [listed] = (await sync_to_async(room.api.ok)("get", f"/api/runs/?session={session}&status=completed"))["results"]
    assert set(listed) == RUN_KEYS
    whole = await sync_to_async(room.run)(reply["run"])
    assert set(whole) == RUN_KEYS | {"agent_outputs", "tool_calls", "thoughts"}
    assert whole["model"] == {"adapter": "rules", "name": "built-in rules"}
    stranger = await sync_to_async(api)(charlie)
    paths = [f"runs/{run_id}/", f"tool-calls/{whole['tool_calls'][0]['call']}/", f"outputs/{whole['agent_outputs'][0]['id']}/"]
    paths += [f"sessions/{session}/", f"sessions/{session}/snapshot/", f"sessions/{session}/messages/"]
    assert [(await sync_to_async(stranger.refused)("get", f"/api/{path}"))[0] for path in paths] == [404] * len(paths)
    assert (await sync_to_async(stranger.ok)("get", "/api/runs/"))["results"] == []
    assert (await sync_to_async(stranger.ok)("get", "/api/requests/"))["results"] == []
    assert (await sync_to_async(room.api.refused)("get", "/api/runs/?colour=red"))[0] == 400


def test_agents_and_event_types_are_listed(room: Room) -> None:
    [agent] = room.api.ok("get", "/api/agents/")["results"]
    assert set(agent) == {"id", "username", "workflows", "model", "available", "reason"}
    assert (agent["username"], agent["workflows"]) == ("robo", ["chat", "resolve", "optimise"])
    assert agent["available"] is False, "the tests have no launcher"
    first = room.api.ok("get", "/api/event-types/?limit=30")
    rest = room.api.ok("get", f"/api/event-types/?limit=200&cursor={first['next']}")
    assert (len(first["results"]), rest["next"]) == (30, None)
    assert room.api.refused("get", "/api/agents/?cursor=x")[0] == 400
    types = {row["type"]: row for row in first["results"] + rest["results"]}
    assert set(types) == set(event_types())
    assert types["agent_thinking"]["category"] == "thought"
    assert types["message_delta"]["category"] is None


def test_many_agents_cost_no_more_queries_than_one(room: Room, django_assert_max_num_queries: Any) -> None:
    for number in range(9):
        Agent.objects.create(user=make_user(f"agent-{number}", kind=User.Kind.AGENT))
    with django_assert_max_num_queries(4):
        assert len(room.api.ok("get", "/api/agents/")["results"]) == 10


def test_first_agent_takes_another_name_when_a_person_has_the_usual_one(alice: User) -> None:
    make_user("Robo")
    client = Api(alice)
    session = client.ok("post", "/api/sessions/", {})["session"]["id"]
    assert client.ok("post", f"/api/sessions/{session}/messages/", {"content": "Hello"})["run"]["agent"] == "robo-2"


def test_deactivated_agent_gets_no_run_and_no_successor(room: Room, robo: User) -> None:
    session = room.session()
    User.objects.filter(pk=robo.pk).update(is_active=False)
    status, error = room.api.refused("post", f"/api/sessions/{session}/messages/", {"content": "Hello"})
    assert (status, error["code"]) == (400, "invalid")
    assert User.objects.filter(kind=User.Kind.AGENT).count() == 1


@pytest.mark.parametrize("content", ["", "  \n ", None, 3])
def test_message_without_words_is_refused(room: Room, content: Any) -> None:
    session = room.session()
    status, error = room.api.refused("post", f"/api/sessions/{session}/messages/", {"content": content})
    assert (status, error["code"], list(error["fields"])) == (400, "invalid", ["content"])
    assert room.types(session) == ["session_started"]


def test_messages_are_idempotent_by_key(room: Room) -> None:
    session, key = room.session(), uuid4()
    path = f"/api/sessions/{session}/messages/"
    first, second = (room.api.ok("post", path, {"content": "Hello"}, key=key) for _ in range(2))
    assert first == second
    assert room.api.refused("post", path, {"content": "Other"}, key=key)[1]["code"] == "id_reused"
    assert [each["content"] for each in room.api.ok("get", path)["results"]] == ["Hello"]


def test_messages_per_minute_are_bounded(room: Room, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"messages_per_min": 2}
    session = room.session()
    for text in ("one", "two"):
        room.say(session, text)
    status, error = room.api.refused("post", f"/api/sessions/{session}/messages/", {"content": "three"})
    assert (status, error["code"]) == (429, "rate_limited")
    assert error["data"]["retry_after_s"] >= 1


async def test_message_may_be_answered_by_the_events_of_its_run(room: Room) -> None:
    session = await sync_to_async(room.session)()
    client = AsyncClient()
    with scripted({"chat": ["Hello Alice"]}):
        response: Any = await client.post(
            f"/api/sessions/{session}/messages/",
            json.dumps({"content": "Hello"}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {room.api.token}", "Accept": "text/event-stream"},
        )
        assert (response.status_code, response["Content-Type"]) == (200, "text/event-stream")
        await run_until_idle()
        text = b"".join([part async for part in response.streaming_content]).decode()
    types = [json.loads(line[6:])["type"] for line in text.splitlines() if line.startswith("data: ")]
    assert types[:2] == ["hello", "run_queued"]
    assert types[-1] == "run_completed"
    assert "message_delta" in types


def test_answer_as_a_stream_holds_no_database_connection(room: Room) -> None:
    url = f"/api/sessions/{room.session()}/messages/"
    response = room.api.client.post(url, {"content": "Hello"}, format="json", headers={"Accept": "text/event-stream"})
    try:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert connection.connection is None, "it stays open for ten minutes, and a pool has ten"
    finally:
        response.close()


async def test_refused_message_is_json_even_where_a_stream_was_wanted(room: Room) -> None:
    session = await sync_to_async(room.session)()
    response = await AsyncClient().post(
        f"/api/sessions/{session}/messages/",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {room.api.token}", "Accept": "text/event-stream"},
    )
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


def test_room_page_hands_its_island_the_snapshot(room: Room, alice: User) -> None:
    session = room.session()
    client = Client()
    client.force_login(alice)
    response = client.get(f"/sessions/{session}/")
    data = response.context["page_data"]
    assert data["snapshot"]["state"]["session"]["id"] == session
    assert (data["board_name"], data["card"]["id"], data["agents"][0]["username"]) == ("Launch", room.card, "robo")


@pytest.fixture
def admin(room: Room) -> Client:
    """The admin, as somebody who is on no board."""
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="root-pass-1234"))
    return client


@pytest.mark.parametrize(
    "model",
    [
        *("work_sessions_worksession", "work_sessions_message", "agents_agent", "agents_run", "agents_agentoutput"),
        *("agents_toolcall", "agents_request", "agents_checkpoint", "agents_checkpointwrite"),
    ],
)
async def test_admin_lists_and_shows_every_model(room: Room, bench: Workbench, admin: Client, model: str) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Burn")
    with scripted({"chat": [[call("look"), call("burn")], "done"]}):
        await run_until_idle()
    response = await sync_to_async(admin.get)(reverse(f"admin:{model}_changelist"), {"q": "a"})
    assert response.status_code == 200
    response = await sync_to_async(admin.get)(reverse(f"admin:{model}_changelist"))
    link = next((row for row in response.context["cl"].result_list), None)
    if link is not None:
        shown = await sync_to_async(admin.get)(reverse(f"admin:{model}_change", args=[link.pk]))
        assert shown.status_code == 200


@pytest.mark.parametrize(("model", "action"), [("work_sessions_worksession", "stop"), ("agents_run", "cancel")])
def test_admin_who_may_only_look_stops_nothing(room: Room, charlie: User, model: str, action: str) -> None:
    session = room.session()
    run = room.say(session, "Hello")["run"]
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    charlie.user_permissions.set(Permission.objects.filter(codename__in=["view_worksession", "view_run"]))
    client = Client()
    client.force_login(charlie)
    identity = session if action == "stop" else run["id"]
    client.post(reverse(f"admin:{model}_changelist"), {"action": action, "_selected_action": [identity]})
    assert (room.api.ok("get", f"/api/sessions/{session}/")["status"], room.run(run)["status"]) == ("active", "queued")


def test_admin_cancels_retries_and_stops(room: Room, admin: Client) -> None:
    session = room.session()
    run = room.say(session, "Hello")["run"]

    def act(model: str, action: str, identity: str) -> None:
        body = {"action": action, "_selected_action": [identity]}
        assert admin.post(reverse(f"admin:{model}_changelist"), body).status_code == 302

    act("agents_run", "cancel", run["id"])
    assert room.run(run)["status"] == "cancelled"
    Run.objects.filter(id=run["id"]).update(status="completed")
    act("agents_run", "retry", run["id"])
    assert "nothing to retry" in admin.get(reverse("admin:agents_run_changelist")).content.decode()
    for status in ("failed", "cancelled"):
        Run.objects.filter(id=run["id"]).update(status=status)
        act("agents_run", "retry", run["id"])
    [newest, _, _] = room.api.ok("get", f"/api/runs/?session={session}")["results"]
    assert (newest["relation"], newest["started_by"]["username"]) == ("retry", "alice")
    act("work_sessions_worksession", "stop", session)
    assert room.snapshot(session)["state"]["session"]["status"] == "stopped"
