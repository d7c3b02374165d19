"""The socket: a thin consumer that attaches a cursor and turns text into commands and results into frames. No rules, no ORM."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from math import ceil
from typing import Any, ClassVar, cast
from uuid import UUID

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from project.accounts.credentials import Credential
from project.accounts.rest import as_told
from project.buckets import Buckets, Tally, TokenBucket
from project.errors import AppError, Invalid, NotFound, RateLimited, TooLarge
from project.gate import parse_json, validate
from project.ids import new_id
from project.limits import limits
from project.realtime import connections, frames
from project.realtime.batch import submit
from project.realtime.bell import Bell
from project.realtime.commands import Ask, CommandTable, Reply
from project.realtime.cursor import Cursor
from project.realtime.db import run_db
from project.realtime.events import encode, user_to_wire
from project.realtime.frames import Ack, ClientFrame, Nothing, Sync, Viewing
from project.realtime.handshake import Scope, query_of
from project.realtime.hub import StreamHub, get_hub
from project.realtime.layer import ring
from project.realtime.place import Place, find_place, parse_position
from project.realtime.streams import Kind, StreamKey, access_stream
from project.wire import Payload, parse_id

log = logging.getLogger(__name__)

_CLOSE_S = 1.0
_TYPING_PER_S = 0.5
_SYNC_EVERY_S = 1.0

_typing = Buckets()


class StreamConsumer(AsyncWebsocketConsumer):
    """One socket on one stream. `as_asgi(commands=...)` says which commands it takes; the path gives the stream's id as `id`."""

    kind: ClassVar[Kind]
    channel_layer_alias = "sockets-have-none"  # the hub alone listens on the layer

    def __init__(self, *, commands: CommandTable | None = None) -> None:
        super().__init__()
        self.commands: CommandTable = commands or {}
        self._hub: StreamHub | None = None
        self._cursor: Cursor | None = None
        self._is_counted = False
        self._is_closed = False
        self._commands_bucket = TokenBucket(per_s=limits().commands_per_s, burst=limits().commands_burst)
        self._refusals = Tally(most=limits().refusals_per_10s, within_s=10)
        self._protocol_errors = Tally(most=limits().protocol_errors_per_min, within_s=60)
        self._synced_at = -1e9

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """A server may end this without a disconnect, when a command takes too long after the client has left."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels' own dispatch hops to a thread for every message to close old connections; nothing here holds one."""
        match message["type"]:
            case "websocket.connect":
                await self._guard(self.connect(), is_fatal=True)
            case "websocket.receive":
                await self._guard(self.receive(text_data=message.get("text"), bytes_data=message.get("bytes")))
            case "websocket.disconnect":
                await self.disconnect(message.get("code", 1005))
                raise StopConsumer

    async def _guard(self, work: Awaitable[None], *, is_fatal: bool = False) -> None:
        """Await `work`; the client is told of its failure, and the socket lives unless it `is_fatal`."""
        try:
            await work
        except Exception as failure:
            await self._tell(frames.error_frame(as_told(failure), time.time()))
            if is_fatal:
                await self.end(frames.SERVER_ERROR)

    # -- coming and going --------------------------------------------------------------------------------------------

    @property
    def credential(self) -> Credential:
        credential: Credential = self._scope["credential"]
        return credential

    @property
    def _scope(self) -> Scope:
        return cast("Scope", self.scope)

    async def connect(self) -> None:
        await self.accept()
        if self._scope.get("credential") is None:
            await self.end(frames.NOT_AUTHENTICATED)
        elif not connections.take_place(self.credential.user.id):
            await self.end(frames.TOO_MANY_CONNECTIONS)
        else:
            self._is_counted = True
            await self.enter()

    async def enter(self) -> None:
        """Go to the stream the path names."""
        query = query_of(self._scope)
        key = StreamKey(self._scope["url_route"]["kwargs"]["id"], self.kind)
        await self.join(key, query.get("after", [None])[0], query.get("epoch", [None])[0])

    async def join(self, key: StreamKey, after: str | None, epoch: str | None) -> None:
        """Attach to a stream, say hello, and begin to feed from the place asked for."""
        try:
            role = await run_db(access_stream, self.credential.user, key)
            position = parse_position(after)
            cursor = Cursor(user=self.credential.user, credential=self.credential, role=role, send=self._tell, close=self.end)
            self._hub = get_hub()
            followed = await self._hub.attach(cursor, key)
            self._cursor = cursor
            # Again, now that the bell finds the cursor: what was taken away meanwhile rang for nobody.
            await self._hub.check(cursor)
        except NotFound:
            await self.end(frames.NO_ACCESS)
        except Invalid:
            await self.end(frames.BAD_PROTOCOL)
        else:
            place = await find_place(followed, after=position, epoch=epoch)
            await self._tell(frames.hello_frame(cursor))
            cursor.start()
            self._settle(cursor, place)

    def _settle(self, cursor: Cursor, place: Place) -> None:
        if place.reset:
            cursor.pause()
            cursor.tell(frames.reset_frame(place.reset, cursor.followed.key.snapshot_path))
        else:
            cursor.move_to(place.after)

    async def disconnect(self, code: int) -> None:
        del code
        await self.leave()

    async def leave(self) -> None:
        """Give back what this connection holds, once."""
        self._is_closed = True
        if self._is_counted:
            self._is_counted = False
            connections.give_place_back(self.credential.user.id)
        cursor, self._cursor = self._cursor, None
        if cursor and self._hub:
            await self._hub.detach(cursor)

    async def end(self, code: int, retry_ms: int | None = None) -> None:
        """Close with one of the codes of PROTOCOL §3."""
        if not self._is_closed:
            self._is_closed = True
            if self._cursor:
                self._cursor.pause()
            # It may be closed already, which is what was asked; or take nothing any more, and then it holds up nobody else.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_CLOSE_S):
                    await self.close(code=code, reason=frames.close_reason(code, retry_ms))

    async def _tell(self, frame: str) -> None:
        if not self._is_closed:
            try:
                # Straight to the server: each layer of `send` between costs every delivery.
                await self.base_send({"type": "websocket.send", "text": frame})
            except Exception as gone:  # each server has its own for a client that left a moment ago
                log.debug("A frame could not be sent: %r", gone)
                await self.end(frames.SERVER_ERROR)

    # -- what clients send -------------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame from the client: a control frame, a command, or something to be told it is neither."""
        if self._is_closed:
            return None
        if text_data is not None and len(text_data) > 2 * limits().frame_bytes:
            return await self.end(frames.FRAME_TOO_LARGE)
        ref = None
        try:
            if text_data is None:
                raise Invalid("Only text frames are read here." if bytes_data is not None else "This frame is empty.")
            content = parse_json(text_data)
            ref = usable_ref(content)
            await self._handle(validate(ClientFrame, content))
        except (Invalid, TooLarge) as error:
            await self._refuse_shape(ref, error)

    async def _refuse_shape(self, ref: UUID | None, error: AppError) -> None:
        """A frame that isn't one, or data of the wrong shape: told, and too many of them end the connection."""
        await self._tell(frames.refusal_frame(ref, error) if ref else frames.error_frame(error, time.time()))
        if self._protocol_errors.note():
            await self.end(frames.BAD_PROTOCOL)

    async def _handle(self, frame: ClientFrame) -> None:
        if frame.type == "ack":
            self._on_ack(validate(Ack, frame.data))
        elif wait_s := self._commands_bucket.take():
            await self._refuse_pace(frame.ref, wait_s)
        elif frame.type in CONTROLS:
            model, handler = CONTROLS[frame.type]
            await handler(self, validate(model, frame.data))
        else:
            await self.on_command(frame)

    async def _refuse_pace(self, ref: UUID | None, wait_s: float) -> None:
        error = RateLimited(retry_after_s=ceil(wait_s))
        await self._tell(frames.refusal_frame(ref, error) if ref else frames.error_frame(error, time.time()))
        if self._refusals.note():
            await self.end(frames.RATE_LIMITED, retry_ms=ceil(wait_s * 1000) + 5_000)

    async def on_command(self, frame: ClientFrame) -> None:
        """Carry out a command about this socket's stream and reply."""
        ref = frame.ref or new_id()
        spec = self.commands.get(frame.type)
        if spec is None or self._cursor is None:
            raise Invalid(f"There is no command {frame.type!r} here.", fields={"type": ["Unknown command."]})
        payload = validate(spec.payload, frame.data)
        key = self._cursor.followed.key
        ask = Ask(spec, self.credential.user, payload, scope=key.id, command_id=ref, within=key)
        reply = await self.outcome(ref, submit(ask, key))
        if reply is not None:
            await self._tell(frames.reply_frame(ref, reply))

    async def outcome(self, ref: UUID, work: Awaitable[Reply]) -> Reply | None:
        """The reply of `work`, or None once its refusal was told."""
        try:
            return await work
        except Exception as failure:
            await self._tell(frames.refusal_frame(ref, as_told(failure)))
        return None

    def _on_ack(self, ack: Ack) -> None:
        if self._cursor:
            self._cursor.acknowledge(ack.seq)

    async def on_ping(self, _: Nothing) -> None:
        await self._tell(encode({"type": "pong", "data": {}}))

    async def on_sync(self, sync: Sync) -> None:
        now = time.monotonic()
        if self._cursor is None or now - self._synced_at < _SYNC_EVERY_S:
            return
        self._synced_at = now
        self._settle(self._cursor, await find_place(self._cursor.followed, after=sync.after, epoch=sync.epoch))

    async def on_typing(self, _: Nothing) -> None:
        stream, user = self._cursor and self._cursor.followed.key.id, self.credential.user
        if stream and not _typing.take((stream, user.id), per_s=_TYPING_PER_S, burst=1):
            frame = encode({"type": "typing", "data": {"user": user_to_wire(user)}})
            ring([Bell(stream=stream, frames=(frame,))])

    async def on_viewing(self, viewing: Viewing) -> None:
        if self._cursor and self._hub:
            self._cursor.viewing = viewing.card
            self._hub.presence_changed(self._cursor.followed)


CONTROLS: Mapping[str, tuple[type[Payload], Callable[[StreamConsumer, Any], Awaitable[None]]]] = {
    "ping": (Nothing, StreamConsumer.on_ping),
    "sync": (Sync, StreamConsumer.on_sync),
    "typing": (Nothing, StreamConsumer.on_typing),
    "viewing": (Viewing, StreamConsumer.on_viewing),
}


def usable_ref(content: object) -> UUID | None:
    """The ref of a frame that may be wrong in every other way."""
    ref = content.get("ref") if isinstance(content, dict) else None
    return parse_id(ref) if isinstance(ref, str) else None


class NowhereConsumer(StreamConsumer):
    """Answers every unknown socket path like a stream that doesn't exist."""

    kind = "board"

    async def enter(self) -> None:
        await self.end(frames.NO_ACCESS)
