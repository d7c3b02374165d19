"""Who has a say in what optimise runs: not whoever may write on a card, and not a project's own file where nothing is sealed off."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from boards.models import Card
from project.accounts.models import User
from project.agent_settings import WorkspaceSettings
from tests.agents.bench.shops import FAST, SPEC, Stages, make_shop, use
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_optimise import answers, patch, start
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    return use(Stages(), monkeypatch)


async def test_card_that_names_a_workspace_chooses_none(room: Room, tmp_path: Path, stages: Stages, settings: Any) -> None:
    settings.WORKROOM_DATA_DIR = tmp_path / "data"
    settings.WORKROOM_WORKSPACES = {
        name: WorkspaceSettings(path=make_shop(tmp_path / name), users=("alice",), sandbox=True) for name in ("shop", "vault")
    }
    await Card.objects.filter(id=room.card).aupdate(title="Too slow", description="workspace: vault")
    session, _ = await start(room, "Make it faster")
    await run_until_idle()
    request = await sync_to_async(room.request)(session)
    assert (request["kind"], request["choices"], stages.orders) == ("question", ["shop", "vault"], [])


async def test_nobody_chooses_a_workspace_that_is_not_theirs(
    room: Room, bob: User, tmp_path: Path, stages: Stages, settings: Any, api: Callable[[User], Api]
) -> None:
    settings.WORKROOM_DATA_DIR = tmp_path / "data"
    settings.WORKROOM_WORKSPACES = {
        name: WorkspaceSettings(path=make_shop(tmp_path / name), users=("alice",), sandbox=True) for name in ("shop", "vault")
    }
    session, run = await start(room, "Make it faster")
    await run_until_idle()
    request = await sync_to_async(room.request)(session)
    answer = {"decision": "answer", "hash": request["hash"], "result": "vault"}
    bobs = await sync_to_async(api)(bob)
    await sync_to_async(bobs.ok)("post", f"/api/requests/{request['id']}/answer/", answer)
    await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"], stages.orders) == ("failed", "not_found", [])


@pytest.mark.parametrize(("seal", "sandbox", "is_asked"), [("off", None, True), ("off", True, False), ("required", None, False)])
async def test_project_says_that_patches_need_no_approval_only_where_they_run_sealed(
    room: Room, tmp_path: Path, stages: Stages, settings: Any, seal: Any, sandbox: bool | None, is_asked: bool
) -> None:
    settings.WORKROOM_DATA_DIR = tmp_path / "data"
    shop = make_shop(tmp_path / "shop", spec=f"{SPEC}sandbox: true\n")
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=shop, users=("alice",), sandbox=sandbox, seal=seal)}
    _, run = await start(room)
    with scripted(answers(patch(FAST))):
        await run_until_idle()
    status = (await sync_to_async(room.run)(run))["status"]
    assert (status, ("test", 1) in stages.done) == (("waiting", False) if is_asked else ("completed", True))
