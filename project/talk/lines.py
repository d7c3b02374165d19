"""Lines from standard input without blocking the loop, whatever it is: a terminal, a pipe or a file."""

import asyncio
import os
from typing import IO

_CHUNK = 65_536


class Lines:
    """`await lines.next()` gives the next line, None after the last."""

    def __init__(self, source: IO[str]) -> None:
        self._fd = source.fileno()
        self._rest = b""
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_watched = False

    def start(self) -> None:
        """Begin to read. A terminal or pipe is watched; a file, which a loop can't watch, is read whole."""
        try:
            asyncio.get_running_loop().add_reader(self._fd, self._read)
            self._is_watched = True
        except OSError:
            while self._read():
                pass

    def stop(self) -> None:
        """Leave standard input alone, for somebody else or for good."""
        if self._is_watched:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._is_watched = False

    async def next(self) -> str | None:
        """The next line without its end; None when there is no more."""
        return await self._queue.get()

    def _read(self) -> bool:
        chunk = os.read(self._fd, _CHUNK)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if not chunk:
            whole += [self._rest] if self._rest else []
            self.stop()
        for line in whole:
            self._queue.put_nowait(line.decode(errors="replace").rstrip("\r"))
        if not chunk:
            self._queue.put_nowait(None)
        return bool(chunk)
