"""What judges a project: its bench file, its scenarios and its tests. No patch may change these, whatever `change` covers."""

import os.path
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from agents.bench.inside import files_of
from agents.bench.scripts.load import beginnings

FILE_NAME = "bench.yaml"

ALWAYS = (FILE_NAME, *(f"**/*.{kind}.{form}" for kind in ("ws", "part") for form in ("yaml", "yml", "json")))
"""Of every project."""

# What the usual runners take for tests, and what those are told by.
_CONVENTIONAL = (
    *("**/tests/**", "**/test/**", "**/__tests__/**", "**/test_*.py", "**/*_test.py", "**/tests.py", "**/conftest.py"),
    *("**/*.test.*", "**/*.spec.*", "**/*_test.go"),
    *("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg", "noxfile.py", "Makefile", "package.json"),
)


def judges_of(folder: Path, scenarios: Sequence[str], tests: Sequence[str]) -> list[str]:
    """Patterns of the files that judge the project in this folder, by its spec's `scenarios` and `tests`."""
    found = [*ALWAYS, *scenarios, *_begun_with(folder, scenarios)]
    return [*found, *_CONVENTIONAL, *_named(folder, tests)] if tests else found


def _begun_with(folder: Path, scenarios: Sequence[str]) -> Iterator[str]:
    """The files that scenarios begin with; those of other names are no scenarios of their own."""
    for scenario in files_of(folder, scenarios):
        for path in beginnings(folder / scenario):
            yield os.path.relpath(path, folder)


def _named(folder: Path, tests: Sequence[str]) -> Iterator[str]:
    """The files that the command names: as a path, as the module after -m, or inside a line of shell."""
    for word in (each for said in tests for each in _words(said)):
        path, module = os.path.normpath(word.partition("::")[0]), word.replace(".", "/")
        yield from (each for each in (path, f"{module}.py", f"{module}/__main__.py") if (folder / each).is_file())


def _words(said: str) -> list[str]:
    try:
        return shlex.split(said)
    except ValueError:
        return [said]
