"""How messages get to the clients of the board: over WebSockets, each confirmed by the client's side.

`Client.send` returns when the client has taken the message. That is known by a ping sent behind it: the answer comes when the client's
side has read as far. One that doesn't read keeps its sender waiting, up to CONFIRM_S.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

CONFIRM_S = 1.0
# A phone in a tunnel is silent for a while and comes back.
_SILENCE_S = 120

Gone = ConnectionClosed
"""Raised by `send` when the client has left."""

_log = logging.getLogger(__name__)


class Client:
    """One connected client; `number` counts them in the order of their coming."""

    def __init__(self, number: int, socket: ServerConnection) -> None:
        self.number = number
        self._socket = socket

    async def send(self, text: str) -> None:
        """Send a message and wait until it is taken. After CONFIRM_S it is on its way all the same, and nobody waits any longer."""
        try:
            async with asyncio.timeout(CONFIRM_S):
                await self._socket.send(text)
                taken = await self._socket.ping()
                await taken
        except TimeoutError:
            _log.warning("Client %d has not taken a message within %s s.", self.number, CONFIRM_S)

    async def messages(self) -> AsyncIterator[str | bytes]:
        """What the client sends, until it leaves."""
        async for message in self._socket:
            yield message


async def serve_clients(attend: Callable[[Client], Awaitable[None]], port: int) -> None:
    """Run `attend` for each client that connects, until the process ends. GET /healthz says whether it listens."""
    numbers = iter(range(1, 1_000_000_000))

    async def connected(socket: ServerConnection) -> None:
        await attend(Client(next(numbers), socket))

    async with serve(connected, "127.0.0.1", port, process_request=_health, ping_timeout=_SILENCE_S) as server:
        await server.serve_forever()


def _health(socket: ServerConnection, request: Request) -> Response | None:
    return socket.respond(HTTPStatus.OK, "ok\n") if request.path == "/healthz" else None
