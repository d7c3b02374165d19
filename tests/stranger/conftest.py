"""One server for all of the stranger's tests, each of which makes people and boards of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.process.fixtures import served
from tests.process.people import Room, new_room
from tests.process.server import Data, Server


@pytest.fixture(scope="package")
def server(migrated: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as `make run` starts it, at a pace that lets a client come in while agents work."""
    with served(migrated, tmp_path_factory.mktemp("stranger"), WORKROOM_RULES_PACE_MS="20") as server:
        yield server


@pytest.fixture
async def room(server: Server) -> AsyncIterator[Room]:
    """Alice and Bob on a board of theirs."""
    async with new_room(server.url) as room:
        yield room
