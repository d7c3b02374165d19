"""Fresh data and servers for tests with real processes; tests/conftest.py makes them known to all."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.process.server import Data, Server, manage, new_database

SETTINGS = "tests.process.settings"
DEMO_PASSWORD = "demonstrated-1234"

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


@pytest.fixture(scope="session", autouse=True)
def copied(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data | None]:
    """A copy of the tests' database, made before a test has written there; None where no test wants that database."""
    if (name := connection.settings_dict["NAME"]) != connection.settings_dict["TEST"]["NAME"]:
        yield None
        return
    with django_db_blocker.unblock(), _new_data(tmp_path_factory.mktemp("copied"), like=name) as data:
        yield data


@contextmanager
def _new_data(folder: Path, *, like: str = "") -> Iterator[Data]:
    """Data on the databases that this run of the suite is about, with what is in the database `like`."""
    server, redis = os.environ.get("WORKROOM_TEST_DATABASE_URL"), os.environ.get("WORKROOM_TEST_REDIS_URL", "")
    if not server:
        if like:
            with closing(sqlite3.connect(like)) as ours, closing(sqlite3.connect(folder / "workroom.sqlite3")) as copy:
                ours.backup(copy)
        yield Data(folder, settings=SETTINGS)
        return
    if like:  # PostgreSQL copies nothing that is in use
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
    with new_database(server, like=like and urlunsplit(urlsplit(server)._replace(path=f"/{like}"))) as url:
        yield Data(folder, url, redis, SETTINGS)


@pytest.fixture(scope="session")
def migrated(copied: Data | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    """Data with all tables and nothing in them."""
    if copied:
        yield copied
        return
    with _new_data(tmp_path_factory.mktemp("migrated")) as data:
        done = manage(data, "migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        yield data


@pytest.fixture(scope="session")
def demo_data(migrated: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    """Data with the demo board in it, to be copied; its people have DEMO_PASSWORD."""
    with migrated.copy(tmp_path_factory.mktemp("demo") / "var") as data:
        done = manage(data, "demo", "--password", DEMO_PASSWORD)
        assert done.returncode == 0, done.stderr
        yield data


@contextmanager
def served(data: Data, folder: Path, **environ: str) -> Iterator[Server]:
    """A server on a copy of `data` in `folder`, for tests that share it."""
    with data.copy(folder / "var") as copy, Server(copy, environ=environ) as server:
        server.start()
        yield server


@pytest.fixture
def data(migrated: Data, tmp_path: Path) -> Iterator[Data]:
    """Data of this test's own."""
    with migrated.copy(tmp_path / "var") as copy:
        yield copy


@pytest.fixture
def server_for(data: Data) -> Iterator[ServerFor]:
    """`server_for("serve", NAME="value")` starts a server that way, with these settings; all are ended after the test."""
    with ExitStack() as stack:

        def start(way: str = "serve", **environ: str) -> Server:
            server = stack.enter_context(Server(data, way, environ=environ))
            server.start()
            return server

        yield start
