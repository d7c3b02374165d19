"""Watching the runs that are driven here: one look at all of them, every second and whenever something has been decided."""

import asyncio
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Never
from weakref import WeakKeyDictionary

from agents.launchers.wake import awake, wait_called
from agents.services.budget import GRACE_S, check_time
from agents.services.fence import Attempt, Fenced, check_hold
from agents.statements import get_runs
from project.clock import db_now
from project.realtime.db import run_db

log = logging.getLogger(__name__)

_TICK_S = 1.0
# What is decided in one breath is looked at once.
_CALM_S = 0.05


class Lookout:
    """Looks while there is anything to look at. One per event loop."""

    def __init__(self) -> None:
        self._watched: dict[Attempt, asyncio.Future[Exception]] = {}
        self._task: asyncio.Task[None] | None = None

    async def watch(self, attempt: Attempt) -> Never:
        """Wait for what ends the run from outside, and raise it: Fenced, Stopping or OverBudget."""
        with self._told(attempt) as told:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._look_on(), name="lookout")
            raise await told

    @contextmanager
    def _told(self, attempt: Attempt) -> "Iterator[asyncio.Future[Exception]]":
        told = self._watched[attempt] = asyncio.get_running_loop().create_future()
        try:
            yield told
        finally:
            del self._watched[attempt]

    async def _look_on(self) -> None:
        with awake() as called:
            while self._watched:
                if await wait_called(called, _TICK_S):
                    await asyncio.sleep(_CALM_S)
                called.clear()
                await self._look()

    async def _look(self) -> None:
        try:
            ends = await run_db(_look, list(self._watched))
        except Exception:  # the database is busy or away
            log.exception("The runs driven here could not be looked after; the next second tries again.")
            return
        for attempt, end in ends.items():
            told = self._watched.get(attempt)
            if told is not None and not told.done():
                told.set_result(end)


def _look(attempts: Collection[Attempt]) -> dict[Attempt, Exception]:
    """What ends which run from outside. A plain read: whatever is written is fenced."""
    runs = {run.id: run for run in get_runs([attempt.run_id for attempt in attempts])}
    now, ends = db_now(), dict[Attempt, Exception]()
    for attempt in attempts:
        try:
            if attempt.run_id not in runs:
                raise Fenced
            check_hold(attempt, runs[attempt.run_id])
            check_time(run=runs[attempt.run_id], now=now, grace_s=GRACE_S)
        except Exception as end:  # a defect too ends the run that it is in, and no other
            ends[attempt] = end
    return ends


_lookouts: WeakKeyDictionary[asyncio.AbstractEventLoop, Lookout] = WeakKeyDictionary()


def get_lookout() -> Lookout:
    """The one of the running event loop."""
    return _lookouts.setdefault(asyncio.get_running_loop(), Lookout())
