"""Event loops: which run, how long each keeps its callbacks waiting, what it does meanwhile, and where its tasks wait."""

import asyncio
import contextlib
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from .places import Places, Stack

_LATE_S = 0.02
_MOST_TASKS = 300


class Heart:
    """One running loop, asked again and again to come round. A thread looks at it; only `_beat` runs in the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, base: FrameType) -> None:
        self.loop = loop
        self.base = base
        self.thread = threading.get_ident()
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._queued_at_s = 0.0
        self.asked_at: float | None = None
        self.came_at: float | None = None
        self.doing: Counter[Stack] = Counter()

    def ask(self, now: float) -> None:
        """Have it come round as soon as it can."""
        self.asked_at, self.came_at = now, None
        self._queued_at_s = self._queued_s()
        with contextlib.suppress(RuntimeError):  # closed meanwhile
            self.loop.call_soon_threadsafe(self._beat)

    def _beat(self) -> None:
        self.came_at = time.monotonic()

    def late_s(self) -> float:
        """How long it took to come round, without the time its thread waited for a processor: that is the machine's doing."""
        if self.asked_at is None or self.came_at is None:
            return 0.0
        return self.came_at - self.asked_at - (self._queued_s() - self._queued_at_s)

    def _queued_s(self) -> float:
        """How long the thread has waited for a processor so far, where the system tells (Linux)."""
        try:
            return int(self._schedule.read_bytes().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0


class Loops:
    """All running loops of this process, and what is seen of them."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._hearts: dict[int, Heart] = {}
        self.reset()
        self._real = asyncio._set_running_loop
        # Every loop tells that it runs, and that it doesn't any more, by this function: asyncio's own and others'.
        asyncio._set_running_loop = asyncio.events._set_running_loop = self._set_running_loop

    def _set_running_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self._real(loop)
        thread = threading.get_ident()
        if loop is None:
            self._hearts.pop(thread, None)
        else:
            self._hearts[thread] = Heart(loop, sys._getframe(1))

    @property
    def running(self) -> list[Heart]:
        """The loops that run now."""
        return list(self._hearts.values())

    def reset(self) -> None:
        """Forget what was seen."""
        self.stalls: dict[Stack, list[float]] = {}
        self.waits: Counter[Stack] = Counter()
        self.looks = 0
        for heart in self.running:
            heart.asked_at, heart.doing = None, Counter()

    def look(self) -> None:
        """One look at every loop: is it late, and with what; else where do its tasks wait."""
        now = time.monotonic()
        self.looks += 1
        for heart in self.running:
            if heart.asked_at is None:
                heart.ask(now)
            elif heart.came_at is not None:
                self._settle(heart)
                self._look_at_tasks(heart.loop)
                heart.ask(now)
            elif now - heart.asked_at > _LATE_S / 2:
                stack = self._places.busy(sys._current_frames().get(heart.thread), heart.base)
                heart.doing[stack] += 1

    def _settle(self, heart: Heart) -> None:
        """It has come round. What the project was seen to do meanwhile has held it up."""
        seen, heart.doing = heart.doing, Counter()
        stack, _ = seen.most_common(1)[0] if seen else ((), 0)
        late_s = heart.late_s()
        if late_s >= _LATE_S and stack:
            self.stalls.setdefault(stack, []).append(late_s)

    def _look_at_tasks(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(RuntimeError):  # tasks come and go while they are listed
            for task in list(asyncio.all_tasks(loop))[:_MOST_TASKS]:
                coroutine: Any = task.get_coro()
                stack = self._places.chain(coroutine)
                if stack:
                    self.waits[stack] += 1

    def seen(self) -> dict[str, Any]:
        """What was seen since the reset, as plain data."""
        return {
            "looks": self.looks,
            "stalls": [{"stack": stack, "seconds": seconds} for stack, seconds in self.stalls.items()],
            "waits": [{"stack": stack, "count": count} for stack, count in self.waits.most_common(100)],
        }
