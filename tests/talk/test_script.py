"""Scripts: what a file may say, and what counts as the event it waits for."""

from pathlib import Path
from typing import Any

import pytest

from project.talk.script import BadScript, Step, difference, read_script


def write(folder: Path, text: str) -> Path:
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_list_of_steps_is_a_script(tmp_path: Path) -> None:
    script = read_script(
        write(tmp_path, "- send: Hello\n- expect: run_completed\n  data: {run: {status: completed}}\n  within: 5\n- cancel: true\n")
    )
    assert script.steps[0] == Step(send="Hello")
    assert (script.steps[1].within, script.steps[1].data) == (5, {"run": {"status": "completed"}})
    assert script.target is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- send: [", "isn't YAML"),
        ("- {}", "A step is one of: send, expect"),
        ("- {send: a, expect: b}", "A step is one of"),
        ("- {say: hello}", "steps.0.say: Extra inputs"),
        ("steps: []", "at least 1 item"),
        ("- {answer: maybe}", "'approve', 'deny'"),
        ("just words", "dictionary"),
        ("", "dictionary"),
    ],
)
def test_wrong_file_is_told_by_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadScript, match=complaint):
        read_script(write(tmp_path, text))


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadScript, match="can't be read: No such file"):
        read_script(tmp_path / "nothing.yaml")


def test_script_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_bytes("- send: Was ist überfällig?".encode("latin-1"))
    with pytest.raises(BadScript, match="isn't YAML"):
        read_script(path)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ({}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ({"a": [2, {"b": 1}]}, {"a": [1, {"b": 1, "c": 0}, 2]}),
        ({"a": "~TESLA"}, {"a": "Only Tesla moved"}),
        ({"a": None}, {}),
    ],
)
def test_subset_is_met(wanted: Any, got: Any) -> None:
    assert difference(wanted, got) is None


@pytest.mark.parametrize(
    ("wanted", "got", "told"),
    [
        ({"a": 1}, {"a": 2}, "data.a is 2, not 1"),
        ({"a": True}, {"a": 1}, "data.a is 1, not true"),
        ({"a": {"b": 1}}, {"a": None}, 'data.a is null, not {"b": 1}'),
        ({"a": [3]}, {"a": [1, 2]}, "data.a has no 3"),
        ({"a": "~Apple"}, {"a": "Tesla"}, "data.a doesn't contain 'Apple': 'Tesla'"),
    ],
)
def test_difference_is_named(wanted: Any, got: Any, told: str) -> None:
    assert difference(wanted, got) == told
