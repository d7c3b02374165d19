"""Patches: new texts of files with the texts they were made for; shown as a unified diff, applied whole or not at all, taken back."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from agents.bench.errors import BenchError, Refused
from agents.bench.inside import MOST_BYTES, make_folders, matches, parts_of, read_inside, remove_folder, remove_inside, write_inside
from agents.bench.judges import ALWAYS
from agents.bench.plain import Plain

# A `.git`, an `.env`: whatever the patterns say.
_HIDDEN = ("**/.*", "**/.*/**")
_MOST_FILES = 50


class Change(Plain):
    """One file: its path inside the folder, the text it must have now (None: there is no such file), and the new one."""

    path: str
    before: str | None
    after: str


class Patch(Plain):
    """Changes of one or several files; plain data, so that it can be stored, shown and approved before it is applied."""

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it changes or makes."""
        return tuple(change.path for change in self.changes)

    @property
    def diff(self) -> str:
        """All changes as one unified diff, as `patch -p1` and `git apply` take it."""
        return "".join("".join(_lines_of(change)) for change in self.changes)


class Applied(Plain):
    """A patch that a folder has now, and the folders that were made for it: what `roll_back` needs."""

    patch: Patch
    made: tuple[str, ...] = ()


def replacing(folder: Path, texts: Mapping[str, str]) -> Patch:
    """The patch that gives these files these texts. Files that have them already are left out. Refused for paths that leave the folder."""
    changes = []
    for path, after in sorted(texts.items()):
        before = read_inside(folder, path)
        if before != after:
            changes.append(Change(path=path, before=before, after=after))
    return Patch(changes=tuple(changes))


def why_kept(path: str, allowed: Sequence[str], judges: Sequence[str] = ()) -> str:
    """Why a patch may not change this file; nothing if it may."""
    if matches(path, ALWAYS) or matches(path, judges):
        return f"{path} may not be changed: the project is judged by it."
    if matches(path, _HIDDEN) or not matches(path, allowed):
        return f"{path} may not be changed. These may: {', '.join(allowed) or 'none'}."
    return ""


def apply(patch: Patch, folder: Path, *, allowed: Sequence[str], judges: Sequence[str] = ()) -> Applied:
    """Changes the folder's files, all or none. `allowed` and `judges` are patterns of files that may be changed and that may not even so
    (a spec's `change` and `judges`).

    Refused, with nothing changed: a path outside them or outside the folder, a link, a file that isn't what it was when the patch was made.
    """
    _check(patch, allowed, judges)
    stale = [change.path for change in patch.changes if read_inside(folder, change.path) != change.before]
    if stale:
        raise Refused(f"{', '.join(stale)} changed after the patch was made: make it again from the present text.")
    return _write(patch, folder)


def roll_back(applied: Applied, folder: Path) -> None:
    """Gives every file the text it had before, and removes what was made. Refused, with nothing changed, where a file changed since."""
    changed = [change.path for change in applied.patch.changes if read_inside(folder, change.path) != change.after]
    if changed:
        raise Refused(f"{', '.join(changed)} changed after the patch was applied, so it can't be taken back.")
    _undo(applied.patch.changes, applied.made, folder)


def _check(patch: Patch, allowed: Sequence[str], judges: Sequence[str]) -> None:
    """Refused for files that a patch may not touch, and for patches beyond all measure."""
    if len(patch.changes) > _MOST_FILES:
        raise Refused(f"A patch may change {_MOST_FILES} files, this one changes {len(patch.changes)}.")
    if len(set(patch.paths)) < len(patch.paths):
        raise Refused("The patch changes a file twice.")
    for change in patch.changes:
        parts_of(change.path)
        if why := why_kept(change.path, allowed, judges):
            raise Refused(why)
        if len(change.after.encode(errors="surrogatepass")) > MOST_BYTES:
            raise Refused(f"The new text of {change.path} is longer than {MOST_BYTES:,} bytes.")


def _write(patch: Patch, folder: Path) -> Applied:
    """All files in turn; where one fails, those before it get their text back before the error goes on."""
    done: list[Change] = []
    made: list[str] = []
    try:
        for change in patch.changes:
            if change.before is None:
                made += make_folders(folder, change.path)
            write_inside(folder, change.path, change.after)
            done.append(change)
    except BaseException as error:
        _undo(done, made, folder)
        if isinstance(error, OSError | UnicodeEncodeError):
            raise Refused(f"The patch can't be applied, nothing was changed: {error}.") from error
        raise
    return Applied(patch=patch, made=tuple(made))


def _undo(changes: Sequence[Change], made: Sequence[str], folder: Path) -> None:
    """Goes on where one file can't be put back, and tells of it at the end."""
    failed = []
    for change in reversed(changes):
        try:
            if change.before is None:
                with suppress(FileNotFoundError):
                    remove_inside(folder, change.path)
            else:
                write_inside(folder, change.path, change.before)
        except (OSError, BenchError) as error:
            failed.append(f"{change.path}: {error}")
    for path in reversed(made):
        remove_folder(folder, path)
    if failed:
        raise Refused("Not every file could be given its old text back.", details=failed)


def _lines_of(change: Change) -> Iterator[str]:
    """The unified diff of one file, with its line ends as they are; only a last line without one is marked."""
    before = _split(change.before or "")
    old = "/dev/null" if change.before is None else f"a/{change.path}"
    lines = difflib.unified_diff(before, _split(change.after), old, f"b/{change.path}")
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _split(text: str) -> list[str]:
    """Lines with their ends. `splitlines` would also part them at form feeds and other characters that are none of a file's line ends."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [last for last in (text.rpartition("\n")[2],) if last]
