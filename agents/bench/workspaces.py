"""Workspaces: copies of project folders to work in. Nothing is ever written to the project itself."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.bench.errors import BenchError, Refused
from agents.bench.judges import FILE_NAME
from agents.bench.removal import remove_tree

LEFT_OUT = frozenset({".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__"})
"""Folders that are never copied, with those that tools keep for themselves (`.…_cache`)."""


@dataclass(frozen=True)
class Most:
    """How large a copy may become."""

    files: int = 5_000
    bytes: int = 100 * 1024 * 1024


@dataclass(frozen=True)
class Copied:
    """What was copied. `fingerprint` is the same for the same files with the same contents."""

    files: int
    bytes: int
    fingerprint: str


def check_project(path: Path, allowed: Sequence[Path]) -> Path:
    """The real folder of a project, with a bench file in it. Refused outside the `allowed` folders, or where there is none."""
    folder = path.expanduser().resolve()
    if not any(folder.is_relative_to(each.expanduser().resolve()) for each in allowed):
        names = ", ".join(map(str, allowed)) or "none"
        raise Refused(f"{path} is outside the folders that may be worked on.", details=[f"Allowed: {names}."])
    if not folder.is_dir():
        raise Refused(f"{path} isn't a folder.")
    if not (folder / FILE_NAME).is_file():
        raise Refused(f"{path} has no {FILE_NAME}, which says what is measured and what may be changed.")
    return folder


def copy_project(source: Path, target: Path, most: Most | None = None) -> Copied:
    """Copy the project to `target`, all of it or nothing. A copy that is there already stays.

    Refused for what is too large, and for a link that leads out of the project: its target would be copied, or worked on.
    """
    if target.is_dir():
        return measure_copy(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        _copy_files(source.resolve(), half, most or Most())
        half.replace(target)
    except OSError as error:
        if not target.is_dir():  # else another has copied it meanwhile
            raise BenchError(f"{source} can't be copied: {error.strerror or error}.") from error
    finally:
        remove_tree(half)
    return measure_copy(target)


def measure_copy(folder: Path) -> Copied:
    """How much is in a copy, and its fingerprint."""
    digest, size, count = hashlib.sha256(), 0, 0
    for path in sorted(_files(folder)):
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
        size, count = size + len(content), count + 1
    return Copied(count, size, digest.hexdigest())


def _copy_files(source: Path, target: Path, most: Most) -> None:
    files = size = 0
    for path in _files(source):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        files, size = files + 1, size + path.lstat().st_size
        if files > most.files or size > most.bytes:
            raise Refused(
                f"{source} is too large to be copied: more than {most.files:,} files, or {most.bytes // 1024**2:,} MB.",
                details=[f"Left out already: {', '.join(sorted(LEFT_OUT))}."],
            )
        if path.is_symlink():
            _check_link(path, source)
        shutil.copy2(path, place, follow_symlinks=False)


def _check_link(path: Path, source: Path) -> None:
    leads_to = os.readlink(path)
    if os.path.isabs(leads_to) or not path.resolve().is_relative_to(source):
        raise Refused(f"{path.relative_to(source)} is a link out of the project, to {leads_to}. Put a copy in its place, or remove it.")


def _files(folder: Path) -> Iterator[Path]:
    """Files and links below `folder`; no sockets, pipes or devices, and nothing that is left out."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from () if _is_left_out(entry.name) else _files(Path(entry.path))
        elif stat.S_ISREG(mode) or stat.S_ISLNK(mode):
            yield Path(entry.path)


def _is_left_out(name: str) -> bool:
    return name in LEFT_OUT or (name.startswith(".") and name.endswith("_cache"))
