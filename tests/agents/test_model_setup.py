"""A model that can't be set up: the run fails by name, and nothing else stops."""

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from agents.launchers import embedded
from agents.llm import client
from agents.llm.profiles import profile_of
from agents.models import Run
from project.accounts.models import User
from project.agent_settings import AgentSettings
from tests.agents.conftest import Room
from tests.agents.driving import eventually, run_until_idle
from tests.conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)

LOCAL = "http://127.0.0.1:1/v1"


async def test_run_whose_model_cannot_be_opened_fails_and_the_next_one_is_taken(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ImportError("no such library")

    monkeypatch.setattr(client, "_library", broken)
    first = await sync_to_async(room.session)()
    with override_settings(WORKROOM_MODEL="m", WORKROOM_MODEL_BASE_URL=LOCAL, WORKROOM_LAUNCHER="embedded"):
        run = (await sync_to_async(room.say)(first, "Hello"))["run"]
        embedded.start()
        try:
            await eventually(lambda: Run.objects.filter(id=run["id"], status="failed").exists())
        finally:
            await embedded.stop()
    ended = await sync_to_async(room.run)(run)
    assert ended["error"]["code"] == "internal"
    assert ended["error"]["hint"]
    assert "library" not in ended["error"]["message"]


def test_key_file_that_is_gone_changes_nothing_until_the_restart(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sesame\n")
    robo = AgentSettings(model="small", base_url=LOCAL, api_key_file=file)
    file.unlink()
    with override_settings(WORKROOM_AGENTS={"robo": robo}):
        profile = profile_of("robo")
        assert profile is not None
        assert profile.api_key == "sesame"
        assert room.api.ok("get", "/api/agents/")["results"][0]["model"]["name"] == "small"
        assert room.say(room.session(), "Hello")["run"]["status"] == "queued"
    assert "sesame" not in repr(robo)


async def test_refused_key_is_said_where_agents_are_chosen_until_an_answer_comes(room: Room, llmock: Any) -> None:
    """For every agent that asks with this key at this address, in this process; the key itself is told to nobody."""
    await sync_to_async(make_user)("tess", kind=User.Kind.AGENT)

    async def agents() -> dict[str, dict[str, Any]]:
        rows = (await sync_to_async(room.api.ok)("get", "/api/agents/"))["results"]
        return {row["username"]: row for row in rows}

    async def ask() -> str:
        session = await sync_to_async(room.session)()
        run = (await sync_to_async(room.say)(session, "Hello"))["run"]
        await run_until_idle()
        now = await sync_to_async(room.run)(run)
        return str((now["error"] or now)["code" if now["error"] else "status"])

    model = {"WORKROOM_MODEL": "m", "WORKROOM_MODEL_BASE_URL": llmock.base_url("openai"), "WORKROOM_MODEL_API_KEY": "sk-not-right"}
    elsewhere = {"tess": AgentSettings(base_url=LOCAL, model="own")}
    with override_settings(**model, WORKROOM_LAUNCHER="embedded", WORKROOM_AGENTS=elsewhere):
        assert (await agents())["robo"]["available"]
        llmock.fail(401)
        assert await ask() == "model_key_refused"
        refused = (await agents())["robo"]
        assert refused["available"] is False
        assert "refuses the key" in refused["reason"]
        assert "WORKROOM_MODEL_API_KEY" in refused["reason"]
        assert "sk-not-right" not in str(await agents())
        assert (await agents())["tess"]["available"]
        llmock.reply("Hello")
        assert await ask() == "completed"
        assert (await agents())["robo"]["available"]


async def test_answer_that_is_forbidden_for_what_it_says_blames_no_key(room: Room, llmock: Any) -> None:
    """403 is what some providers answer to one request alone; anybody could have an agent called unavailable by sending it."""
    model = {"WORKROOM_MODEL": "m", "WORKROOM_MODEL_BASE_URL": llmock.base_url("openai"), "WORKROOM_LAUNCHER": "embedded"}
    with override_settings(**model):
        llmock.fail(403)
        session = await sync_to_async(room.session)()
        await sync_to_async(room.say)(session, "Hello")
        await run_until_idle()
        [agent] = (await sync_to_async(room.api.ok)("get", "/api/agents/"))["results"]
        assert agent["available"]
