"""optimise without a server: the same course as in a room, told at a terminal, kept in a folder, the same patches every time."""

import json
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.bench.errors import Failed, Refused
from agents.llm.rules.model import RulesModel
from agents.workflows.optimise.terminal import find_workspace
from agents.workspaces import copies
from project.agent_settings import WorkspaceSettings
from tests.agents.bench.shops import FAST, SLOW, Stages, make_shop
from tests.agents.driving import scripted
from tests.agents.test_optimise import answers, patch


@pytest.fixture
def shop(tmp_path: Path, settings: Any) -> Path:
    folder = make_shop(tmp_path / "shop")
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=folder)}
    settings.WORKROOM_DATA_DIR = tmp_path / "data"
    return folder


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stages]:
    stages = Stages()
    monkeypatch.setattr("agents.workflows.optimise.alone.check", stages.check)
    monkeypatch.setattr("agents.workflows.optimise.alone.measure", stages.measure)
    yield stages
    assert not copies().exists() or list(copies().iterdir()) == []


def optimise(*arguments: str) -> str:
    out = StringIO()
    call_command("optimise", *arguments, stdout=out)
    return out.getvalue()


def test_rounds_are_told_and_kept(shop: Path, stages: Stages, tmp_path: Path) -> None:
    with scripted(answers(patch(FAST + "# BROKEN\n"), patch(FAST), rounds=3)):
        told = optimise("shop", "--out", str(tmp_path / "out"))
    parts = ("Round 1: as it was", "Judgement 1.", "taken back: it broke the tests", "+    await asyncio.gather", "7.5 × better")
    places = [told.index(part) for part in parts]
    assert places == sorted(places)
    report = (tmp_path / "out/report.md").read_text()
    assert "7.5 × better" in report
    assert "+    await asyncio.gather" in (tmp_path / "out/whole.patch").read_text()
    assert [each["fate"] for each in json.loads((tmp_path / "out/rounds.json").read_text())] == ["first", "broken", "kept"]
    assert (shop / "board.py").read_text() == SLOW


def test_folder_that_cannot_be_kept_in_is_told_before_the_work(shop: Path, stages: Stages) -> None:
    with pytest.raises(CommandError, match=r"board\.py isn't a folder") as refused:
        optimise("shop", "--out", str(shop / "board.py"))
    assert refused.value.returncode == 2


def test_nothing_that_was_written_elsewhere_controls_the_terminal(shop: Path, stages: Stages) -> None:
    with scripted(answers(patch(FAST + "# \x1b[2J\n"))):
        told = optimise("shop")
    assert ("\x1b" in told, "# \\x1b[2J" in told) == (False, True)


def test_rules_make_the_same_patch_every_time(shop: Path, stages: Stages, tmp_path: Path) -> None:
    patches = []
    for number in (1, 2):
        assert "asyncio.gather" in optimise("shop", "--rules", "--out", str(tmp_path / f"out{number}"))
        patches.append((tmp_path / f"out{number}/whole.patch").read_bytes())
    assert patches[0] == patches[1]


@pytest.mark.parametrize(("rounds", "code"), [("1", 1), ("3", None)])
def test_exit_code_says_whether_the_budgets_are_met(shop: Path, stages: Stages, rounds: str, code: int | None) -> None:
    with scripted(answers(patch(FAST))):
        if code is None:
            optimise("shop", "--rounds", rounds)
        else:
            with pytest.raises(SystemExit) as ended:
                optimise("shop", "--rounds", rounds)
            assert ended.value.code == code


def test_folder_that_is_no_workspace_is_refused_with_what_to_write(shop: Path, stages: Stages, tmp_path: Path) -> None:
    other = make_shop(tmp_path / "Other Shop")
    with pytest.raises(CommandError, match=r"is no workspace\. Known: shop") as refused:
        optimise(str(other))
    assert refused.value.returncode == 2
    assert f"workspaces: {{other_shop: {{path: {other}}}}}" in str(refused.value)
    assert find_workspace(str(shop)).name == "shop"
    with pytest.raises(Refused):
        find_workspace("/")


def test_failure_of_the_bench_ends_it_with_its_words_and_no_copy_is_left(
    shop: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(stage: str) -> None:
        raise Failed("board never got healthy.", details=["Traceback"])

    stages.hook = fail
    with pytest.raises(CommandError, match="board never got healthy") as refused:
        optimise("shop", "--rules")
    assert (refused.value.returncode, "Traceback" in str(refused.value)) == (2, True)


def test_folder_without_a_bench_file_is_refused(shop: Path, stages: Stages) -> None:
    shutil.rmtree(shop)
    with pytest.raises(CommandError, match="isn't a folder"):
        optimise("shop")


@pytest.mark.parametrize("rounds", ["0", "21", "many"])
def test_wrong_rounds_are_refused(shop: Path, rounds: str) -> None:
    with pytest.raises(CommandError, match="1 to 20 rounds"):
        optimise("shop", "--rounds", rounds)


def test_rules_work_where_another_model_is_set_up(shop: Path, stages: Stages) -> None:
    with scripted({}):
        assert f"Changes are made by {RulesModel.name}" in optimise("shop", "--rules")
