"""One stream followed over a socket: it comes back by itself, heals gaps, acknowledges what was taken, and loses no command."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from project.client.errors import ENDINGS, ClientError, Closed, Refused, Unreachable
from project.client.frames import Hello, Item, Joined, Json, Lost, Notice, command_frame, control_frame, read_event, read_hello
from project.client.healing import Healing
from project.client.inbox import Inbox
from project.client.line import BROKEN, LEFT, Ending, Line
from project.client.place import Place, reconnect_delay, retry_of
from project.client.replies import Replies

if TYPE_CHECKING:
    from project.client.account import Account

_OPEN_S = 15.0
_REPLY_S = 30.0
# Two heartbeats of 15 s ± 20 % may be missed.
_SILENCE_S = 40.0
_TICK_S = 0.2


class Stream:
    """What happens on one stream, as an async iterator of Item, and the way to change it.

    `open` (or `async with`) waits for the first hello. From then on a lost connection is Lost and later Joined; the iterator
    ends with Closed when the server forbids to come back, and quietly after `close`.
    """

    def __init__(
        self,
        account: "Account",
        path: str,
        *,
        place: Place,
        start: Json | None = None,
        by_ticket: bool = False,
    ) -> None:
        self.path = path
        self.hello: Hello | None = None
        self.session: Json | None = None
        self._line = Line(account, by_ticket=by_ticket)
        self._start = start
        self._start_ref = str(uuid4())
        self._inbox = Inbox(place)
        self._replies = Replies()
        self._socket: ClientConnection | None = None
        self._healing = Healing()
        self._is_joined = False
        self._tries = 0
        self._heard_at = float("-inf")
        self._opened: asyncio.Future[None] | None = None
        self._ended: ClientError | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._reload: asyncio.Task[None] | None = None
        self._frames: Mapping[str, Callable[[Json], Awaitable[None]]] = {
            "hello": self._on_hello,
            "reply": self._on_reply,
            "reset": self._on_reset,
            "heartbeat": self._on_heartbeat,
            "pong": self._on_pong,
        }

    # -- coming and going --------------------------------------------------------------------------------------------

    async def open(self, timeout_s: float = _OPEN_S) -> Self:
        """Connect. Unreachable when nobody is there, Closed or Refused when the server doesn't want this."""
        self._opened = asyncio.get_running_loop().create_future()
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._tick())]
        try:
            async with asyncio.timeout(timeout_s):
                await self._opened
        except TimeoutError as error:
            await self.close()
            raise Unreachable(f"{self._line.account.url} has let nobody in within {timeout_s:g} s.") from error
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """Leave. What came until now can still be taken."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._end(None)

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def drop(self) -> None:
        """Break the connection as a lost network does; it comes back by itself. For whoever measures that."""
        if self._socket is not None:
            self._socket.transport.abort()

    def _end(self, error: ClientError | None) -> None:
        self._ended = error or Closed(LEFT)
        self._inbox.end(error)
        self._replies.end(self._ended)
        if error and self._opened and not self._opened.done():
            self._opened.set_exception(error)

    # -- taking and asking -------------------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """The last event that was taken: a later stream of the same `epoch` goes on after it."""
        return self._inbox.acks.applied

    @property
    def epoch(self) -> str | None:
        """Which history of the stream `seq` counts in."""
        return self._inbox.place.epoch

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        return await self._inbox.take()

    async def command(self, name: str, /, *, ref: str | None = None, timeout_s: float = _REPLY_S, **data: Any) -> Json:
        """The data of a good reply. Refused, NoReply or Closed otherwise.

        When the connection is lost meanwhile, the command goes out again with the next one; its ref lets the server do it once.
        """
        if self._ended is not None:
            raise self._ended
        ref = ref or str(uuid4())
        text = command_frame(name, ref, data)
        self._replies.expect(ref, text)
        try:
            if self._is_joined:
                await self._write(text)
            return await self._replies.wait(name, ref, timeout_s)
        finally:
            self._replies.forget(ref)

    async def control(self, name: str, **data: Any) -> None:
        """Send ping, typing or viewing; lost without a connection, which is right for all of them."""
        if self._is_joined:
            await self._write(control_frame(name, data))

    async def _write(self, text: str) -> None:
        # What matters goes out again after the next hello.
        with contextlib.suppress(ConnectionClosed):
            if self._socket is not None:
                await self._socket.send(text)

    # -- the connection ----------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Connect until the server forbids it."""
        try:
            while True:
                ending = await self._connection()
                error = ending.error if self._opened and not self._opened.done() else None
                if error or ending.code in ENDINGS:
                    self._end(error or Closed(ending.code))
                    return
                delay = reconnect_delay(self._tries, retry_of(ending.reason))
                self._tries += 1
                self._inbox.put(Lost(ending.code, delay))
                await asyncio.sleep(delay)
        except Refused as refused:
            self._end(refused)
        except Exception as error:  # whatever it is, nobody may wait for a stream that has ended
            self._end(ClientError(f"The server has sent something this client can't read: {error!r}"))

    async def _connection(self) -> Ending:
        """One connection, from the handshake to its end."""
        try:
            socket = await self._line.call(self.path, {} if self._is_new else self._inbox.place.query())
        except Unreachable as error:
            return Ending(error=error)
        self._socket, self._heard_at = socket, _now()
        try:
            if self._is_new:
                await self._write(command_frame("start_session", self._start_ref, self._start or {}))
            async for text in socket:
                await self._take(str(text))
        except ConnectionClosed:
            pass
        finally:
            self._socket, self._is_joined = None, False
            if self._reload:
                self._reload.cancel()
                self._reload = None
            await socket.close()
        return Ending(socket.close_code or BROKEN, socket.close_reason or "")

    @property
    def _is_new(self) -> bool:
        """Whether the socket has yet to open its session."""
        return self._start is not None and self.session is None

    async def _tick(self) -> None:
        """Acknowledge what was taken, ask again for what is missing, and let go of a connection that has fallen silent."""
        while True:
            await asyncio.sleep(_TICK_S)
            if self._socket is None:
                continue
            if self._inbox.acks.is_due(_now()):
                await self._acknowledge()
            if self._healing.is_due(_now()):
                await self._sync()
            if _now() - self._heard_at > _SILENCE_S:
                self._socket.transport.abort()

    async def _acknowledge(self) -> None:
        await self.control("ack", seq=self._inbox.acks.take())

    async def _sync(self) -> None:
        self._healing.note_asked(_now())
        await self.control("sync", after=self._inbox.place.seq, epoch=self._inbox.place.epoch)

    # -- frames ------------------------------------------------------------------------------------------------------

    async def _take(self, text: str) -> None:
        self._heard_at = _now()
        frame = json.loads(text)
        if "seq" in frame or frame["type"] == "events":
            await self._on_events(frame["events"] if frame["type"] == "events" else [frame], len(text))
        elif known := self._frames.get(frame["type"]):
            await known(frame)
        else:
            self._inbox.put(Notice(frame["type"], frame.get("data") or frame.get("error") or {}))

    async def _on_hello(self, frame: Json) -> None:
        self.hello = hello = read_hello(frame["data"])
        place = self._inbox.place
        if place.seq is None:
            place.seq = self._inbox.acks.applied = hello.seq
        place.epoch = place.epoch or hello.epoch
        self._is_joined, self._tries = True, 0
        self._healing.begin_anew()
        self._inbox.put(Joined(hello))
        for text in self._replies.texts:
            await self._write(text)
        if self._opened and not self._opened.done():
            self._opened.set_result(None)

    async def _on_events(self, envelopes: list[Json], size: int) -> None:
        before = self._inbox.place.seq
        has_gap = self._inbox.put_events([read_event(envelope) for envelope in envelopes], size)
        self._healing.note_events(have_moved=self._inbox.place.seq != before, have_gap=has_gap)
        if self._healing.is_due(_now()):
            await self._sync()

    async def _on_heartbeat(self, frame: Json) -> None:
        self._healing.note_beat(frame["data"]["seq"], self._inbox.place.seq or 0, is_loading=self._reload is not None)

    async def _on_reply(self, frame: Json) -> None:
        if frame["ref"] == self._start_ref and self._is_new:
            if not frame["ok"]:
                raise Refused(frame["error"])
            self.session = frame["data"]["session"]
            self.path = f"sessions/{self.session['id']}"
            self._inbox.place.seq = self._inbox.acks.applied = frame["data"]["seq"]
        else:
            self._replies.take(frame)

    async def _on_reset(self, frame: Json) -> None:
        if self._reload is None:  # else the sync that ends the one under way answers this one, too
            self._reload = asyncio.create_task(self._load_snapshot(frame["data"]["reason"]))

    async def _load_snapshot(self, reason: str) -> None:
        """Begin anew from the snapshot; where it can't be had, with the next connection."""
        try:
            snapshot = replace(await self._line.account.snapshot(self.path), reason=reason)
        except ClientError:
            if self._socket:
                self._socket.transport.abort()
            return
        self._inbox.restart(snapshot)
        self._healing.note_snapshot()
        await asyncio.sleep(self._healing.pause_s(_now()))
        self._reload = None  # before the server can send another reset
        await self._sync()

    async def _on_pong(self, _: Json) -> None:
        """The silence is over, and more isn't said."""


def _now() -> float:
    return asyncio.get_running_loop().time()
