"""Which project is optimised: as it is said, asked for where nothing says it, refused where it isn't theirs."""

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from agents.workspaces import NoWorkspace, access_workspace, copies, find_mention, find_rounds, list_workspaces
from project.accounts.models import User
from project.agent_settings import WorkspaceSettings
from tests.agents.bench.shops import FAST, Stages, make_shop, use
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_optimise import answers, of, outputs, patch, start

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    return use(Stages(), monkeypatch)


@pytest.fixture
def projects(tmp_path: Path, settings: Any) -> dict[str, Path]:
    """Two projects of Alice's, sandboxes both."""
    folders = {name: make_shop(tmp_path / name) for name in ("shop", "slow_board")}
    settings.WORKROOM_WORKSPACES = {
        name: WorkspaceSettings(path=folder, users=("alice",), sandbox=True) for name, folder in folders.items()
    }
    settings.WORKROOM_DATA_DIR = tmp_path / "data"
    return folders


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("workspace: shop", "shop"),
        ("Workspace = slow-board\nrounds: 2", "slow_board"),
        ("Make the workspace “slow board” faster", "slow_board"),
        ("Make Slow Board faster, please", "slow_board"),
        ("The shop is too slow", "shop"),
        ("The shop and the slow board are too slow", None),
        ("workspace: bakery", None),
        ("workspace: bakery, not the shop", None),
        ("Bishops are slow", None),
        ("", None),
    ],
)
def test_workspace_is_found_in_what_is_said(text: str, meant: str | None) -> None:
    assert find_mention(text, ["shop", "slow_board"]) == meant


def test_longer_name_is_meant_where_it_holds_a_shorter_one() -> None:
    assert find_mention("the shop api is slow", ["shop", "shop_api"]) == "shop_api"


@pytest.mark.parametrize(("text", "rounds"), [("rounds: 3", 3), ("at most 4 rounds", 4), ("99 rounds", 20), ("round 2 was bad", None)])
def test_rounds_are_found_in_what_is_said(text: str, rounds: int | None) -> None:
    assert find_rounds(text) == rounds


def test_administrators_named_people_and_editors_of_named_boards_may_use_a_workspace(
    room: Room, bob: User, vera: User, alice: User, robo: User, charlie: User, settings: Any
) -> None:
    board, folder = UUID(room.board), Path("/srv/shop")
    admin = User.objects.create_superuser(username="ada", password="ada-pass-1234")
    settings.WORKROOM_WORKSPACES = {
        "boards": WorkspaceSettings(path=folder, boards=(board,)),
        "mine": WorkspaceSettings(path=folder, users=("charlie",)),
        "nobodys": WorkspaceSettings(path=folder),
        "open": WorkspaceSettings(path=folder, users=("*",)),
    }

    def may(user: User, where: UUID | None) -> list[str]:
        return [each.name for each in list_workspaces(user, where)]

    assert may(admin, None) == ["boards", "mine", "nobodys", "open"]
    assert (may(charlie, board), may(charlie, None)) == (["mine", "open"], ["mine", "open"])
    assert (may(bob, board), may(alice, board), may(vera, board)) == (["boards", "open"], ["boards", "open"], ["open"])
    assert (may(bob, None), may(robo, board)) == (["open"], [])
    with pytest.raises(NoWorkspace, match=r"no workspace called nobodys for bob\. There are: boards, open"):
        access_workspace(bob, board, "nobodys")


async def test_people_are_asked_where_nothing_says_which(room: Room, projects: dict[str, Path], stages: Stages) -> None:
    session, run = await start(room, "Make it faster")
    with scripted(answers(patch(FAST))):
        await run_until_idle()
        request = await sync_to_async(room.request)(session)
        assert (request["kind"], request["choices"]) == ("question", ["shop", "slow_board"])
        await sync_to_async(room.answer)(request, "answer", result="slow_board")
        await run_until_idle()
    [report] = of(await outputs(room, run), "report")
    assert report["data"]["workspace"] == "slow_board"


async def test_card_that_is_handed_over_names_none(room: Room, projects: dict[str, Path], stages: Stages) -> None:
    """Whoever may write on the board has written it."""
    body = {"column": room.column, "title": "Make the shop faster", "description": "workspace: shop\nrounds: 9"}
    card = (await sync_to_async(room.api.ok)("post", f"/api/boards/{room.board}/cards/", body))["card"]["id"]
    handed = await sync_to_async(room.api.ok)("post", f"/api/cards/{card}/hand-over/", {"workflow": "optimise"})
    await run_until_idle()
    request = await sync_to_async(room.request)(handed["session"]["id"])
    assert (request["kind"], request["choices"]) == ("question", ["shop", "slow_board"])


async def test_instructions_of_the_session_name_it_too(room: Room, projects: dict[str, Path], stages: Stages) -> None:
    _, run = await start(room, "Faster, please", instructions="workspace: shop")
    with scripted(answers(patch(FAST))):
        await run_until_idle()
    [report] = of(await outputs(room, run), "report")
    assert report["data"]["workspace"] == "shop"


@pytest.mark.parametrize("request_text", ["workspace: /etc", "workspace: ../../shop_secret"])
async def test_workspace_that_is_not_there_ends_the_run_by_name(
    room: Room, projects: dict[str, Path], stages: Stages, request_text: str
) -> None:
    _, run = await start(room, request_text)
    await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"]) == ("failed", "not_found")
    assert "There are: shop, slow_board." in final["error"]["message"]


async def test_nobodys_workspace_is_not_offered(room: Room, projects: dict[str, Path], stages: Stages, settings: Any) -> None:
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=projects["shop"], users=("bob",))}
    _, run = await start(room, "workspace: shop")
    await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["error"]["code"], stages.orders) == ("not_found", [])
    assert "An administrator names the folders" in final["error"]["message"]


async def test_right_that_is_lost_meanwhile_ends_the_run(room: Room, projects: dict[str, Path], stages: Stages, settings: Any) -> None:
    def take_away(stage: str) -> None:
        if stage == "measure":
            settings.WORKROOM_WORKSPACES = {}

    stages.hook = take_away
    _, run = await start(room, "workspace: shop")
    with scripted(answers(patch(FAST))):
        await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"]) == ("failed", "not_found")
    assert stages.done == [("test", 0), ("measure", 0)]


async def test_project_that_changed_while_its_copy_was_lost_ends_the_run(
    room: Room, projects: dict[str, Path], stages: Stages, settings: Any
) -> None:
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=projects["shop"], users=("alice",), sandbox=False)}
    session, run = await start(room, "workspace: shop")
    with scripted(answers(patch(FAST))):
        await run_until_idle()
        (projects["shop"] / "board.py").write_text(FAST)
        await sync_to_async(shutil.rmtree)(copies())
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"]) == ("failed", "bench_failed")
    assert "has changed since this run began" in final["error"]["message"]


async def test_copy_that_was_lost_is_made_again_from_what_is_stored(
    room: Room, projects: dict[str, Path], stages: Stages, settings: Any
) -> None:
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=projects["shop"], users=("alice",), sandbox=False)}
    session, run = await start(room, "workspace: shop")
    with scripted(answers(patch(FAST))):
        await run_until_idle()
        await sync_to_async(shutil.rmtree)(copies())
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
    [report] = of(await outputs(room, run), "report")
    assert report["data"]["decision"] == "met"
