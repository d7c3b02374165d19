"""Unified diffs that somebody wrote, read into patches: by their lines, whatever their line numbers say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.bench.errors import Refused
from agents.bench.inside import read_inside
from agents.bench.patches import Patch, replacing

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@|^@@(?: .*)?$")
_NOWHERE = "/dev/null"
_NO_NEWLINE = "\\"


@dataclass
class _Hunk:
    """Lines that are there now, and those that take their place; `start` is where, counted from 0, None where that isn't said.

    `is_open` says whether the file's last line has no end afterwards; None: as before.
    """

    start: int | None
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    last: str = ""
    is_open: bool | None = None


@dataclass
class _File:
    path: str
    is_new: bool
    hunks: list[_Hunk] = field(default_factory=list)


def read_diff(folder: Path, text: str) -> Patch:
    """The patch that the diff means for the files as they are now. Refused, saying where, when it doesn't fit them.

    A hunk goes where its lines are, nearest to the place it names: people and models count lines wrongly.
    """
    files = list(_files(text.removesuffix("\n").split("\n")))
    if not files:
        raise Refused("This is no unified diff: it names no file (--- a/…, +++ b/…) or changes nothing in it.")
    texts: dict[str, str] = {}
    for file in files:
        texts[file.path] = _apply(file, _now(folder, file, texts))
    return replacing(folder, texts)


def paths_in(text: str) -> list[str]:
    """The files that a diff changes or makes."""
    return [file.path for file in _files(text.removesuffix("\n").split("\n"))]


def _now(folder: Path, file: _File, texts: Mapping[str, str]) -> str:
    now = texts.get(file.path) if file.path in texts else read_inside(folder, file.path)
    if now is None and not file.is_new:
        raise Refused(f"There is no file {file.path} to be changed.")
    if now is not None and file.is_new:
        raise Refused(f"{file.path} is there already, so it can't be made anew.")
    return now or ""


def _files(lines: Sequence[str]) -> Iterator[_File]:
    """The files of a diff, with their hunks; lines outside them (diff --git, index) say nothing more."""
    current: _File | None = None
    hunk: _Hunk | None = None
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith("--- ") and following.startswith("+++ "):
            if current is not None and current.hunks:
                yield current
            current, hunk = _file(line[4:], following[4:]), None
        elif current is not None and (found := _HUNK.match(line)):
            # A hunk without any line that is there now names the line it comes after.
            hunk = _Hunk(None if found[1] is None else int(found[1]) if found[2] == "0" else max(0, int(found[1]) - 1))
            current.hunks.append(hunk)
        elif hunk is not None and not line.startswith("+++ "):
            hunk = _take(hunk, line)
    if current is not None and current.hunks:
        yield current


def _file(old: str, new: str) -> _File:
    before, after = _path(old), _path(new)
    if after == _NOWHERE:
        raise Refused(f"{before} would be deleted: a patch changes files or makes them.")
    return _File(after, is_new=before == _NOWHERE)


def _path(name: str) -> str:
    path = name.split("\t")[0].strip()
    return path[2:] if path.startswith(("a/", "b/")) else path


def _take(hunk: _Hunk, line: str) -> _Hunk | None:
    """The hunk with one more line; None at a line that belongs to no hunk."""
    kind, text = line[:1], line[1:]
    if kind == _NO_NEWLINE:
        hunk.is_open = {"-": False, "+": True}.get(hunk.last, hunk.is_open)
        return hunk
    if kind not in ("", " ", "-", "+"):
        return None
    hunk.last = kind
    if kind != "+":
        hunk.before.append(text)
    if kind != "-":
        hunk.after.append(text)
    return hunk


def _apply(file: _File, text: str) -> str:
    """The file's new text. A last line without an end stays so unless the diff says otherwise; a file keeps its kind of line ends."""
    is_crlf = "\n" in text and text.count("\r\n") == text.count("\n")
    if is_crlf and not any(line.endswith("\r") for hunk in file.hunks for line in (*hunk.before, *hunk.after)):
        return _apply(file, text.replace("\r\n", "\n")).replace("\n", "\r\n")
    ends_open = bool(text) and not text.endswith("\n")
    lines = text.split("\n") if ends_open else text.split("\n")[:-1]
    shift = 0
    for number, hunk in enumerate(file.hunks, start=1):
        place = _settle(lines, hunk, shift, f"Change {number} of {file.path}")
        lines[place : place + len(hunk.before)] = hunk.after
        ends_open = ends_open if hunk.is_open is None else hunk.is_open
        shift = shift if hunk.start is None else place - hunk.start + len(hunk.after) - len(hunk.before)
    return "\n".join(lines) + ("" if ends_open or not lines else "\n")


def _settle(lines: Sequence[str], hunk: _Hunk, shift: int, name: str) -> int:
    """Where the hunk goes. Empty lines at its end that aren't in the file are left out: they stood behind it in the text."""
    while not (places := _places(lines, hunk.before)) and hunk.before[-1:] == hunk.after[-1:] == [""]:
        hunk.before.pop()
        hunk.after.pop()
    wanted = [f"  {each}" for each in hunk.before]
    if not places:
        raise Refused(f"{name} doesn't fit: these lines aren't there.", details=wanted)
    if lines and not hunk.before:
        raise Refused(f"{name} only adds lines and shows none beside them: say which lines are before or after.")
    if hunk.start is None and len(places) > 1:
        raise Refused(f"{name} fits {len(places)} places: say the line, or show more lines around it.", details=wanted)
    near = (hunk.start or 0) + shift
    return min(places, key=lambda place: abs(place - near))


def _places(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where these lines are."""
    return [place for place in range(len(lines) - len(wanted) + 1) if list(lines[place : place + len(wanted)]) == list(wanted)]
