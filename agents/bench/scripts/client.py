"""One scripted client: connect, send, receive, close. What comes is read at once, stamped, and kept within bounds."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

from agents.bench.errors import Failed
from agents.bench.scripts.asgi import AsgiTransport
from agents.bench.scripts.messages import Inbox, Reading, Received, as_it_is
from agents.bench.scripts.model import Limits
from agents.bench.scripts.transport import BROKEN, Ended, Ending, NetworkTransport, Target, Transport

_SEND_S = 10.0
_CLOSE_S = 5.0

OnEnding = Callable[[Ending], None]


class Client:
    """A connected client. `ending` is set once the connection is over; `inbox` holds what came and wasn't read.

    async with await Client.open(Target("ws://127.0.0.1:8000/"), name="alice") as alice:
        await alice.send('{"type": "ping"}')
        pong = await alice.receive(within_s=1)
    """

    def __init__(self, transport: Transport, *, name: str, limits: Limits, reading: Reading) -> None:
        self.name = name
        self.inbox = Inbox(limits)
        self.ending: Ending | None = None
        self.on_ending: OnEnding = lambda _: None
        self._transport = transport
        self._reading = reading
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._reader = asyncio.create_task(self._read(), name=f"reader of {name}")

    @classmethod
    async def open(
        cls,
        target: Target,
        *,
        name: str = "client",
        limits: Limits | None = None,
        reading: Reading = as_it_is,
        within_s: float = 10.0,
    ) -> Self:
        """A connected client that reads; HandshakeRefused or Failed where the server doesn't let it in. Close it.

        `reading` sees every message as it comes and says what it counts as.
        """
        limits = limits or Limits()
        kind = AsgiTransport if urlsplit(target.url).scheme == "asgi" else NetworkTransport
        transport: Transport = await kind.open(target, within_s=within_s, most_bytes=limits.message_bytes)
        return cls(transport, name=name, limits=limits, reading=reading)

    @property
    def subprotocol(self) -> str | None:
        """What the server chose of the subprotocols offered."""
        return self._transport.subprotocol

    # -- reading -----------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while True:
                await self._may_read.wait()
                data = await self._transport.receive()
                await self._take(Received(clock(), data))
        except Ended as ended:
            self._end(ended.ending)
        except Exception as error:  # whatever `reading` does, nobody may wait for a client that reads no more
            self._end(Ending(BROKEN, by="client", problem=f"a message can't be read: {str(error) or type(error).__name__}"))

    async def _take(self, message: Received) -> None:
        if not self.inbox.put(self._reading(message)):
            limits = self.inbox.limits
            problem = f"flooded: more than {limits.unread:,} messages or {limits.unread_bytes:,} bytes that nobody has read"
            with contextlib.suppress(TimeoutError, Ended):
                await asyncio.wait_for(self._transport.abort(), _CLOSE_S)
            raise Ended(Ending(BROKEN, by="client", problem=problem))

    def _end(self, ending: Ending) -> None:
        if self.ending is None:
            self.ending = ending
            self.on_ending(ending)
        self.inbox.tell()

    async def receive(self, *, within_s: float) -> Received:
        """The oldest message that wasn't read. Failed when none comes in time, or the connection is over."""
        try:
            async with asyncio.timeout(within_s):
                while not self.inbox.unread:
                    if self.ending is not None:
                        raise Failed(f"{self.name}'s connection is closed: {self.ending}")
                    await self.inbox.news()
        except TimeoutError as error:
            raise Failed(f"{self.name} got nothing within {within_s * 1000:.0f} ms") from error
        message = self.inbox.unread[0]
        self.inbox.take(message)
        return message

    def pause(self) -> None:
        """Read no more, after the message that is on its way: the server's sends pile up before this client."""
        self._may_read.clear()

    def resume(self) -> None:
        """Read on."""
        self._may_read.set()

    # -- sending and leaving -----------------------------------------------------------------------------------------

    async def send(self, data: str | bytes) -> None:
        """Send one message. Failed when the connection is over, or nothing takes it for ten seconds."""
        try:
            async with asyncio.timeout(_SEND_S):
                await self._transport.send(data)
        except Ended as ended:
            raise Failed(f"{self.name} can't send: the connection is closed ({self.ending or ended.ending})") from ended
        except UnicodeEncodeError as error:
            raise Failed(f"{self.name} can't send what is no Unicode: half a surrogate pair") from error
        except TimeoutError as error:
            raise Failed(f"{self.name} couldn't send within {_SEND_S:.0f} s: the server doesn't read") from error

    async def close(self, code: int = 1000, reason: str = "") -> Ending:
        """Leave, and how the connection ended. Nothing is left of it, whatever the server does."""
        self.resume()
        try:
            self._end(await asyncio.wait_for(self._transport.close(code, reason), _CLOSE_S))
        except TimeoutError:
            await self.abort()
        await self._stop_reading()
        return self.ending or Ending(code, reason, "client")

    async def abort(self) -> None:
        """Break the connection without a word."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._transport.abort(), _CLOSE_S)
        self._end(Ending(BROKEN, by="client"))
        await self._stop_reading()

    async def _stop_reading(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()
