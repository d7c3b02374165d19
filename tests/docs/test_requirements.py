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


def named_numbers(text: str) -> set[tuple[str, int]]:
    spans = [(system, int(first), int(last or first)) for system, first, last in SPAN.findall(text)]
    return {(system, number) for system, first, last in spans for number in range(first, last + 1)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_number_is_accounted_for(system: str) -> None:
    last, never_given = SYSTEMS[system]
    rows = "\n".join(line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("|"))
    expected = {(system, number) for number in range(1, last + 1) if number not in never_given}
    assert expected - named_numbers(rows) == set()


def test_named_test_files_exist() -> None:
    named = set(re.findall(r"\btests/[\w/.-]+\.(?:py|ts|tsx|mjs)\b", TABLE.read_text(encoding="utf-8")))
    assert named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
