"""A server process with people for the client's tests, and a scripted peer for what a real server does too seldom."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.client.peer import Peer

StartPeer = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """A peer that follows a script per connection."""
    async with Peer() as running:
        yield running
