"""The tools that test and measure a workspace: with the starter's rights, in a copy, and not longer than somebody waits."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.llm.port import ToolCallDelta
from agents.tools.base import ToolContext
from agents.tools.registry import get_tools
from agents.workspaces import BenchFailed, NoWorkspace, copies
from project.accounts.models import User
from project.agent_settings import WorkspaceSettings
from project.errors import Forbidden
from project.gate import validate
from tests.agents.bench.shops import SLOW, Stages, make_shop
from tests.agents.conftest import Room
from tests.agents.driving import claim, run_until_idle, scripted

pytestmark = pytest.mark.django_db(transaction=True)

Use = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def shop(room: Room, tmp_path: Path, settings: Any) -> Path:
    """A workspace of Alice's, and of the room's board."""
    folder = make_shop(tmp_path / "shop")
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=folder, users=("alice",), boards=(UUID(room.board),))}
    settings.WORKROOM_DATA_DIR = tmp_path / "data"
    return folder


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    stages = Stages()
    monkeypatch.setattr("agents.tools.run_scenario.check", stages.check)
    monkeypatch.setattr("agents.tools.measure.measure", stages.measure)
    return stages


@pytest.fixture
def use(alice: User, robo: User) -> Use:
    def use(name: str, principal: User = alice, **arguments: Any) -> tuple[dict[str, Any], str]:
        tool = get_tools()[name]
        context = ToolContext(robo, principal, None, None, None, uuid4())
        result = tool.run(context, validate(tool.arguments, arguments))
        return json.loads(result.result), result.summary

    return use


def test_measure_gives_figures_verdicts_and_findings(shop: Path, stages: Stages, use: Use) -> None:
    data, summary = use("measure", workspace="shop")
    assert (data["passed"], data["verdicts"][0]["measured"], data["findings"][0]["kind"]) == (False, 300.0, "sequential_sends")
    assert data["measured"][0]["figures"]["samples_ms"] == []
    assert summary == "moves p95 < 100 ms: missed, measured 300 ms."
    assert use("measure", workspace="shop", measurement="moves")
    assert [order.only for order in stages.orders] == ["", "moves"]


def test_run_scenario_plays_the_projects_or_the_one_that_is_given(shop: Path, stages: Stages, use: Use) -> None:
    data, summary = use("run_scenario", workspace="shop")
    assert (data["passed"], summary) == (True, "1 of 1 passed")
    use("run_scenario", workspace="shop", scenario="scenarios/order.ws.yaml")
    use("run_scenario", workspace="shop", scenario="name: x\nsteps: []\n")
    assert [(order.only, order.extra) for order in stages.orders] == [
        ("", {}),
        ("scenarios/order.ws.yaml", {}),
        ("scenario", {"scenario": "name: x\nsteps: []\n"}),
    ]
    (shop / "board.py").write_text(SLOW + "# BROKEN\n")
    assert use("run_scenario", workspace="shop")[1] == "0 of 1 passed, failed: order.ws.yaml"


def test_tools_work_in_a_copy_and_leave_none(shop: Path, stages: Stages, use: Use) -> None:
    use("measure", workspace="shop")
    assert (shop / "board.py").read_text() == SLOW
    assert list(copies().iterdir()) == []


def test_workspace_of_somebody_else_is_refused(shop: Path, stages: Stages, use: Use, bob: User) -> None:
    for name in ("measure", "run_scenario"):
        with pytest.raises(NoWorkspace, match="no workspace called shop for bob"):
            use(name, bob, workspace="shop")
        with pytest.raises(NoWorkspace, match="There are: shop"):
            use(name, workspace="../../etc")
    assert stages.orders == []


@pytest.mark.parametrize("name", ["measure", "run_scenario"])
def test_workspace_that_is_not_the_boards_is_shown_there_only_if_its_user_allows_it(
    room: Room, shop: Path, stages: Stages, settings: Any, alice: User, robo: User, name: str
) -> None:
    settings.WORKROOM_WORKSPACES["vault"] = WorkspaceSettings(path=shop, users=("alice",))
    tool, board = get_tools()[name], UUID(room.board)
    arguments = validate(tool.arguments, {"workspace": "vault"})
    for approver in (None, robo):
        with pytest.raises(Forbidden):
            tool.run(ToolContext(robo, alice, board, None, None, uuid4(), approver=approver), arguments)
    assert stages.orders == []
    assert tool.run(ToolContext(robo, alice, board, None, None, uuid4(), approver=alice), arguments).summary
    where = ToolContext(robo, alice, board, None, None, uuid4()), ToolContext(robo, alice, None, None, None, uuid4())
    assert [tool.class_of(each, {"workspace": "vault"}) for each in where] == ["unsafe", "read"]
    assert tool.class_of(where[0], {"workspace": "shop"}) == "read"


def test_folder_that_is_gone_is_told(shop: Path, stages: Stages, use: Use) -> None:
    (shop / "bench.yaml").unlink()
    with pytest.raises(BenchFailed, match=r"has no bench\.yaml"):
        use("measure", workspace="shop")


async def test_stopping_the_run_ends_a_measuring(room: Room, shop: Path, stages: Stages) -> None:
    stages.pause_s = 600
    session = await sync_to_async(room.session)("chat")
    run = (await sync_to_async(room.say)(session, "How fast is it?"))["run"]
    with scripted({"chat": [[ToolCallDelta("c1", "measure", {"workspace": "shop"})]]}):
        taken = await claim()
        driving = asyncio.create_task(drive(taken.run_id, taken.attempt))
        while not stages.orders:
            await asyncio.sleep(0.02)
        await sync_to_async(room.api.ok)("post", f"/api/runs/{run['id']}/cancel/")
        await driving
    while await asyncio.to_thread(lambda: list(copies().iterdir())):
        await asyncio.sleep(0.05)
    assert stages.done == []


async def test_agents_answer_from_what_a_tool_measured(room: Room, shop: Path, stages: Stages) -> None:
    session = await sync_to_async(room.session)("chat")
    run = (await sync_to_async(room.say)(session, 'Run measure with {"workspace": "shop"}'))["run"]
    await run_until_idle()
    [call] = (await sync_to_async(room.run)(run))["tool_calls"]
    assert (call["tool_name"], call["status"]) == ("measure", "completed")
    assert json.loads(call["result"])["passed"] is False
