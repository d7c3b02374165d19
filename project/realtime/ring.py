"""The newest events of one stream in memory, dense and bounded."""

from collections import deque
from itertools import islice

from project.limits import limits
from project.realtime.log import Item


class Ring:
    """Holds a dense run of events that ends at `head`; older ones are dropped past the limits on number and bytes."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.size = 0
        self._items: deque[Item] = deque()

    @property
    def first(self) -> int:
        """The seq of the oldest event held; head + 1 when none is."""
        return self.head - len(self._items) + 1

    def append(self, item: Item) -> None:
        """Take the event that follows `head`."""
        if item.seq != self.head + 1:
            raise ValueError(f"Expected seq {self.head + 1}, got {item.seq}.")
        self._items.append(item)
        self.head = item.seq
        self.size += item.size
        while len(self._items) > limits().ring_events or (self.size > limits().ring_bytes and len(self._items) > 1):
            self.size -= self._items.popleft().size

    def covers(self, after: int) -> bool:
        """Whether everything that follows `after` is held."""
        return after + 1 >= self.first

    def slice(self, after: int, limit: int) -> list[Item]:
        """Up to `limit` events that follow `after`, which the ring covers."""
        start = after + 1 - self.first
        behind = len(self._items) - start
        if behind <= 4:  # the usual case by far: take from the right without walking the deque
            return [self._items[index] for index in range(-behind, 0)][:limit] if behind > 0 else []
        return list(islice(self._items, start, start + limit))

    def bytes_after(self, after: int) -> int:
        """How many bytes follow `after`, which the ring covers."""
        return sum(item.size for item in islice(self._items, after + 1 - self.first, None))
