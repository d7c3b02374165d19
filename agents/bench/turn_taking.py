"""One measuring at a time on this machine: two at once would measure each other."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from agents.bench.errors import Failed

_LOOK_S = 0.2


@asynccontextmanager
async def my_turn(lock: Path, *, on_wait: Callable[[str], None], wait_s: float = float("inf")) -> AsyncIterator[None]:
    """Hold the lock file's lock, which ends with the process at the latest. Failed when nobody lets go of it within `wait_s`."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await _take(file, on_wait, wait_s)
        yield
    finally:
        os.close(file)


async def _take(file: int, on_wait: Callable[[str], None], wait_s: float) -> None:
    began, has_told = time.monotonic(), False
    while not _is_taken(file):
        if time.monotonic() - began >= wait_s:
            raise Failed("Something else is being measured on this machine. Try again once it has ended.")
        if not has_told:
            on_wait("Waiting until another measuring has ended.")
            has_told = True
        await asyncio.sleep(_LOOK_S)


def _is_taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
