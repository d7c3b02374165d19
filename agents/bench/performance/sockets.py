"""A WebSocket client that stamps what arrives before it reads it, and costs some 20 µs a message. The protocol is that of `websockets`."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self, cast

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import CLOSED, OPEN
from websockets.uri import WebSocketURI, parse_uri

from agents.bench.errors import Failed

# The least a system grants: whoever reads nothing is to fill up soon.
_SMALL_BUFFER = 4096
_MOST_BYTES = 64 * 1024 * 1024

Data = bytes | bytearray
OnMessage = Callable[["Socket", Data, float], None]


class Socket(asyncio.Protocol):
    """One client, `number` in the order of connecting. Whoever listens gets each whole message with when its last bytes came."""

    def __init__(self, number: int, uri: WebSocketURI, headers: Mapping[str, str]) -> None:
        self.number = number
        self.on_lost: Callable[[Socket], None] = lambda _: None
        self.is_lost = False
        self._uri = uri
        self._headers = headers
        self._parts: list[Data] = []
        self._early: list[tuple[Data, float]] = []
        self._on_message: OnMessage | None = None
        self._protocol = ClientProtocol(uri, max_size=_MOST_BYTES)
        self._transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, number: int, url: str, headers: Mapping[str, str], *, timeout_s: float, is_slow: bool = False) -> Self:
        """A connected client; Failed where the server doesn't let it in. One that `is_slow` has the smallest buffer there is."""
        try:
            uri = parse_uri(url)
            async with asyncio.timeout(timeout_s):
                return await cls._connect(number, uri, headers, is_slow=is_slow)
        except TimeoutError as error:
            raise Failed(f"Client {number + 1} was not let in within {timeout_s:g} s at {url}.") from error
        except InvalidURI as error:
            raise Failed(f"{url} is no WebSocket address: write ws://host:port/path.") from error
        except (OSError, InvalidHandshake) as error:
            raise Failed(f"Client {number + 1} was not let in at {url}: {error}") from error

    @classmethod
    async def _connect(cls, number: int, uri: WebSocketURI, headers: Mapping[str, str], *, is_slow: bool) -> Self:
        loop = asyncio.get_running_loop()
        made = cls(number, uri, headers)
        tls = ssl.create_default_context() if uri.secure else None
        plain = await _plain_socket(uri.host, uri.port, small=is_slow)
        try:
            await loop.create_connection(lambda: made, sock=plain, ssl=tls, server_hostname=uri.host if tls else None)
            await made._ready
        except BaseException:
            made.close()
            plain.close()
            raise
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # that of a stream socket, always
        request = self._protocol.connect()
        for name, value in self._headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._protocol.receive_data(data)
        self._flush()
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._open()
            elif isinstance(event, Frame):
                self._take(event, now)
        if self._protocol.state is CLOSED and self._protocol.handshake_exc is not None:
            self._fail(self._protocol.handshake_exc)

    def _open(self) -> None:
        if self._protocol.handshake_exc is not None:
            self._fail(self._protocol.handshake_exc)
        elif not self._ready.done():
            self._ready.set_result(None)

    def _take(self, frame: Frame, now: float) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        data = bytes(frame.data) if isinstance(frame.data, memoryview) else frame.data
        if frame.fin and not self._parts:
            self._tell(data, now)
            return
        self._parts.append(data)
        if frame.fin:
            whole, self._parts = b"".join(self._parts), []
            self._tell(whole, now)

    def _tell(self, data: Data, now: float) -> None:
        if self._on_message is None:
            self._early.append((data, now))
        else:
            self._on_message(self, data, now)

    def listen(self, on_message: OnMessage) -> None:
        """Hand on what comes from now on, and what came before anybody listened: a greeting may come with the handshake."""
        self._on_message = on_message
        early, self._early = self._early, []
        for data, now in early:
            on_message(self, data, now)

    def send(self, text: bytes) -> None:
        """Send one text message at once."""
        if not self.is_lost:
            self._protocol.send_text(text)
            self._flush()

    def stop_reading(self) -> None:
        """Take nothing from the network any more."""
        if self._transport is not None and not self.is_lost:
            self._transport.pause_reading()

    def _flush(self) -> None:
        if self._transport is None:
            return
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    def _fail(self, error: Exception) -> None:
        if not self._ready.done():
            self._ready.set_exception(error)
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if not self._ready.done():
            self._ready.set_exception(exc or ConnectionResetError("the server closed the connection before its answer"))
        self.on_lost(self)

    def close(self) -> None:
        """Leave without waiting for an answer."""
        self.on_lost = lambda _: None
        if self._transport is not None and not self.is_lost:
            if self._protocol.state is OPEN:
                self._protocol.send_close(1000)
                self._flush()
            self._transport.abort()


async def _plain_socket(host: str, port: int, *, small: bool) -> socket.socket:
    """A connected TCP socket, over the first of the host's addresses that answers."""
    loop = asyncio.get_running_loop()
    found: Sequence[tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]]
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    problem: OSError = OSError("the host has no address")
    for family, kind, protocol, _, address in found:
        plain = socket.socket(family, kind, protocol)
        plain.setblocking(False)
        if small:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
        try:
            await loop.sock_connect(plain, address)
        except OSError as error:
            plain.close()
            problem = error
        else:
            return plain
    raise problem
