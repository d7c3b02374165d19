"""docs/TRY_IT.md and the scripts beside it are the same walk: what is typed there is sent here. tests/talk compares what is shown."""

import json
import re

from project.talk.script import Script, Step, read_script
from project.talk.tools import read_tools
from project.talk.words import WORDS
from tests.docs.test_docs import ROOT
from tests.docs.try_it import EXAMPLES, Part, parts

_LABEL = re.compile(r"^([a-z]+_[a-z]+) {2,}", re.MULTILINE)


def typed(step: Step) -> str | None:
    """What a person types for this step; None where only something is awaited or tried in vain."""
    if step.refused is not None:
        return None
    if step.send is not None:
        return step.send
    if step.answer is not None:
        return json.dumps(step.result) if step.answer == "tool_result" else step.answer
    return "/cancel" if step.cancel else "/retry" if step.retry else None


def is_same(line: str, wanted: str, step: str) -> bool:
    """An answer may be typed in short: its letter, or a number."""
    return line == wanted or (step in ("approve", "answer") and re.match(r"^(e \{.*\}|a|\d+)$", line) is not None)


def test_every_example_has_its_part_and_the_other_way_round() -> None:
    assert {part.example for part in parts()} == {path.name for path in EXAMPLES.glob("*.yaml")}


def test_guide_types_what_the_script_sends() -> None:
    for part in parts():
        script = read_script(EXAMPLES / part.example)
        wanted = [text for text in map(typed, script.steps) if text is not None]
        assert len(part.typed) == len(wanted), part.example
        assert all(is_same(line, text, text) for line, text in zip(part.typed, wanted, strict=True)), part.example
        check_command(part, script)


def check_command(part: Part, script: Script) -> None:
    assert script.target is not None
    assert script.target in part.command
    assert f"--board {script.board}" in part.command
    assert ("--workflow resolve" in part.command) == (script.session.get("workflow") == "resolve")
    named = re.search(r"--tools (\S+)", part.command)
    assert (read_tools(ROOT / named[1]) if named else None) == script.session.get("tools")


def test_guide_names_real_events() -> None:
    shown = {label for part in parts() for label in _LABEL.findall(part.shown_text)}
    assert {"agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"} <= shown
    assert shown <= set(WORDS)
