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
from project.agent_settings import AgentSettings
from tests.agents.conftest import Room
from tests.agents.driving import eventually

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
