"""What is kept of optimising: a report that reads by itself, the rounds, the patches byte for byte, plots that browsers draw."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pydantic import TypeAdapter

from agents.bench.album import REPORT, WHOLE, Album
from agents.bench.album import ROUNDS as ROUNDS_FILE
from agents.bench.diffs import read_diff
from agents.bench.loop import Checks, Next, Played, Round
from agents.bench.performance.markdown import to_markdown
from agents.bench.performance.report import Verdict
from agents.bench.performance.terminal import to_lines
from agents.bench.plots import Axis, Chart, Line, span, spread
from agents.bench.spec import load_spec
from agents.bench.words import assess, ratios, tell_end, tell_verdict
from tests.agents.reports import make_report

GREEN = Checks(played=[Played(name="order.ws.yaml", passed=True, about="9 steps in 80 ms")])
RED = Checks(played=[Played(name="order.ws.yaml", passed=False, about="steps[2] expect bob: nothing came")])
PATCH = "--- a/board.py\n+++ b/board.py\n@@ -1 +1 @@\n-slow\n+fast\n"
ROUNDS = [
    Round(number=1, fate="first", checks=GREEN, report=make_report(300.0)),
    Round(number=2, fate="broken", patch=PATCH.replace("fast", "wrong"), about="Send to nobody.", checks=RED),
    Round(number=3, fate="kept", patch=PATCH, about="Send to all at once.", checks=GREEN, report=make_report(30.0)),
]
WORDS = {1: "Please change:\n\n1. `board.py:42`", 2: "It broke order.", 3: "Every budget is met."}


@pytest.fixture
def album() -> Album:
    return Album("Slow board", ROUNDS, WORDS, Next("met", "Every budget is met."), PATCH)


def test_report_shows_every_round_and_first_beside_last(album: Album) -> None:
    text = album.report()
    assert "# Slow board: every budget is met" in text
    assert "300 ms in round 1, 30 ms now: 10.0 × better" in text
    assert text.index("## Round 1: as it was") < text.index("> 1. `board.py:42`") < text.index("## Round 2: taken back: it broke the tests")
    assert "FAILED: order.ws.yaml steps[2] expect bob: nothing came" in text
    assert "+fast" in text


def test_folder_holds_what_the_report_names_and_nothing_older(album: Album, tmp_path: Path) -> None:
    (tmp_path / "round-9.patch").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    written = album.write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in written} | {"notes.txt"}
    assert {path.name for path in written} == {
        *("report.md", "rounds.json", "whole.patch", "round-2.patch", "round-3.patch"),
        *("rounds.svg", "moves-spread.svg", "moves-time.svg"),
    }
    assert (tmp_path / "round-3.patch").read_text() == PATCH
    assert [each["fate"] for each in json.loads((tmp_path / "rounds.json").read_text())] == ["first", "broken", "kept"]
    for path in tmp_path.glob("*.svg"):
        assert f"({path.name})" in (tmp_path / "report.md").read_text()


def test_plots_are_whole_and_the_same_each_time(album: Album) -> None:
    plots = album.plots()
    assert plots == album.plots()
    for text in plots.values():
        root = ET.fromstring(text)  # noqa: S314 - made a line above
        assert root.tag.endswith("svg")
        assert root[0].text
    assert plots["rounds.svg"].count("<circle") == 2
    assert "stroke-dasharray" in plots["rounds.svg"]


def test_nothing_measured_makes_no_plots() -> None:
    album = Album("x", [Round(number=1, fate="first", checks=RED)], {}, Next("unfounded", "They fail."), "")
    assert album.plots() == {}
    assert "the tests fail" in album.report()


def test_throughput_of_nothing_has_no_point_but_a_report() -> None:
    none = Verdict(budget="throughput > 9/s", measurement="moves", figure="throughput", measured=0, limit=9, unit="/s", passed=False)
    unknown = none.model_copy(update={"budget": "memory growth < 1 MB", "measured": None})
    rounds = [Round(number=1, fate="first", checks=GREEN, report=make_report(verdicts=[none, unknown]))]
    album = Album("Slow board", rounds, {}, Next("used_up", "One round."), "")
    ET.fromstring(album.plots()["rounds.svg"])  # noqa: S314 - our own
    assert "it could not be measured" in album.report()


def test_what_could_not_be_measured_is_never_told_as_less_than_nothing() -> None:
    unknown = Verdict(
        budget="memory growth < 1 MB", measurement="moves", figure="memory growth", measured=None, limit=1, unit="MB", passed=False
    )
    report = make_report(verdicts=[unknown])
    rounds = [Round(number=number, fate="first" if number == 1 else "kept", checks=GREEN, report=report) for number in (1, 2)]
    told = [
        assess(report, rounds),
        tell_end("Slow board", rounds, Next("used_up", "Two rounds."), ""),
        to_markdown(report),
        "\n".join(to_lines(report)),
    ]
    assert [text for text in told if "-1 MB" in text or "could not be measured" not in text] == []


def test_growth_below_nothing_that_misses_a_floor_was_measured() -> None:
    shrank = Verdict(
        budget="memory growth > 5 MB", measurement="moves", figure="memory growth", measured=-3, limit=5, unit="MB", passed=False
    )
    assert tell_verdict(shrank) == "**memory growth > 5 MB**: missed, measured -3 MB."


@pytest.mark.parametrize("stored", [-1, -1.0])
def test_what_could_not_be_measured_is_stored_as_ever(stored: float) -> None:
    """Reports that are kept, and pages, have -1 for it (PROTOCOL §7)."""
    row: dict[str, Any] = {"budget": "x", "measurement": "moves", "figure": "memory growth", "limit": 1.0, "unit": "MB", "passed": False}
    row["measured"] = stored
    verdict = Verdict.model_validate(row)
    assert verdict.measured is None
    assert verdict.model_dump() == row
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict == Verdict(**row)
    shrank = Verdict.model_validate({**row, "passed": True})
    assert (shrank.measured, shrank.model_dump()["measured"]) == (-1.0, -1.0)


def test_memory_that_shrank_was_measured() -> None:
    shrank = Verdict(
        budget="memory growth < 5 MB", measurement="moves", figure="memory growth", measured=-2, limit=5, unit="MB", passed=True
    )
    assert tell_verdict(shrank) == "**memory growth < 5 MB**: met, measured -2 MB."


def test_points_are_where_their_values_are() -> None:
    chart = Chart("t", Axis("x", 0, 10), Axis("ms", 1, 100, is_log=True), [Line("a", [(0, 1), (10, 100), (5, 10)])])
    assert 'points="64.0,256.0 612.0,40.0 338.0,148.0"' in chart.to_svg()
    assert Axis("round", 0.7, 2.3, is_whole=True).ticks() == [1, 2]


def test_spread_says_which_share_is_at_most_so_large() -> None:
    points = spread([3.0, 1.0, 2.0, 4.0])
    assert points[:4] == [(1.0, 25.0), (2.0, 50.0), (3.0, 75.0), (4.0, 100.0)]
    assert spread([]) == []


@pytest.mark.parametrize("values", [[], [0.0], [5.0], [1e-9, 1e9]])
def test_axes_hold_any_values(values: list[float]) -> None:
    for is_log in (False, True):
        axis = span("ms", values, is_log=is_log)
        assert axis.low < axis.high
        assert all(axis.low <= tick <= axis.high for tick in axis.ticks())
        assert all(0 <= axis.share(value) <= 1 for value in values)


KEPT = Path(__file__).resolve().parents[3] / "docs" / "example-report"


@pytest.mark.parametrize("name", ["slow_board", "slow_orders"])
def test_kept_examples_show_the_improvement(name: str) -> None:
    rounds = TypeAdapter(list[Round]).validate_json((KEPT / name / ROUNDS_FILE).read_bytes())
    first, last = rounds[0], rounds[-1]
    assert first.report is not None
    assert last.report is not None
    assert (first.report.passed, last.report.passed, last.stands) == (False, True, True)
    assert all(each.checks is not None and each.checks.passed for each in rounds if each.stands)
    assert max(ratios(rounds).values()) > 3
    example = KEPT.parents[1] / "examples" / name
    # Where the example has changed since, they are to be run anew: make example-optimise.
    assert read_diff(example, (KEPT / name / WHOLE).read_text()).paths
    assert (KEPT / name / REPORT).read_text().startswith(f"# {load_spec(example).name}: every budget is met")
