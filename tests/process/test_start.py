"""Starting: refusals in a sentence, and how long a cold start takes."""

import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.process.fixtures import ServerFor, Tell
from tests.process.server import Data, Server, free_port, manage

pytestmark = pytest.mark.process

GUARD_S = 10.0


@pytest.mark.sqlite
def test_second_server_on_the_same_sqlite_data_is_refused(server_for: ServerFor, data: Data) -> None:
    server_for()
    second = manage(data, "serve", "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr.strip() == f"Another server uses {data.folder}. Stop it first, or set WORKROOM_DATA_DIR to another folder."


def test_lock_goes_with_a_killed_server(server_for: ServerFor) -> None:
    server = server_for()
    server.kill()
    server.start()


@pytest.mark.sqlite
def test_migrate_makes_the_data_that_other_tests_copy(migrated: Data, tmp_path: Path) -> None:
    """To the last column and row: the copies are made within the tests, this by the command that people use."""
    made = replace(migrated, folder=tmp_path)
    done = manage(made, "migrate")
    assert done.returncode == 0, done.stderr
    assert made_of(made) == made_of(migrated)
    with Server(made) as server:
        server.start()


def made_of(data: Data) -> tuple[list[Any], dict[str, int]]:
    """What every table, index and trigger of the SQLite file was made with, and how many rows are in each table."""
    with closing(sqlite3.connect(data.folder / "workroom.sqlite3")) as connection:
        schema = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
        tables = [name for kind, name, _ in schema if kind == "table"]
        return schema, {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}  # noqa: S608 - as told by SQLite


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_taken_port_is_refused(data: Data, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = manage(data, "serve", "--server", kind, "--port", str(port))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"CommandError: Port {port} on 127.0.0.1 can't be used (Address already in use). Choose another")
    assert "Traceback" not in refused.stderr


def test_start_announces_where_it_serves(server_for: ServerFor) -> None:
    server = server_for()
    assert f"Workroom serves {server.url}/ and its admin {server.url}/admin/" in server.output


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn"])
def test_cold_start_takes_seconds(data: Data, tell: Tell, way: str) -> None:
    """Installed and migrated. `make bench` measures it against its mark of 2 s; here other tests share the machine."""
    with Server(data, way) as server:
        took = server.start()
    tell(f"{way} to /healthz: {took:.2f} s")
    assert took <= GUARD_S
