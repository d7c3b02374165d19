"""Removing folders in which code has run that nobody vouches for."""

import contextlib
import os
from pathlib import Path
from uuid import uuid4


def remove_tree(folder: Path) -> None:
    """Remove a folder with all in it, however deep it is nested and whatever in it is shut to us; one that is gone already is fine.

    Folders are moved to the top before they are looked into: so no path gets too long, and nothing is gone through in depth.
    """
    if folder.is_symlink():
        return
    left = [str(folder)]
    while left:
        place = left.pop()
        for entry in _entries(place):
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    left.append(moved := f"{folder}/{uuid4().hex}")
                    os.rename(entry.path, moved)
                else:
                    os.unlink(entry.path)
        with contextlib.suppress(OSError):
            os.rmdir(place)
    with contextlib.suppress(OSError):
        os.rmdir(folder)


def _entries(place: str) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError):
        os.chmod(place, 0o700)
        return list(os.scandir(place))
    return []
