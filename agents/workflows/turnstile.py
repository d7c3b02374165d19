"""Lets a run ask its model several things at once only while its budget surely holds them, so that it goes over by one answer at most."""

import asyncio
from types import TracebackType


class Turnstile:
    """One attempt's. Before anything is known, and where the budget is nearly used up, answers come one at a time."""

    def __init__(self) -> None:
        self._under_way = 0
        self._left = 0.0
        self._largest: float | None = None
        self._moved = asyncio.Event()

    def learn(self, left: float, used: float) -> None:
        """The run has this share of its budget `left`; its newest answer took `used` of it."""
        self._largest = max(self._largest or 0.0, used)
        self._left = left

    @property
    def _has_room(self) -> bool:
        if not self._under_way:
            return True
        return self._largest is not None and (self._under_way + 1) * self._largest <= self._left

    async def __aenter__(self) -> None:
        while not self._has_room:
            self._moved.clear()
            await self._moved.wait()
        self._under_way += 1

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._under_way -= 1
        self._moved.set()
