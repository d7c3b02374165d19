"""The output of a command: written into two files of bounded size, and read from them."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

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
    """The reading side: what is new since the last time (or since now), line by line. Holds no file open."""

    def __init__(self, path: Path, *, is_at_end: bool = False) -> None:
        self._path = path
        self._inode = 0
        self._offset = 0
        self._rest = b""
        if is_at_end:
            with contextlib.suppress(FileNotFoundError):
                found = path.stat()
                self._inode, self._offset = found.st_ino, found.st_size

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
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as newest:
            inode = os.fstat(newest.fileno()).st_ino
            if inode != self._inode:
                yield from self._left_of_older()
                self._inode, self._offset = inode, 0
            yield from self._read(newest)

    def _left_of_older(self) -> Iterator[bytes]:
        """What came after the last read and before the change of files."""
        with contextlib.suppress(FileNotFoundError), older(self._path).open("rb") as file:
            if os.fstat(file.fileno()).st_ino == self._inode:
                yield from self._read(file)

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        file.seek(self._offset)
        while data := file.read(65_536):
            self._offset += len(data)
            yield data


def tail(path: Path, lines: int) -> list[str]:
    """The last lines that were written, of at most 256 kB."""
    newest = _end(path, _TAIL_BYTES)
    data = _end(older(path), _TAIL_BYTES - len(newest)) + newest
    found = [_text(each) for each in data.split(b"\n")]
    if found and not found[-1]:
        found.pop()
    return found[-lines:] if lines > 0 else []


def _end(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - most))
            return file.read(most)
    except FileNotFoundError:
        return b""


def _text(line: bytes) -> str:
    return line[:_LONGEST_LINE].decode(errors="replace").rstrip("\r")
