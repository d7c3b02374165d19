"""YAML and JSON files that people write: read, held against their shape, and refused with line and column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from agents.bench.documents import Document, Loc, parse_document, read_document, read_text
from agents.bench.errors import BadFile

__all__ = ["Problem", "Section", "check_writable", "load", "parse", "read_text", "refuse", "shaped", "texts"]

M = TypeVar("M", bound=BaseModel)

_MOST_PROBLEMS = 20
_SAID = {"extra_forbidden": "there is no such key", "missing": "this key is missing", "model_type": "this is a mapping of keys to values"}


class Section(BaseModel):
    """A part of such a file. An unknown key is a mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def load(path: Path, shape: type[M]) -> M:
    """What the file says, as `shape`. BadFile names every mistake by file, line, column and key."""
    return shaped(read_document(path), shape)


def parse(text: str, shape: type[M], *, name: str = "<text>") -> M:
    """What `text` says, as `shape`; `name` is what its mistakes are told of."""
    return shaped(parse_document(text, name=name), shape)


def shaped(document: Document, shape: type[M]) -> M:
    """The document as `shape`. BadFile as of `load`."""
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        problems = [_problem(each) for each in error.errors(include_url=False)]
    raise refuse(document, problems)


@dataclass(frozen=True)
class Problem:
    """A mistake: the way to it, what it is, and whether it is about the key rather than the value."""

    loc: Loc
    message: str
    is_of_key: bool = False


def refuse(document: Document, problems: Sequence[Problem]) -> BadFile:
    """The refusal of a document for these mistakes, in the order of the text. Several at one place are alternatives."""
    told: dict[tuple[str, str], list[str]] = {}
    for problem in sorted(problems, key=lambda each: document.position(each.loc)):
        place, keys = document.place(problem.loc, of_key=problem.is_of_key), ".".join(document.keys(problem.loc))
        told.setdefault((place, keys), []).append(problem.message)
    lines = [": ".join([place, *([keys] if keys else []), " – or: ".join(dict.fromkeys(each))]) for (place, keys), each in told.items()]
    more = [f"and {len(lines) - _MOST_PROBLEMS} more"] if len(lines) > _MOST_PROBLEMS else []
    return BadFile(lines[0], details=[*lines[1:_MOST_PROBLEMS], *more])


def check_writable(*files: Path | None, folder: Path | None = None) -> None:
    """BadFile, before the work, where what comes of it can't be written into these files and this folder."""
    for path in filter(None, files):
        if path.is_dir():
            raise BadFile(f"{path} can't be written: it is a folder.")
        if not path.absolute().parent.is_dir():
            raise BadFile(f"{path} can't be written: there is no folder {path.absolute().parent}.")
    if folder is not None and folder.exists() and not folder.is_dir():
        raise BadFile(f"{folder} isn't a folder.")


def _problem(error: ErrorDetails) -> Problem:
    """One mistake that pydantic found."""
    loc, kind = error["loc"], error["type"]
    message = _SAID.get(kind, error["msg"].removeprefix("Value error, "))
    if loc and loc[-1] == "[key]":
        return Problem(loc[:-1], message, is_of_key=True)
    if kind == "missing":
        return Problem(loc[:-1], f"{loc[-1]}: {message}")
    return Problem(loc, message, is_of_key=kind == "extra_forbidden")


def texts(value: Any) -> Iterator[str]:
    """Every text inside plain data, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
