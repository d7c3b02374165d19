"""What runs beside the requests of a server process: the launcher of runs and housekeeping. Started once, drained once."""

import asyncio
import gc
import logging
from importlib import import_module
from typing import Any

from django.conf import settings

from project.housekeeping import keep_house
from project.realtime import connections
from project.realtime.db import run_db
from project.realtime.frames import GOING_AWAY
from project.realtime.hub import get_hub

log = logging.getLogger(__name__)

_HOUR_S = 3600
_DRAIN_S = 10.0
_SLICES = 20
_COLLECT_EVERY_S = 4
_COLLECT_AFTER = 250

_tasks: list[asyncio.Task[None]] = []
_launchers: list[Any] = []
_state = {"draining": False}


def is_draining() -> bool:
    """Whether this process has begun to end."""
    return _state["draining"]


def start() -> None:
    """Start the launcher and housekeeping on the running loop; a second call does nothing, nor one once the end has begun."""
    if _tasks or is_draining():
        return
    _tasks.append(asyncio.create_task(_keep_house(), name="housekeeping"))
    _tasks.append(asyncio.create_task(_collect_for_ever(), name="garbage"))
    if settings.WORKROOM_LAUNCHER == "embedded":
        # By its name, for tests and other ways to launch runs; what takes long to load it loads itself.
        _tasks.append(asyncio.create_task(_start_launcher(), name="launcher"))
    # What start-up made stays for good; telling the collector so took p99 from 43 to 13 ms (PERFORMANCE.md).
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def drain() -> None:
    """End in good order: tell every client to come back (4001), let go of the runs, and stop what `start` began."""
    _state["draining"] = True
    cursors = get_hub().cursors
    retry_ms = max(1_000, len(cursors) * 1000 // 50)
    size = max(1, len(cursors) // _SLICES)
    for first in range(0, len(cursors), size):
        await asyncio.gather(*(cursor.close(GOING_AWAY, retry_ms) for cursor in cursors[first : first + size]), return_exceptions=True)
        await asyncio.sleep(min(0.05, _DRAIN_S / _SLICES))
    for task in _tasks:
        task.cancel()
    _tasks.clear()
    await _stop_launcher()


async def _start_launcher() -> None:
    loop = asyncio.get_running_loop()
    try:
        launcher = await loop.run_in_executor(None, import_module, "agents.launchers.embedded")
        launcher.start()
        _launchers.append(launcher)
    except Exception:
        log.exception("The launcher didn't start: runs wait until the next start.")


async def _stop_launcher() -> None:
    while _launchers:
        try:
            await _launchers.pop().stop()
        except Exception:
            log.exception("The launcher didn't stop in good order: its leases run out by themselves.")


async def _keep_house() -> None:
    while True:
        try:
            await run_db(keep_house)
        except Exception:
            log.exception("Housekeeping failed; it tries again in an hour.")
        await asyncio.sleep(_HOUR_S)


async def _collect_for_ever() -> None:
    """Free what connections leave behind: 28 KiB in cycles each, for which the collector's thresholds alone would wait for days.

    A collection stops everything for a tenth of a second or more, so one comes once as many have left as are there, and 250 at least.
    Those of the last seconds don't count yet: timers of the server still hold them.
    """
    collected = settled = connections.ended()
    while True:
        await asyncio.sleep(_COLLECT_EVERY_S)
        if settled - collected >= max(_COLLECT_AFTER, connections.count()):
            collected = settled
            gc.collect()
        settled = connections.ended()
