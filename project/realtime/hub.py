"""The hub: one object per event loop that follows streams over one channel of the layer and feeds the cursors of its sockets."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.layers import BaseChannelLayer, get_channel_layer

from project.accounts.credentials import find_origin
from project.errors import NotFound
from project.limits import limits
from project.realtime.bell import PROCESS, Bell, listen, stop_listening
from project.realtime.cursor import Cursor
from project.realtime.db import run_db
from project.realtime.follow import Followed
from project.realtime.layer import CONTROL_GROUP, Publisher, breaker, decode_bell, group_name, guarded, is_shared, ring
from project.realtime.log import Item, read_heads
from project.realtime.presence import RENEW_S, Roster, entries_of
from project.realtime.streams import Role, StreamKey, access_stream

log = logging.getLogger(__name__)

_TICK_S = 1.0
_PRESENCE_EVERY_S = 1.0


class StreamHub:
    """Follows every stream that a cursor of this loop stands in. Born with the first cursor and gone with the last."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._layer = get_channel_layer()
        self._channel = ""
        self._is_open = False
        self._opening = asyncio.Lock()
        self._publisher = Publisher(self._loop)
        self._followed: dict[UUID, Followed] = {}
        self._rosters: dict[UUID, Roster] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._polled_at = time.monotonic()
        self._checked_at = time.monotonic()

    # -- cursors -----------------------------------------------------------------------------------------------------

    async def attach(self, cursor: Cursor, key: StreamKey) -> Followed:
        """Put `cursor` into a stream, paused; `cursor.start` feeds it. NotFound without such a stream."""
        await self._open()
        followed = self._followed.get(key.id)
        is_new = followed is None
        if followed is None:
            followed = self._followed[key.id] = Followed(key)
            self._rosters[key.id] = Roster()
        cursor.followed = followed
        followed.cursors[cursor.id] = cursor
        try:
            if is_new and self._layer and self._channel:
                await guarded(self._layer.group_add(group_name(key.id), self._channel))
            await followed.start()
        except BaseException:
            await self.detach(cursor)
            raise
        self.presence_changed(followed)
        return followed

    async def detach(self, cursor: Cursor) -> None:
        """The cursor's connection has ended."""
        followed = cursor.followed
        followed.cursors.pop(cursor.id, None)
        await cursor.stop()
        self.presence_changed(followed)
        if not followed.cursors:
            await self._forget(followed)

    @property
    def cursors(self) -> list[Cursor]:
        return [cursor for followed in self._followed.values() for cursor in followed.cursors.values()]

    async def _forget(self, followed: Followed) -> None:
        if followed.cursors or self._followed.get(followed.key.id) is not followed:
            return
        followed.stop()
        del self._followed[followed.key.id]
        self._tell_presence(followed.key.id, [])
        self._rosters.pop(followed.key.id, None)
        if self._layer and self._channel:
            await guarded(self._layer.group_discard(group_name(followed.key.id), self._channel))
        if not self._followed:
            await self._shut()

    # -- life --------------------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        async with self._opening:
            if self._is_open:
                return
            self._is_open = True
            self._start(self._tick_for_ever())
            listen(self)
            if not is_shared(self._layer):
                listen(self._publisher)
            await self._join_groups()

    async def _shut(self) -> None:
        self._is_open = False
        if _hubs.get(self._loop) is self:
            del _hubs[self._loop]  # before anything is waited for: who comes meanwhile gets a hub that stays
        stop_listening(self)
        stop_listening(self._publisher)
        for task in self._tasks:
            task.cancel()
        if self._layer and self._channel:
            await guarded(self._layer.group_discard(CONTROL_GROUP, self._channel))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- hearing -----------------------------------------------------------------------------------------------------

    def hear_soon(self, bells: Sequence[Bell]) -> None:
        """Take bells rung in this process, from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._hear_all, bells)
        except RuntimeError:
            stop_listening(self)  # its loop has ended without a last detach

    async def _receive(self) -> None:
        while self._layer:
            try:
                message = await self._layer.receive(self._channel)
                self._hear_all([decode_bell(message)])
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("A message of the channel layer could not be read.")
                await asyncio.sleep(_TICK_S)

    def _hear_all(self, bells: Sequence[Bell]) -> None:
        for bell in bells:
            try:
                self._hear(bell)
            except Exception:
                log.exception("A bell could not be heard; the head poll mends it.")

    def _hear(self, bell: Bell) -> None:
        if bell.access or bell.is_everybody:
            self._start(self._check_access(bell))
        followed = self._followed.get(bell.stream) if bell.stream else None
        if followed is None:
            return
        items = [Item.of(seq, text) for seq, text in bell.events if text]
        if items:
            followed.hear(items)
        elif bell.events:
            followed.note_head(bell.events[-1][0], followed.epoch, known=0)
        for frame in bell.frames:
            followed.show(frame)
        if bell.presence:
            self._hear_presence(followed, bell.presence)

    # -- presence ----------------------------------------------------------------------------------------------------

    def presence_changed(self, followed: Followed) -> None:
        """Somebody came, went or looks at something else."""
        roster = self._rosters.get(followed.key.id)
        if roster is None:
            return
        roster.is_dirty = True
        roster.told_at = 0.0
        if time.monotonic() - roster.sent_at >= _PRESENCE_EVERY_S:
            self._loop.call_soon(self._send_presence, followed)

    def _send_presence(self, followed: Followed) -> None:
        roster = self._rosters.get(followed.key.id)
        if roster is None or not roster.is_dirty:
            return
        roster.is_dirty = False
        roster.sent_at = time.monotonic()
        own = entries_of(followed.cursors.values())
        followed.show(roster.frame(own))
        if time.monotonic() - roster.told_at >= RENEW_S:
            roster.told_at = time.monotonic()
            self._tell_presence(followed.key.id, own)

    def _tell_presence(self, stream: UUID, own: list[dict[str, Any]]) -> None:
        """Tell the other processes who is here."""
        if is_shared(self._layer):
            ring([Bell(stream=stream, presence={"hub": PROCESS, "entries": own})])

    def _hear_presence(self, followed: Followed, told: dict[str, Any]) -> None:
        if told["hub"] != PROCESS:
            roster = self._rosters[followed.key.id]
            is_new = told["hub"] not in roster.others
            roster.hear(str(told["hub"]), list(told["entries"]))
            if is_new:
                roster.told_at = 0.0  # a hub that has just begun to follow doesn't know our people yet

    # -- rights ------------------------------------------------------------------------------------------------------

    async def _check_access(self, bell: Bell) -> None:
        """Check again the cursors a bell names."""
        for cursor in self.cursors:
            is_meant = cursor.user.id == bell.access or (bell.is_everybody and cursor.followed.key.id == bell.stream)
            if is_meant:
                await self._check_alone(cursor)

    async def _check_everybody(self) -> None:
        """The net under the bell: rights and sign-ins of all cursors, one after another."""
        for cursor in self.cursors:
            await self._check_alone(cursor)

    async def _check_alone(self, cursor: Cursor) -> None:
        """A check that fails keeps nobody else's from being made."""
        try:
            await self.check(cursor)
        except Exception:
            log.exception("A right could not be checked; it is again within a minute.")

    async def check(self, cursor: Cursor) -> None:
        """Ask again for the right and the sign-in of a cursor, and close it without."""
        role, is_signed_in = await run_db(_role_now, cursor)
        if role is None:
            await cursor.close_without_access(is_signed_out=not is_signed_in)
        else:
            cursor.role = role

    # -- clockwork ---------------------------------------------------------------------------------------------------

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            try:
                await self._tick(time.monotonic())
            except Exception:
                log.exception("A tick of the hub failed.")

    async def _tick(self, now: float) -> None:
        for cursor in self.cursors:
            cursor.tick(now)
        for followed in list(self._followed.values()):
            self._tick_presence(followed, now)
        if now - self._polled_at >= (limits().head_poll_down_s if breaker.is_open else limits().head_poll_s):
            self._polled_at = now
            await self._poll_heads()
        if now - self._checked_at >= limits().access_poll_s:
            self._checked_at = now
            self._start(self._check_everybody())

    def _tick_presence(self, followed: Followed, now: float) -> None:
        roster = self._rosters[followed.key.id]
        roster.expire()
        if now - roster.told_at >= RENEW_S and is_shared(self._layer):
            roster.is_dirty = True
        self._send_presence(followed)

    async def _poll_heads(self) -> None:
        """Find what the bell has lost, by one query for all streams followed here."""
        before = {stream_id: followed.head for stream_id, followed in self._followed.items()}
        heads = await run_db(read_heads, list(before))
        for stream_id, (head, epoch) in heads.items():
            followed = self._followed.get(stream_id)
            if followed:
                followed.note_head(head, epoch, known=before[stream_id])
        if is_shared(self._layer):
            await self._join_groups()

    async def _join_groups(self) -> None:
        """Begin to hear the layer, or again one that was down or came back empty: joining a group twice changes nothing."""
        if self._layer is None:
            return
        if not self._channel and await guarded(self._take_channel(self._layer)):
            self._start(self._receive())
        for group in [CONTROL_GROUP, *map(group_name, self._followed)] if self._channel else ():
            if not breaker.may_try() or not await guarded(self._layer.group_add(group, self._channel)):
                return

    async def _take_channel(self, layer: BaseChannelLayer) -> None:
        self._channel = await layer.new_channel()


def _role_now(cursor: Cursor) -> tuple[Role | None, bool]:
    """The cursor's role on its stream now, None without access; and whether its sign-in still holds."""
    if find_origin(cursor.credential.origin) is None:
        return None, False
    try:
        return access_stream(cursor.user, cursor.followed.key), True
    except NotFound:
        return None, True


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, StreamHub] = WeakKeyDictionary()


def get_hub() -> StreamHub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = StreamHub()
    return hub
