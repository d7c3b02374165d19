"""A project's bench file: what is read, and where mistakes are told."""

from pathlib import Path

import pytest

from agents.bench.errors import BadFile
from agents.bench.goals import goals_of
from agents.bench.performance.budgets import bind_all
from agents.bench.spec import load_spec

GOOD = """\
name: Board
services:
  board: {command: ["{python}", server.py, "{port}"], port: auto, healthy: {tcp: true}}
measure:
  moves: {kind: broadcast, url: "ws://{board.address}/", send: {id: "{id}"}, marker: '"id":"{id}"', clients: 10}
budgets:
  - moves p95 < 100 ms
  - broadcast to all < 100 ms with 10 clients
  - memory growth < 5 MB
"""


def written(folder: Path, text: str) -> Path:
    (folder / "bench.yaml").write_text(text, encoding="utf-8")
    return folder


def test_spec_is_read_from_its_folder_or_its_file(tmp_path: Path) -> None:
    spec = load_spec(written(tmp_path, GOOD))
    assert spec.budgets[0] == "moves p95 < 100 ms"
    assert spec.folder == tmp_path.resolve()
    assert load_spec(tmp_path / "bench.yaml") == spec


@pytest.mark.parametrize(
    ("old", "new", "place", "told"),
    [
        ("moves p95 < 100 ms", "moves p96 < 100 ms", "7:5", "Known: average"),
        ("with 10 clients", "with 12 clients", "8:5", "with 12 clients"),
        ("memory growth < 5 MB", "errors < 200 %", "9:5", "could not fail"),
        ("services:", "scenarios: []\nx:", "3:1", "no such key"),
        ("kind: broadcast", "kind: brodcast", "5:", "broadcast"),
        ('marker: \'"id":"{id}"\'', "marker: moved", "5:", "must contain {n} or {id} once"),
        ("clients: 10}", "clients: 10, slow_clients: 9}", "5:", "at most 8"),
        ("budgets:", "prepare: [{request: nowhere}]\nbudgets:", "6:", "prepare.0.request"),
    ],
)
def test_mistake_is_told_by_line_and_column(tmp_path: Path, old: str, new: str, place: str, told: str) -> None:
    with pytest.raises(BadFile) as caught:
        load_spec(written(tmp_path, GOOD.replace(old, new)))
    assert f"bench.yaml:{place}" in caught.value.message
    assert told in caught.value.message


def test_memory_of_a_server_that_the_file_does_not_start_is_no_budget(tmp_path: Path) -> None:
    unserved = "\n".join(line for line in GOOD.splitlines() if "services" not in line and "command" not in line)
    with pytest.raises(BadFile, match="where `services` starts it"):
        load_spec(written(tmp_path, unserved))


def test_goal_of_a_spec_without_budgets_is_one_that_can_fail(tmp_path: Path) -> None:
    unbudgeted = GOOD.partition("budgets:")[0]
    assert goals_of(load_spec(written(tmp_path, unbudgeted))) == ["moves to all < 50 ms"]
    spec = load_spec(written(tmp_path, unbudgeted.replace("clients: 10", "clients: 10, timeout_s: 0.02")))
    assert goals_of(spec) == ["moves to all < 20 ms"]
    assert bind_all(goals_of(spec), spec.measure)
