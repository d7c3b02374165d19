"""What a process knows of one stream it follows: its ring, the cursors in it, and how gaps in what the bell told are mended."""

import asyncio
import logging
from collections.abc import Sequence

from project.realtime.cursor import Cursor
from project.realtime.db import run_db
from project.realtime.frames import join_events, reset_frame
from project.realtime.log import Item, read_events, read_head
from project.realtime.ring import Ring
from project.realtime.streams import StreamKey

log = logging.getLogger(__name__)

_PREDECESSOR_WAIT_S = 0.010


class Followed:
    """One followed stream. Bells may be lost, doubled or late: what is appended to the ring is dense all the same."""

    def __init__(self, key: StreamKey) -> None:
        self.key = key
        self.epoch = ""
        self.cursors: dict[str, Cursor] = {}
        self.healed_gaps = 0
        self._ring: Ring | None = None
        self._early: dict[int, Item] = {}
        self._repair: asyncio.Task[None] | None = None
        self._joined: tuple[int, int, str] = (0, 0, "")
        self._started = asyncio.Lock()

    @property
    def head(self) -> int:
        return self._ring.head if self._ring else 0

    async def start(self) -> None:
        """Read where the stream stands, once; bells heard meanwhile are kept. NotFound without such a stream."""
        async with self._started:
            if self._ring is None:
                head, self.epoch = await run_db(read_head, self.key.id)
                self._ring = Ring(head)
                self._take_early()

    def stop(self) -> None:
        if self._repair:
            self._repair.cancel()

    def hear(self, items: Sequence[Item]) -> None:
        """Take events the bell told of, in any order and any number of times."""
        before = self.head
        for item in items:
            if self._ring is None or item.seq > self._ring.head + 1:
                self._early[item.seq] = item
            elif item.seq == self._ring.head + 1:
                self._ring.append(item)
        self._take_early()
        if self.head > before:
            self._wake_cursors()
        if self._early and self._ring is not None:
            self._mend_soon(_PREDECESSOR_WAIT_S)

    def note_head(self, head: int, epoch: str, *, known: int) -> None:
        """The log stands at `head` in `epoch`: catch up if the bell told less; send everybody for a snapshot if the log is another.

        `known` is the head from before the log was asked: one below it means another log, one below that of now only a late answer.
        """
        if self._ring is None:
            return
        if epoch != self.epoch or head < known:
            self._restart(head, epoch)
        elif head > self._ring.head:
            self._mend_soon(0)

    async def level_with(self, seq: int) -> None:
        """Catch up with the log when somebody knows of `seq` and the bell has not told of it yet."""
        known = self.head
        if seq > known:
            head, epoch = await run_db(read_head, self.key.id)
            self.note_head(head, epoch, known=known)
            if self._repair:
                await self._repair
            if self.head < head:  # that repair had begun before, and found that nothing was missing
                await self._mend(0)

    def newest_after(self, after: int, limit: int) -> Sequence[Item] | None:
        """Up to `limit` events after `after` from the ring, None when it doesn't reach so far back."""
        return self._ring.slice(after, limit) if self._ring and self._ring.covers(after) else None

    async def items_after(self, after: int, limit: int) -> Sequence[Item]:
        """Up to `limit` events after `after`, from the ring or else from the log."""
        newest = self.newest_after(after, limit)
        return newest if newest is not None else await run_db(read_events, self.key.id, after=after, limit=limit)

    def is_in_ring(self, after: int) -> bool:
        return self._ring is not None and self._ring.covers(after)

    def bytes_after(self, after: int) -> int:
        """Bytes after `after`, which is in the ring."""
        return self._ring.bytes_after(after) if self._ring else 0

    def joined(self, items: Sequence[Item]) -> str:
        """The frame of these events, encoded once for all cursors that stand at the same place."""
        if len(items) == 1:
            return items[0].text
        first, last, frame = self._joined
        if (first, last) != (items[0].seq, items[-1].seq):
            frame = join_events(items)
            self._joined = (items[0].seq, items[-1].seq, frame)
        return frame

    def show(self, frame: str) -> None:
        """Send an ephemeral frame to everybody here."""
        for cursor in self.cursors.values():
            cursor.show(frame)

    def _take_early(self) -> None:
        ring = self._ring
        if ring is None or not self._early:
            return
        for seq in sorted(self._early):
            if seq <= ring.head:
                del self._early[seq]
            elif seq == ring.head + 1:
                ring.append(self._early.pop(seq))

    def _wake_cursors(self) -> None:
        for cursor in self.cursors.values():
            cursor.wake()

    def _mend_soon(self, wait_s: float) -> None:
        if self._repair is None or self._repair.done():
            self._repair = asyncio.create_task(self._mend(wait_s), name=f"gap repair of {self.key}")

    async def _mend(self, wait_s: float) -> None:
        """Read from the log what the bell did not tell, unless it does so within `wait_s`."""
        await asyncio.sleep(wait_s)
        if wait_s and not self._early:
            return
        self.healed_gaps += 1
        try:
            while items := await run_db(read_events, self.key.id, after=self.head):
                if items[-1].seq <= self.head:
                    continue
                self.hear_from_log(items)
        except Exception:
            log.exception("A gap in %s could not be mended now; the head poll tries again.", self.key)

    def hear_from_log(self, items: Sequence[Item]) -> None:
        """Append a dense run read from the log."""
        if self._ring is None:
            return
        for item in items:
            if item.seq == self._ring.head + 1:
                self._ring.append(item)
        self._take_early()
        self._wake_cursors()

    def _restart(self, head: int, epoch: str) -> None:
        self._ring = Ring(head)
        self.epoch = epoch
        self._early.clear()
        self._joined = (0, 0, "")
        for cursor in self.cursors.values():
            cursor.pause()
            cursor.tell(reset_frame("epoch", self.key.snapshot_path))
