"""Limits that hold for all processes of a command together: counted often, because they multiply, and measured at times."""

import time
from collections.abc import Sequence

from agents.bench.processes import family, space
from agents.bench.processes.orders import Order

_COUNT_EVERY_S = 0.05
_MEASURE_EVERY_S = 0.25
_LOOK_EVERY_S = 1.0
_LOOKS_SHARE = 0.02
"""Of the time at most goes into looking through folders: what is measured should not notice."""

_OWN_PROCESSES = 2
"""Of a command that is shut off: its stand-in and the first process of its namespace."""


class Watch:
    """`next_at` (monotonic) is when to look again: never, if nothing is limited."""

    def __init__(self, order: Order, writable: Sequence[str]) -> None:
        self._order = order
        self._writable = writable
        self._most_processes = order.processes + (_OWN_PROCESSES if order.network == "none" else 0)
        self._count_at = time.monotonic() if order.processes else float("inf")
        self._measure_at = time.monotonic() if order.memory_mb or order.cpu_s else float("inf")
        self._look_at = float("inf")
        self._before = 0
        if order.disk_mb:
            self._before = self._look([])

    @property
    def next_at(self) -> float:
        return min(self._count_at, self._measure_at, self._look_at)

    def breach(self, root: int) -> str:
        """Which limit the processes under `root` are over; empty if none, or if it isn't time to look."""
        now = time.monotonic()
        if now >= self._count_at:
            self._count_at = now + _COUNT_EVERY_S
            if len(family.descendants(root)) > self._most_processes:
                return f"It had more than {self._order.processes:,} processes at once."
        if now >= self._look_at and (why := self._look_through(root)):
            return why
        if now >= self._measure_at:
            self._measure_at = now + _MEASURE_EVERY_S
            return self._measure(root)
        return ""

    def _look_through(self, root: int) -> str:
        try:
            added = (self._look(family.descendants(root)) - self._before) / 1e6
        except space.Uncountable as error:
            return f"{error}, so what it writes can't be counted."
        if added > self._order.disk_mb:
            return f"It has written {added:,.0f} MB of files, and may write {self._order.disk_mb:,}."
        return ""

    def _look(self, pids: Sequence[int]) -> int:
        """What is written; the next look comes later where this one has taken long."""
        began = time.monotonic()
        size = space.written(self._writable, pids)
        ended = time.monotonic()
        self._look_at = ended + max(_LOOK_EVERY_S, (ended - began) / _LOOKS_SHARE)
        return size

    def _measure(self, root: int) -> str:
        used, order = family.use(root), self._order
        if order.memory_mb and used.rss_mb > order.memory_mb:
            return f"It used {used.rss_mb:,.0f} MB of memory, and may use {order.memory_mb:,}."
        if order.cpu_s and used.cpu_s > order.cpu_s:
            return f"It used {used.cpu_s:,.1f} s of processor time, and may use {order.cpu_s:,}."
        return ""
