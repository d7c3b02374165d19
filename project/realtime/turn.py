"""The writers' queue of a process on SQLite, first come first served."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


class FairLock:
    """A lock that is handed over in the order it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


_writers = FairLock()


@contextmanager
def writers_turn() -> Iterator[None]:
    """Wait for this thread's turn to write.

    SQLite's own busy wait polls: ten writers at once saw a p95 of 133 ms without this queue and 12 ms with it
    (DESIGN §4). PostgreSQL queues by itself.
    """
    if connection.vendor != "sqlite":
        yield
        return
    _writers.acquire()
    try:
        yield
    finally:
        _writers.release()
