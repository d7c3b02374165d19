"""docs/REQUIREMENTS.md accounts for every requirement, and the tests it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "REQUIREMENTS.md"
# First and last number of each source system, and the numbers between them that were never given.
SYSTEMS = {
    "A": (32, set()),
    "L": (132, {17, 18, 20, 103, 128}),
    "M": (23, set()),
    "F": (40, {7, 20, 35, 36, 39}),
    "N": (28, {25}),
}
# A range such as L21–L25 speaks for each number in it.
SPAN = re.compile(r"\b([ALMFN])(\d{1,3})(?:\s*[–-]\s*\1?(\d{1,3}))?\b")
ROW = re.compile(r"^\| [ALMFN]\d.*\|$", re.MULTILINE)
PYTHON_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
BROWSER_TEST = re.compile(r'`(tests/js/[\w.]+)` "([^"]+)"')
SHOWN = re.compile(r"`tests/|`make |\*\*open|Reason:")


def table() -> str:
    return TABLE.read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    """The cells of every row about a requirement."""
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in ROW.findall(table())]


def named_numbers(text: str) -> set[tuple[str, int]]:
    spans = [(system, int(first), int(last or first)) for system, first, last in SPAN.findall(text)]
    return {(system, number) for system, first, last in spans for number in range(first, last + 1)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_number_has_its_row(system: str) -> None:
    last, never_given = SYSTEMS[system]
    named = {name for cells in rows() for name in named_numbers(cells[0]) if name[0] == system}
    assert named == {(system, number) for number in range(1, last + 1) if number not in never_given}


def test_every_row_says_what_shows_it() -> None:
    assert [cells[0] for cells in rows() if len(cells) != 4 or not SHOWN.search(cells[3])] == []


def test_named_files_exist() -> None:
    named = set(re.findall(r"`((?:agents|boards|docs|project|sessions|tests)/[\w/.-]+)`", table()))
    assert named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("document", ["docs/REQUIREMENTS.md", "docs/SECURITY.md"])
def test_named_tests_exist(document: str) -> None:
    text = source(document)
    python = {(file, name) for file, name in PYTHON_TEST.findall(text) if not re.search(rf"def {name}\(", source(file))}
    browser = {(file, name) for file, name in BROWSER_TEST.findall(text) if f'"{name}"' not in source(file)}
    assert PYTHON_TEST.findall(text)
    assert python | browser == set()


def test_every_promise_of_security_names_its_test() -> None:
    tables = source("docs/SECURITY.md").split("| promise | shown by |\n|---|---|\n")[1:]
    promises = [row for table in tables for row in table.split("\n\n")[0].strip().splitlines()]
    assert len(promises) > 30
    assert [row for row in promises if "`tests/" not in row.strip("|").split("|")[1]] == []
    assert sorted(name for name in re.findall(r"`(tests/[\w/.]+)`", source("docs/SECURITY.md")) if not (ROOT / name).exists()) == []


def source(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
