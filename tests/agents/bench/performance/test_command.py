"""Measuring from a command line."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.bench.errors import BadFile, BenchError
from agents.bench.performance.command import Options, read_report, run
from agents.bench.performance.declared import Broadcast, Http
from agents.bench.performance.report import Report
from agents.bench.performance.target import Target
from tests.agents.bench.performance.reports import report
from tests.agents.bench.performance.servers import serving

pytestmark = pytest.mark.process


def perf(*arguments: str) -> int:
    """The exit code that `manage.py perf` would have."""
    try:
        call_command("perf", *arguments)
    except SystemExit as left:
        return int(left.code or 0)
    except CommandError as error:
        sys.stderr.write(str(error))
        return error.returncode
    return 0


async def told(target: Target, **options: Any) -> tuple[bool, str]:
    out = io.StringIO()
    measured = await run(Options(target, is_diagnosed=False, **options), out, lambda _: None)
    return measured.passed, out.getvalue()


async def test_report_is_shown_and_written_and_is_the_next_ones_baseline(sums: Path) -> None:
    first, markdown, plots = sums / "first.json", sums / "report.md", sums / "plots"
    is_passed, shown = await told(Target(str(sums)), json=first)
    assert (is_passed, shown.splitlines()[-1]) == (True, "Passed: the budget is met.")
    is_passed, shown = await told(Target(str(sums), ["nap p50 < 0.5 ms"]), baseline=first, markdown=markdown, plots=plots)
    assert not is_passed
    assert "× the baseline's" in shown
    assert "## Compared" in markdown.read_text(encoding="utf-8")
    assert {path.name for path in plots.iterdir()} == {"nap-spread.svg", "nap-time.svg"}
    assert read_report(first).measured[0].figures.count == 10


def test_exit_code_tells_passed_missed_and_bad_input(sums: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert perf(str(sums)) == 0
    passed = capsys.readouterr()
    assert passed.out.splitlines()[-1] == "Passed: the budget is met."
    assert "Looking for causes in nap." in passed.err
    assert perf(str(sums), "--budget", "max < 0.1 ms", "--no-diagnosis", "-v0") == 1
    missed = capsys.readouterr()
    assert missed.err == ""
    assert "MISS  max < 0.1 ms" in missed.out
    assert perf(str(sums), "--budget", "p96 < 1 ms") == 2
    bad = capsys.readouterr()
    assert bad.out == ""
    assert "Known: average" in bad.err


async def test_bare_address_is_measured_by_its_options() -> None:
    with serving("shop.py") as shop, serving("board.py") as board:
        options = {"requests": 5, "concurrency": 2}
        assert (await told(Target(f"{shop.http}/fine", ["target errors = 0"], options)))[0]
        assert not (await told(Target(f"{shop.http}/broken", ["errors = 0"], options)))[0]
        is_passed, shown = await told(Target(f"{board.ws}/together", ["to all < 20 s with 3 clients"], {"clients": 3, "messages": 4}))
        assert is_passed
        assert "3 clients, 3 rounds of 4 messages" in shown


def test_address_decides_what_is_measured() -> None:
    assert isinstance(Target("https://example.test/x").to_spec().measure["target"], Http)
    assert isinstance(Target("wss://example.test/x").to_spec().measure["target"], Broadcast)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (Target("nowhere"), "nowhere can't be read"),
        (Target("ftp://example.test/"), "an address begins with http://"),
        (Target("http://example.test/", address={"clients": 3}), "clients: doesn't go with this address"),
        (Target("http://example.test/", address={"requests": 0}), "requests: Input should be greater than or equal to 1"),
        (Target("ws://example.test/", address={"marker": "x"}), "marker must contain"),
        (Target("http://example.test/", ["memory growth < 1 MB"]), "where `services` starts it"),
        (Target("examples/slow_board", address={"requests": 3}), "requests go with an address"),
    ],
)
def test_target_that_cannot_be_measured_is_refused(target: Target, told: str) -> None:
    with pytest.raises(BenchError) as caught:
        target.to_spec()
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "can't be read"),
        ("{}", "is no report of this command"),
        ("not JSON", "is no report"),
        ("other", "has format 99; this is format 1"),
    ],
)
def test_baseline_that_is_no_report_is_refused(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "before.json"
    if text is not None:
        path.write_text(report(format=99).model_dump_json() if text == "other" else text, encoding="utf-8")
    with pytest.raises(BadFile, match=told):
        read_report(path)


@pytest.mark.parametrize(
    ("option", "place", "reason"),
    [
        ("json", "nowhere/report.json", "there is no folder"),
        ("markdown", ".", "it is a folder"),
        ("plots", "bench.yaml", "isn't a folder"),
    ],
)
async def test_place_that_cannot_be_written_is_refused_before_anything_is_measured(
    sums: Path, option: str, place: str, reason: str
) -> None:
    with pytest.raises(BadFile, match=reason):
        await told(Target(str(sums)), **{option: sums / place})


def test_report_survives_json() -> None:
    assert Report.model_validate(json.loads(report().model_dump_json())) == report()
