"""Limits that hold for all processes of a command together: counted often, because they multiply, and measured at times."""

import time

from agents.bench.processes import family
from agents.bench.processes.orders import Order

_COUNT_EVERY_S = 0.05
_MEASURE_EVERY_S = 0.25
_OWN_PROCESSES = 2
"""Of a command that is shut off: its stand-in and the first process of its namespace."""


class Watch:
    """`next_at` (monotonic) is when to look again: never, if nothing is limited."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._most_processes = order.processes + (_OWN_PROCESSES if order.network == "none" else 0)
        self._count_at = time.monotonic() if order.processes else float("inf")
        self._measure_at = time.monotonic() if order.memory_mb or order.cpu_s else float("inf")

    @property
    def next_at(self) -> float:
        return min(self._count_at, self._measure_at)

    def breach(self, root: int) -> str:
        """Which limit the processes under `root` are over; empty if none, or if it isn't time to look."""
        now = time.monotonic()
        if now >= self._count_at:
            self._count_at = now + _COUNT_EVERY_S
            if len(family.descendants(root)) > self._most_processes:
                return f"It had more than {self._order.processes:,} processes at once."
        if now >= self._measure_at:
            self._measure_at = now + _MEASURE_EVERY_S
            return self._measure(root)
        return ""

    def _measure(self, root: int) -> str:
        used, order = family.use(root), self._order
        if order.memory_mb and used.rss_mb > order.memory_mb:
            return f"It used {used.rss_mb:,.0f} MB of memory, and may use {order.memory_mb:,}."
        if order.cpu_s and used.cpu_s > order.cpu_s:
            return f"It used {used.cpu_s:,.1f} s of processor time, and may use {order.cpu_s:,}."
        return ""
