"""Outcomes as text and as JUnit XML."""

from xml.etree import ElementTree as ET

import pytest

from agents.bench.scripts.junit import to_junit
from agents.bench.scripts.outcome import Entry, Failure, Outcome, StepDone
from agents.bench.scripts.text import Paint, report, summary

PASSED = Outcome(
    name="Hello", file="hello.ws.yaml", passed=True, duration_ms=1234.5, failures=[], timeline=[],
    steps=[StepDone(path="steps[0]", file="hello.ws.yaml", line=5, title="connect alice", status="passed", at_ms=0.1, took_ms=3)],
)  # fmt: skip
FAILED = Outcome(
    name="Move",
    file="move.ws.yaml",
    passed=False,
    duration_ms=250,
    steps=[
        StepDone(path="steps[0]", file="board.part.yaml", line=5, title="connect alice", status="passed", at_ms=0.1, took_ms=3),
        StepDone(path="steps[0]", file="move.ws.yaml", line=9, title="expect alice 1", status="failed", at_ms=4, took_ms=200),
    ],
    failures=[
        Failure(
            path="steps[0]",
            file="move.ws.yaml",
            line=9,
            title="expect alice 1",
            message="alice got no such message within 200 ms",
            expected="JSON like 1",
            came=['{"type": "news"}', "[2]"],
            difference=["- $: 1", '+ $: {"type": "news"}'],
            details=["and nothing else"],
        )
    ],
    timeline=[
        Entry(at_ms=3, who="alice", what="connected", text="ws://x/"),
        Entry(at_ms=4, who="alice", what="sent", text="[1]"),
        Entry(at_ms=5.25, who="bob", what="received", text="x" * 300),
    ],
    left_out=7,
)


def test_failure_is_told_whole() -> None:
    assert report(FAILED).splitlines() == [
        "FAILED  Move (move.ws.yaml) – 2 steps, 0.25 s",
        "  passed        0.1 ms  steps[0] line 5 of board.part.yaml: connect alice",
        "  failed        4.0 ms  steps[0] line 9: expect alice 1",
        "",
        "  move.ws.yaml:9: steps[0]: expect alice 1",
        "  alice got no such message within 200 ms",
        "    expected  JSON like 1",
        '    came      {"type": "news"}',
        "              [2]",
        "    - $: 1",
        '    + $: {"type": "news"}',
        "    and nothing else",
        "",
        "  timeline in ms, after 7 earlier lines",
        "         3.0  alice  connected ws://x/",
        "         4.0  alice  → [1]",
        f"         5.2  bob    ← {'x' * 159}…",
    ]


def test_what_passed_is_one_line_and_its_steps_on_demand() -> None:
    assert report(PASSED) == "passed  Hello (hello.ws.yaml) – 1 step, 1.23 s"
    assert report(PASSED, with_steps=True).splitlines()[1] == "  passed        0.1 ms  steps[0] line 5: connect alice"


def test_nothing_that_came_is_said_too() -> None:
    failure = FAILED.failures[0].model_copy(update={"came": [], "difference": [], "details": []})
    assert "    came      nothing" in report(FAILED.model_copy(update={"failures": [failure]})).splitlines()


def test_colours_are_for_terminals_alone() -> None:
    assert "\x1b[" not in report(FAILED)
    painted = report(FAILED, paint=Paint(has_colour=True))
    assert painted.startswith("\x1b[31mFAILED\x1b[0m")
    assert summary([PASSED], paint=Paint(has_colour=True)).startswith("\x1b[32m")


def test_summary_counts() -> None:
    assert summary([PASSED, FAILED]) == "1 passed, 1 failed in 1.48 s"


def test_junit_has_a_case_for_each_with_its_failure() -> None:
    root = ET.fromstring(to_junit([PASSED, FAILED]))  # noqa: S314 - it was made a line before
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {"tests": "2", "failures": "1", "errors": "0"}
    passed, failed = root.iter("testcase")
    assert (passed.get("name"), passed.get("file"), passed.get("time"), passed.find("failure")) == ("Hello", "hello.ws.yaml", "1.234", None)
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "steps[0]: alice got no such message within 200 ms"
    assert failure.text == report(FAILED)
    assert "connect alice" in (failed.findtext("system-out") or "")


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ud800", "\ufffe"])
def test_junit_holds_what_xml_cant(character: str) -> None:
    strange = PASSED.model_copy(update={"name": f"a{character}b<&>"})
    case = next(ET.fromstring(to_junit([strange])).iter("testcase"))  # noqa: S314 - it was made a line before
    assert case.get("name") == "a\N{REPLACEMENT CHARACTER}b<&>"


def test_outcome_is_plain_data() -> None:
    assert Outcome.model_validate_json(FAILED.model_dump_json()) == FAILED
