"""One server for all cases, and one story of agents' work on it that most of them look at."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.contract.story import Story, record
from tests.process.fixtures import served
from tests.process.people import Room, new_room
from tests.process.server import Data, Server


@pytest.fixture(scope="package")
def server(migrated: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server at a pace that lets a client come in while agents work."""
    with served(migrated, tmp_path_factory.mktemp("contract"), WORKROOM_RULES_PACE_MS="15") as server:
        yield server


@pytest.fixture(scope="package")
def story(server: Server) -> Story:
    """Everything that one work session had, seen in every way."""
    return asyncio.run(record(server.url))


@pytest.fixture
async def room(server: Server) -> AsyncIterator[Room]:
    """Alice and Bob on a board of theirs."""
    async with new_room(server.url) as room:
        yield room
