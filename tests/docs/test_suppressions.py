"""Whatever silences a tool says why, on the same line."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SUPPRESSION = re.compile(r"#\s*(noqa\b(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(\[[a-z-]+(,\s*[a-z-]+)*\])?|pragma: no cover)")
_REASON = re.compile(r"^\s*(-|#|–)\s*[\w']+,?\s+\w+")


def unexplained(text: str) -> list[int]:
    """The numbers of the lines that silence a tool and say nothing about it, or name no rule."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _SUPPRESSION.search(line)
        if match and (not (match.group(2) or match.group(4)) or not _REASON.match(line[match.end() :])):
            found.append(number)
    return found


def test_every_suppression_has_its_reason() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    files = [ROOT / name for name in listed if name != str(Path(__file__).relative_to(ROOT))]
    assert not {str(file): lines for file in files if file.exists() and (lines := unexplained(file.read_text(encoding="utf-8")))}


@pytest.mark.parametrize(
    ("line", "is_explained"),
    [
        ("x = 1  # noqa: E501 - a pasted fixture", True),
        ("x = 1  # type: ignore[misc]  # the stub is wrong", True),
        ("x = 1  # noqa: E501", False),
        ("x = 1  # noqa - because of that", False),
        ("x = 1  # type: ignore", False),
        ("x = 1  # type: ignore[misc]", False),
    ],
)
def test_reason_is_told_from_none(line: str, is_explained: bool) -> None:
    assert unexplained(line) == ([] if is_explained else [1])
