"""The guard's reading of what the command writes: no faster than a bound, so that a flood costs the one who makes it."""

import os
import time
from pathlib import Path

from agents.bench.processes.logs import Log

_WINDOW_S = 0.05
_WINDOW_BYTES = 512 * 1024
_CHUNK = 64 * 1024


class Output:
    """A pipe and the log it goes to. `resume_at` is when reading goes on (monotonic); a command that writes more waits."""

    def __init__(self, log: Path) -> None:
        self._log = Log(log)
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.resume_at = 0.0
        self._window_ends = 0.0
        self._left = 0

    def take(self) -> bool:
        """Read once what is there; False when nobody can write any more."""
        now = time.monotonic()
        if now >= self._window_ends:
            self._window_ends, self._left = now + _WINDOW_S, _WINDOW_BYTES
        is_open, count = self._move()
        self._left -= count
        self.resume_at = self._window_ends if self._left <= 0 else 0.0
        return is_open

    def close(self) -> None:
        """Read what is left in the pipe, as long as there is something at once, and close."""
        while self._move()[1]:
            pass
        os.close(self.reading)
        self._log.close()
        self.resume_at = 0.0

    def _move(self) -> tuple[bool, int]:
        try:
            data = os.read(self.reading, _CHUNK)
        except BlockingIOError:
            return True, 0
        self._log.write(data)
        return bool(data), len(data)
