"""Fresh data, servers and people for tests with real processes."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.process.server import Data, Server, manage, new_database

ServerFor = Callable[..., Server]
Tell = Callable[[str], None]

_told: list[str] = []


@pytest.fixture
def tell() -> Tell:
    """`tell("1.2 s")` shows a figure or a seed at the end of the run, whether the test passes or not."""
    return _told.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the tests have told."""
    if _told:
        terminalreporter.section("figures and seeds")
        terminalreporter.write("\n".join(_told) + "\n")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    """Data with all tables and nothing in them, on the databases that this run of the suite is about."""
    folder = tmp_path_factory.mktemp("migrated") / "var"
    folder.mkdir()
    postgres, redis = os.environ.get("WORKROOM_TEST_DATABASE_URL"), os.environ.get("WORKROOM_TEST_REDIS_URL", "")
    with contextlib.ExitStack() as stack:
        data = Data(folder, stack.enter_context(new_database(postgres)), redis) if postgres else Data(folder)
        done = manage(data, "migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        yield data


@pytest.fixture
def data(migrated: Data, tmp_path: Path) -> Iterator[Data]:
    """Data of this test's own."""
    with migrated.copy(tmp_path / "var") as copy:
        yield copy


@pytest.fixture
def server_for(data: Data) -> Iterator[ServerFor]:
    """`server_for("serve", NAME="value")` starts a server that way, with these settings; all are ended after the test."""
    with contextlib.ExitStack() as stack:

        def start(way: str = "serve", **environ: str) -> Server:
            server = stack.enter_context(Server(data, way, environ=environ))
            server.start()
            return server

        yield start
