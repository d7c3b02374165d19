"""A pytest plugin: every `*.ws.yaml` is a test. `-p agents.bench.scripts.pytest_plugin` loads it.

What scenarios are played against is said by a fixture `ws_addresses` (a mapping of names to URLs) in a conftest.py beside
them, by --ws-address NAME=URL, or by `ws_addresses` in the ini file; the command line wins.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agents.bench.errors import BenchError
from agents.bench.scripts.load import SUFFIXES, load_script
from agents.bench.scripts.outcome import Outcome
from agents.bench.scripts.play import play
from agents.bench.scripts.text import report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the servers are that scenarios are played against."""
    about = "what {NAME} is in WebSocket scenarios"
    parser.addoption("--ws-address", action="append", default=[], metavar="NAME=URL", help=about)
    parser.addini("ws_addresses", f"lines of NAME=URL: {about}", type="linelist", default=[])


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """A scenario file, as a collector of one test."""
    return ScenarioFile.from_parent(parent, path=file_path) if file_path.name.endswith(SUFFIXES) else None


@pytest.fixture(scope="session")
def ws_addresses() -> Mapping[str, str]:
    """URLs by the names that scenarios give them. Override it where servers are started for the tests."""
    return {}


class ScenarioFailed(Exception):
    """A scenario didn't come to pass; its text is the report."""


class ScenarioFile(pytest.File):
    """A file with one scenario."""

    def collect(self) -> Iterator[pytest.Item]:
        """The test of it."""
        name = next(self.path.name.removesuffix(suffix) for suffix in SUFFIXES if self.path.name.endswith(suffix))
        yield Scenario.from_parent(self, name=name, callobj=_player(self.path, _given(self.config)))


class Scenario(pytest.Function):
    """The playing of one scenario."""

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is: the file itself."""
        return self.path, 0, f"scenario {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """The report instead of a traceback, where the scenario or its file is at fault."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        if isinstance(excinfo.value, BenchError):
            return "\n".join([excinfo.value.message, *excinfo.value.details])
        return super().repr_failure(excinfo, *args, **kwargs)


def _given(config: pytest.Config) -> dict[str, str]:
    """The addresses of ini file and command line."""
    lines: list[str] = [*config.getini("ws_addresses"), *config.getoption("--ws-address")]
    wrong = [line for line in lines if "=" not in line]
    if wrong:
        raise pytest.UsageError(f"{wrong[0]}: write an address as NAME=URL")
    return {name.strip(): url.strip() for name, _, url in (line.partition("=") for line in lines)}


def _player(path: Path, given: Mapping[str, str]) -> Callable[[Mapping[str, str]], None]:
    """The test function, which takes the addresses as its fixture."""

    def test_scenario(ws_addresses: Mapping[str, str]) -> None:
        outcome: Outcome = asyncio.run(play(load_script(path), addresses={**ws_addresses, **given}, folder=path.parent))
        if not outcome.passed:
            raise ScenarioFailed(report(outcome))

    return test_scenario
