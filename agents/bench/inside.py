"""Files of one folder, reached step by step from its descriptor: no link and no `..` on the way leads out of it."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from secrets import token_hex

from agents.bench.errors import Refused

MOST_BYTES = 1_000_000
_MOST_FILES = 5_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe that somebody put there must not wait for its other end.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TOKENS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANINGS = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


def parts_of(path: str) -> tuple[str, ...]:
    """The steps of a relative path with `/` between them. Refused where it is absolute, or isn't written in its shortest form."""
    parts = tuple(path.split("/"))
    bad = path.startswith("/") or "\\" in path or "\0" in path or len(path) > 500
    if bad or any(part in ("", ".", "..") for part in parts):
        raise Refused(f"{path!r} isn't the path of a file inside the folder: write it as in “src/server.py”.")
    return parts


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern covers `path`: `*` and `?` stay within a name, `**/` is any number of folders, `folder/` all that is in it."""
    return any(_pattern(each).fullmatch(path) for each in patterns)


def _pattern(pattern: str) -> re.Pattern[str]:
    whole = f"{pattern}**" if pattern.endswith("/") else pattern
    return re.compile("".join(_MEANINGS.get(token, re.escape(token)) for token in _TOKENS.findall(whole)), re.DOTALL)


def files_of(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """The regular files that the patterns cover, relative to `folder`, in order. Links are passed over, and so is what is hidden."""
    found: list[str] = []
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = PurePosixPath(Path(base).relative_to(folder))
        found += [path for name in names if matches(path := str(inside / name), patterns) and _is_plain(Path(base, name))]
        if len(found) > _MOST_FILES:
            raise Refused(f"The patterns cover more than {_MOST_FILES:,} files of {folder}: name fewer.")
    return sorted(Path(path) for path in found)


def _is_plain(path: Path) -> bool:
    return not path.name.startswith(".") and stat.S_ISREG(path.lstat().st_mode)


@contextmanager
def parent_of(folder: Path, path: str) -> Iterator[tuple[int, str]]:
    """The descriptor of the folder that the file is in, and the file's name there. Refused where a link is on the way."""
    *steps, name = parts_of(path)
    at = _open(str(folder.resolve()), _FOLDER, None, path)
    try:
        for step in steps:
            below = _open(step, _FOLDER, at, path)
            os.close(at)
            at = below
        yield at, name
    finally:
        os.close(at)


def _open(name: str, flags: int, at: int | None, path: str) -> int:
    """FileNotFoundError where there is none; Refused for a link, and for anything of another kind than the flags ask for."""
    try:
        return os.open(name, flags, dir_fd=at)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Refused(f"{path} can't be used: {name} is a link, or not what it should be ({error.strerror}).") from error


def read_inside(folder: Path, path: str, most_bytes: int = MOST_BYTES) -> str | None:
    """The text of a file, its line ends as they are; None where there is none. Refused for links, and for what isn't UTF-8 text."""
    try:
        with parent_of(folder, path) as (at, name):
            file = _open(name, _FILE, at, path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise Refused(f"{path} isn't a file.")
    with os.fdopen(file, "rb") as opened:
        raw = opened.read(most_bytes + 1)
    if len(raw) > most_bytes:
        raise Refused(f"{path} is longer than {most_bytes:,} bytes.")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"{path} isn't UTF-8 text.") from error


def make_folders(folder: Path, path: str) -> list[str]:
    """Makes the folders that are missing on the way to the file, and says which, outermost first."""
    steps = parts_of(path)[:-1]
    made = []
    for count in range(1, len(steps) + 1):
        inner = "/".join(steps[:count])
        with parent_of(folder, inner) as (at, name), suppress(FileExistsError):
            os.mkdir(name, dir_fd=at)
            made.append(inner)
    return made


def remove_folder(folder: Path, path: str) -> None:
    """Removes a folder if it is empty."""
    with suppress(OSError), parent_of(folder, path) as (at, name):
        os.rmdir(name, dir_fd=at)


def write_inside(folder: Path, path: str, text: str) -> None:
    """Puts a file in place in one step: whoever reads it sees the old text or the new. It keeps the mode it had."""
    with parent_of(folder, path) as (at, name):
        temporary = f".{name[:100]}.{token_hex(8)}"
        try:
            mode = stat.S_IMODE(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode)
        except FileNotFoundError:
            mode = None
        try:
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=at)
            with os.fdopen(file, "wb") as opened:
                opened.write(text.encode())
                if mode is not None:
                    os.fchmod(file, mode)
            os.replace(temporary, name, src_dir_fd=at, dst_dir_fd=at)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=at)


def remove_inside(folder: Path, path: str) -> None:
    """Removes a file."""
    with parent_of(folder, path) as (at, name):
        os.unlink(name, dir_fd=at)
