"""One server for all of the stranger's tests, each of which makes people and boards of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.process.conftest import migrated, tell
from tests.process.people import Room, new_room
from tests.process.server import Data, Server

__all__ = ["migrated", "tell"]


@pytest.fixture(scope="package")
def server(migrated: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as `make run` starts it, at a pace that lets a client come in while agents work."""
    folder: Path = tmp_path_factory.mktemp("stranger") / "var"
    with migrated.copy(folder) as data, Server(data, environ={"WORKROOM_RULES_PACE_MS": "20"}) as server:
        server.start()
        yield server


@pytest.fixture
async def room(server: Server) -> AsyncIterator[Room]:
    """Alice and Bob on a board of theirs."""
    async with new_room(server.url) as room:
        yield room
