"""Recipes are chosen by findings: at their place first, then wherever the code is of their kind; else the reasons are told."""

from pathlib import Path
from typing import Any

import pytest

from agents.bench.errors import Refused
from agents.bench.patches import apply, roll_back
from agents.bench.performance.report import Finding
from agents.bench.recipes import propose

BOARD = """async def tell(clients, text):
    for client in clients:
        await client.send(text)


async def shout(clients, text):
    for client in clients:
        await client.send(text)
"""
CLOCK = """import time


async def wait():
    time.sleep(1)


async def first(clients, text):
    for client in clients:
        await client.send(text)
        break
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/board.py").write_text(BOARD)
    (tmp_path / "clock.py").write_text(CLOCK)
    (tmp_path / "broken.py").write_text("async def tell(:\n")
    (tmp_path / "notes.txt").write_text("no Python")
    return tmp_path


FILES = [Path("clock.py"), Path("app/board.py"), Path("notes.txt")]


def finding(kind: str, **at: Any) -> Finding:
    return Finding.model_validate({"kind": kind, "measurement": "moves", "evidence": "It is slow.", "action": "Make it quick.", **at})


def test_the_place_of_the_finding_is_changed_and_nothing_else(folder: Path) -> None:
    proposal = propose(folder, FILES, [finding("sequential_sends", file="app/board.py", line=6, function="shout")])
    assert proposal.patch is not None
    (change,) = proposal.patch.changes
    assert change.path == "app/board.py"
    assert change.after.startswith("import asyncio\n")
    assert BOARD.split("\n\n\n")[0] in change.after
    assert "await _gather_sends(client.send(text) for client in clients)" in change.after.split("async def shout")[1]


def test_it_says_which_recipe_and_why(folder: Path) -> None:
    proposal = propose(folder, FILES, [finding("slow_client", file="app/board.py", function="tell")])
    assert proposal.recipe == "gather_sends"
    assert proposal.why == (
        "It is slow. Sends that wait for each other go out at the same time: "
        "app/board.py, line 2 in tell: sends to all clients at once, each with a time-out."
    )
    assert proposal.reasons == ()


@pytest.mark.parametrize("at", [{}, {"file": "transport.py", "line": 3}, {"file": "app/board.py", "function": "elsewhere"}])
def test_without_a_place_that_may_be_changed_all_files_are_looked_at(folder: Path, at: dict[str, Any]) -> None:
    proposal = propose(folder, FILES, [finding("sequential_sends", **at)])
    assert proposal.patch is not None
    assert proposal.patch.paths == ("app/board.py",)
    assert proposal.patch.changes[0].after.count("await _gather_sends(") == 2


def test_what_is_refused_at_the_place_is_not_made_up_for_elsewhere(folder: Path) -> None:
    proposal = propose(folder, FILES, [finding("sequential_sends", file="clock.py", function="first")])
    assert proposal.patch is None
    assert proposal.reasons == ("gather_sends: clock.py, line 9 in first: it stops before its end (break).",)


def test_the_next_finding_is_tried_where_one_leads_to_nothing(folder: Path) -> None:
    findings = [
        finding("payload_size"),
        finding("sequential_sends", file="clock.py", function="first"),
        finding("n_plus_one"),
        finding("blocking_call", file="clock.py", line=5),
    ]
    proposal = propose(folder, FILES, findings)
    assert proposal.recipe == "unblock"
    assert proposal.patch is not None
    assert "await asyncio.sleep(1)" in proposal.patch.diff
    assert proposal.reasons == (
        "No recipe is for payload_size: Make it quick.",
        "gather_sends: clock.py, line 9 in first: it stops before its end (break).",
        "batch_queries: nothing of this kind in app/board.py, clock.py.",
    )


def test_without_findings_nothing_is_changed(folder: Path) -> None:
    proposal = propose(folder, FILES, [])
    assert (proposal.patch, proposal.recipe, proposal.reasons) == (None, "", ("Nothing was found that a recipe is for.",))


def test_what_is_no_python_is_told_and_the_rest_is_looked_at(folder: Path) -> None:
    (folder / "zero.py").write_text("x = '\0'\n")
    proposal = propose(folder, [*FILES, Path("broken.py"), Path("zero.py")], [finding("sequential_sends")])
    assert proposal.patch is not None
    assert proposal.patch.paths == ("app/board.py",)
    assert proposal.reasons[:2] == (
        "gather_sends: broken.py, line 1: this can't be read as Python: invalid syntax.",
        "gather_sends: clock.py, line 9 in first: it stops before its end (break).",
    )
    assert "null bytes" in proposal.reasons[2]


# libcst's own parser ends the process at the first of these, and takes half a minute for the last.
@pytest.mark.parametrize(
    "code",
    ["(" * 5_000 + ")" * 5_000, "f(" * 2_000 + ")" * 2_000, "not " * 3_000 + "a", "a" + "[0]" * 3_000, "+".join("1" * 3_000)],
    ids=["brackets", "calls", "not", "items", "sum"],
)
def test_code_nested_beyond_all_measure_is_told_and_left_alone(folder: Path, code: str) -> None:
    (folder / "deep.py").write_text(f"x = {code}\n")
    (reason,) = propose(folder, [Path("deep.py")], [finding("sequential_sends")]).reasons
    assert reason.startswith("gather_sends: deep.py, ")
    assert "nested too deeply" in reason or "can't be read as Python" in reason


def test_the_same_patch_comes_out_every_time_whatever_the_order_of_files(folder: Path) -> None:
    wanted = [finding("sequential_sends"), finding("blocking_call")]
    assert propose(folder, FILES, wanted) == propose(folder, list(reversed(FILES)), wanted)


def test_a_proposal_can_be_applied_and_then_leads_to_the_next(folder: Path) -> None:
    wanted = [finding("sequential_sends", file="app/board.py"), finding("blocking_call")]
    before = (folder / "app/board.py").read_bytes()
    first = propose(folder, FILES, wanted)
    assert first.patch is not None
    applied = apply(first.patch, folder, allowed=["**/*.py"])
    second = propose(folder, FILES, wanted)
    assert (first.recipe, second.recipe) == ("gather_sends", "unblock")
    roll_back(applied, folder)
    assert (folder / "app/board.py").read_bytes() == before


def test_files_outside_the_folder_are_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (tmp_path_factory.mktemp("other") / "x.py").write_text(BOARD)
    with pytest.raises(Refused):
        propose(folder, [Path("../other/x.py")], [finding("sequential_sends")])
