"""How much of a disk files take: those in folders, and those that processes keep open under no name."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

_LEAST = 4_096
"""What a file without content counts: it takes a place in the file system all the same."""


class Uncountable(OSError):
    """A folder that can't be looked through: nested too deep, or shut."""


def written(folders: Iterable[str], pids: Iterable[int]) -> int:
    """Bytes on disk of all that is in these folders, and of what these processes still have of files that were removed. Each once."""
    found: dict[tuple[int, int], int] = {}
    for each in _entries(folders):
        found[each.st_dev, each.st_ino] = max(each.st_blocks * 512, _LEAST)
    disks = {device for device, _ in found}
    for each in _nameless(pids):
        if each.st_dev in disks:
            found[each.st_dev, each.st_ino] = max(each.st_blocks * 512, _LEAST)
    return sum(found.values())


def _entries(folders: Iterable[str]) -> Iterator[os.stat_result]:
    """The folders and all below; links aren't followed, and what is removed meanwhile is passed over."""
    left = list(folders)
    while left:
        folder = left.pop()
        try:
            yield os.lstat(folder)
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                        continue
                    with suppress(FileNotFoundError):
                        yield entry.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise Uncountable(f"A folder of it can't be looked through: {error.strerror}") from error


def _nameless(pids: Iterable[int]) -> Iterator[os.stat_result]:
    """Open files that have no name any more, as far as the system tells (Linux)."""
    for pid in pids:
        with suppress(OSError):
            for number in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    found = os.stat(f"/proc/{pid}/fd/{number}")
                    if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                        yield found
