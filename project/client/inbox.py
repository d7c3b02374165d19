"""What a stream has brought and its reader hasn't taken yet; knows what to acknowledge and where to go on."""

import asyncio
from dataclasses import dataclass

from project.client.errors import ClientError
from project.client.frames import Event, Item, Snapshot
from project.client.place import Acks, Place


@dataclass(frozen=True)
class _Entry:
    """`history` counts the resets before it, so that a place in an old history is never acknowledged in a new one."""

    item: Item
    size: int
    history: int


class Inbox:
    """Items in order, then the end. Only what was taken is acknowledged: a slow reader is fed no further than the server's window."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.acks = Acks(applied=place.seq or 0)
        self._history = 0
        self._queue: asyncio.Queue[_Entry | ClientError | None] = asyncio.Queue()

    def put(self, item: Item, size: int = 0) -> None:
        """One more item, which came as `size` characters."""
        self._queue.put_nowait(_Entry(item, size, self._history))

    def put_events(self, events: list[Event], size: int) -> bool:
        """Put those that are new and in order; whether some are missing before the rest."""
        fresh, has_gap = self.place.take(events)
        for event in fresh:
            self.put(event, size // len(events))
        return has_gap

    def restart(self, snapshot: Snapshot) -> None:
        """Go on from the snapshot of a reset."""
        self._history += 1
        self.acks = Acks(applied=snapshot.seq)
        self.place.seq, self.place.epoch = snapshot.seq, snapshot.epoch
        self.put(snapshot)

    def end(self, error: ClientError | None) -> None:
        """Nothing comes any more; `error` says why, None that the reader left."""
        self._queue.put_nowait(error)

    async def take(self) -> Item:
        """The next item; the error of the end, or StopAsyncIteration."""
        entry = await self._queue.get()
        if not isinstance(entry, _Entry):
            self._queue.put_nowait(entry)
            raise entry or StopAsyncIteration
        if isinstance(entry.item, Event) and entry.history == self._history:
            self.acks.note(entry.item.seq, entry.size, asyncio.get_running_loop().time())
        return entry.item
