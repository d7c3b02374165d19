"""The output of a command: written into two files of bounded size, and read from them."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

MOST_BYTES = 8_000_000
"""Of one file; the newest and the one before it are kept."""

ALL = 1_000_000
"""More lines than `tail` can find."""

_LONGEST_LINE = 4_000
_TAIL_BYTES = 256_000


def older(path: Path) -> Path:
    """Where the file before the newest is."""
    return path.with_name(path.name + ".1")


class Log:
    """The writing side. A full disk loses output, never the guard."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._file = path.open("ab", buffering=0)

    def write(self, data: bytes) -> None:
        """Add bytes; begin the next file when this one is full."""
        with contextlib.suppress(OSError):
            self._file.write(data)
            if self._file.tell() > self._most_bytes:
                self._file.close()
                os.replace(self._path, older(self._path))
                self._file = self._path.open("ab", buffering=0)

    def close(self) -> None:
        """Close the file; it stays."""
        self._file.close()


class Follower:
    """The reading side: what is new since the last time (or since now), line by line, also when the file has been removed meanwhile."""

    def __init__(self, path: Path, *, is_at_end: bool = False) -> None:
        self.path = path
        self._file: FileIO | None = None
        self._rest = b""
        if is_at_end and (file := self._open()):
            file.seek(0, os.SEEK_END)

    def __del__(self) -> None:
        if self._file:
            self._file.close()

    def lines(self) -> Iterator[str]:
        """Complete lines that came since the last call. Long ones are cut."""
        for data in self._new():
            *complete, rest = (self._rest + data).split(b"\n")
            self._rest = rest[:_LONGEST_LINE]
            yield from map(_text, complete)

    @property
    def rest(self) -> str:
        """The last line, which has no end yet."""
        return _text(self._rest)

    def _new(self) -> Iterator[bytes]:
        while file := self._file or self._open():
            is_replaced = self._is_replaced(file)
            while data := file.read(65_536):
                yield data
            if not is_replaced:
                return
            file.close()
            self._file = None

    def _open(self) -> FileIO | None:
        with contextlib.suppress(FileNotFoundError):
            self._file = FileIO(self.path)
        return self._file

    def _is_replaced(self, file: FileIO) -> bool:
        """Whether another one is there by now, so that nothing more will come in this one."""
        with contextlib.suppress(FileNotFoundError):
            return self.path.stat().st_ino != os.fstat(file.fileno()).st_ino
        return False


def last(lines: Sequence[str], count: int) -> list[str]:
    """The last so many of the lines."""
    return list(lines[-count:]) if count > 0 else []


def tail(path: Path, lines: int) -> list[str]:
    """The last lines that were written, of at most 256 kB."""
    newest = _end(path, _TAIL_BYTES)
    data = _end(older(path), _TAIL_BYTES - len(newest)) + newest
    found = [_text(each) for each in data.split(b"\n")]
    if found and not found[-1]:
        found.pop()
    return last(found, lines)


def _end(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - most))
            return file.read(most)
    except FileNotFoundError:
        return b""


def _text(line: bytes) -> str:
    return line[:_LONGEST_LINE].decode(errors="replace").rstrip("\r")
