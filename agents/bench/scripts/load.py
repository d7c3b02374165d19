"""Scenarios from files: read, checked as a whole, and refused with line and column before anything is played."""

import os.path
from collections.abc import Iterator
from pathlib import Path

from agents.bench.documents import Document, parse_document, read_document
from agents.bench.errors import BadFile
from agents.bench.files import Problem, refuse, shaped
from agents.bench.scripts.check import check
from agents.bench.scripts.model import Script

SUFFIXES = (".ws.yaml", ".ws.yml", ".ws.json")


def load_script(path: Path) -> Script:
    """The scenario in a file. BadFile names every mistake by file, line, column and key."""
    return _load(path, ())


def parse_script(text: str, *, name: str = "<text>") -> Script:
    """The scenario in a text, beginning with no other; `name` is what its mistakes are told of."""
    document = parse_document(text, name=name)
    return _checked(shaped(document, Script), document)


def beginnings(path: Path) -> Iterator[Path]:
    """The files that a scenario begins with, the nearest first, as far as they can be read."""
    seen = {path}
    while (first := _first_of(path)) is not None and first not in seen and first.is_file():
        seen.add(first)
        yield first
        path = first


def _first_of(path: Path) -> Path | None:
    try:
        said = read_document(path).value
    except BadFile:
        return None
    name = said.get("begin_with") if isinstance(said, dict) else None
    return Path(os.path.normpath(path.parent / name)) if isinstance(name, str) else None


def _load(path: Path, around: tuple[Path, ...]) -> Script:
    """`around` are the files that begin with this one."""
    document = read_document(path)
    script = shaped(document, Script)
    if script.begin_with is None:
        return _checked(script, document)
    first = Path(os.path.normpath(path.parent / script.begin_with))
    if first.resolve() in [each.resolve() for each in (*around, path)]:
        raise refuse(document, [Problem(("begin_with",), f"{first} begins with this one itself")])
    if not first.is_file():
        raise refuse(document, [Problem(("begin_with",), f"there is no file {first}")])
    return _checked(script, document, _load(first, (*around, path)))


def _checked(script: Script, document: Document, first: Script | None = None) -> Script:
    """The script, as it stands in the document and after what it begins with. BadFile where it can't be played."""
    script._document, script._first = document, first
    if problems := check(script):
        raise refuse(document, problems)
    return script
