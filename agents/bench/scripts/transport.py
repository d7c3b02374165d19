"""The way to a WebSocket server: what a client needs of it, and the one over the network."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal, Protocol, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException
from websockets.typing import Origin, Subprotocol

from agents.bench.errors import Failed

BROKEN = 1006
TOO_BIG = 1009
_CLOSE_S = 2.0


@dataclass(frozen=True)
class Target:
    """Where a client connects, and what it shows there. `url` is ws://, wss:// or asgi://module:attribute/path."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()
    origin: str | None = None


@dataclass(frozen=True)
class Ending:
    """How a connection ended: the close code (1006 when it broke), the reason, and who ended it. `problem` says what was wrong."""

    code: int
    reason: str = ""
    by: Literal["server", "client", "network"] = "server"
    problem: str = ""

    def __str__(self) -> str:
        told = f"{self.code}{f' {self.reason}' if self.reason else ''}, by the {self.by}"
        return f"{told} ({self.problem})" if self.problem else told


class Ended(Exception):
    """The connection is over."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(str(ending))
        self.ending = ending


class HandshakeRefused(Failed):
    """The server answered the handshake with an HTTP status."""

    def __init__(self, status: int, body: str = "") -> None:
        super().__init__(f"the handshake was refused with status {status}", details=[body[:500]] if body else [])
        self.status = status


class _Connect(connect):
    """A handshake that follows no redirect: it is an answer like others, and a token isn't shown anywhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Transport(Protocol):
    """One open connection. `send` and `receive` raise Ended once it is over."""

    @property
    def subprotocol(self) -> str | None: ...

    async def send(self, data: str | bytes) -> None: ...

    async def receive(self) -> str | bytes: ...

    async def close(self, code: int, reason: str) -> Ending: ...

    async def abort(self) -> None: ...


@dataclass
class NetworkTransport:
    """A connection over TCP, by `websockets`. It sends no pings of its own and asks for no compression."""

    socket: ClientConnection
    most_bytes: int
    _left: bool = field(default=False, init=False)

    @classmethod
    async def open(cls, target: Target, *, within_s: float, most_bytes: int) -> Self:
        """A connection; HandshakeRefused or Failed where there is none within that time."""
        try:
            async with asyncio.timeout(within_s):
                socket = await _Connect(
                    target.url,
                    additional_headers=target.headers,
                    subprotocols=[Subprotocol(name) for name in target.subprotocols] or None,
                    origin=Origin(target.origin) if target.origin is not None else None,
                    open_timeout=None,
                    close_timeout=_CLOSE_S,
                    max_size=most_bytes,
                    compression=None,
                    ping_interval=None,
                    proxy=None,
                )
        except InvalidStatus as error:
            body = bytes(error.response.body or b"").decode(errors="replace")
            raise HandshakeRefused(error.response.status_code, body) from error
        except TimeoutError as error:
            raise Failed(f"no handshake within {within_s * 1000:.0f} ms at {target.url}") from error
        except (OSError, InvalidHandshake, InvalidURI, WebSocketException, ValueError) as error:
            raise Failed(f"{target.url} can't be reached: {str(error) or type(error).__name__}") from error
        return cls(socket, most_bytes)

    @property
    def subprotocol(self) -> str | None:
        """What the server chose."""
        return self.socket.subprotocol

    async def send(self, data: str | bytes) -> None:
        """Send one message; returns once the system has taken it. UnicodeEncodeError, and nothing sent, where a text can't be UTF-8."""
        raw = data.encode() if isinstance(data, str) else data
        try:
            await self.socket.send(raw, text=isinstance(data, str))
        except ConnectionClosed as closed:
            raise Ended(self._ending(closed)) from closed

    async def receive(self) -> str | bytes:
        """The next message."""
        try:
            return await self.socket.recv()
        except ConnectionClosed as closed:
            raise Ended(self._ending(closed)) from closed

    async def close(self, code: int, reason: str) -> Ending:
        """Leave with a close frame; the server has two seconds to answer."""
        self._left = True
        await self.socket.close(code, reason)
        return Ending(self.socket.close_code or BROKEN, self.socket.close_reason or "", by="client")

    async def abort(self) -> None:
        """Break the connection, as a lost network does."""
        self._left = True
        self.socket.transport.abort()
        await self.socket.wait_closed()

    def _ending(self, closed: ConnectionClosed) -> Ending:
        if closed.sent is not None and closed.sent.code == TOO_BIG and not closed.rcvd_then_sent:
            return Ending(TOO_BIG, closed.sent.reason, "client", f"the server sent a message of more than {self.most_bytes:,} bytes")
        if closed.rcvd is None:
            return Ending(BROKEN, by="client" if self._left else "network")
        return Ending(closed.rcvd.code, closed.rcvd.reason, "server" if closed.rcvd_then_sent else "client")
