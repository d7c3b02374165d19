"""Paths to a value inside JSON: `data.card.id`, `results[0]`, `columns[-1]`, `columns[name=Done].id`, and `$` for all of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_KEY = r"[^.\[\]=\s$]+"
_PATH = re.compile(rf"^(?:\$|{_KEY}|(?=\[))(?:\.{_KEY}|\[-?\d+\]|\[{_KEY}=[^\[\]]*\])*$")
_PART = re.compile(rf"\[(?P<index>-?\d+)\]|\[(?P<field>{_KEY})=(?P<text>[^\[\]]*)\]|(?P<key>{_KEY})")
_SHOWN = 80


class NoSuchValue(Exception):
    """Nothing is at the path; the message says how far it led."""


@dataclass(frozen=True)
class _Item:
    """The first item of a list whose `field` is `text`."""

    field: str
    text: str


Path = tuple[str | int | _Item, ...]


def parse_path(text: str) -> Path:
    """The parts of a path. ValueError where it is none."""
    if not text or not _PATH.match(text):
        raise ValueError(f"{text!r} is no path: write data.card.id, results[0], columns[name=Done].id, or $ for all of it")
    return tuple(_parts(text.removeprefix("$")))


def _parts(text: str) -> Iterator[str | int | _Item]:
    for part in _PART.finditer(text):
        if part["index"] is not None:
            yield int(part["index"])
        elif part["field"] is not None:
            yield _Item(part["field"], part["text"])
        else:
            yield part["key"]


def value_at(value: Any, text: str) -> Any:
    """What is at the path; NoSuchValue where nothing is."""
    for part in parse_path(text):
        try:
            value = _step(value, part)
        except (LookupError, TypeError):
            raise NoSuchValue(f"there is no {text} in it: {_told(part)} isn't in {shortened(value, _SHOWN)}") from None
    return value


def _step(value: Any, part: str | int | _Item) -> Any:
    match part, value:
        case _Item(field=field, text=text), list():
            found = [item for item in value if isinstance(item, dict) and field in item and _as_text(item[field]) == text]
            return found[0]
        case int(), list():
            return value[part]
        case str(), dict():
            return value[part]
        case _:
            raise LookupError(part)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _told(part: str | int | _Item) -> str:
    return f"[{part.field}={part.text}]" if isinstance(part, _Item) else f"[{part}]" if isinstance(part, int) else part


def shortened(value: Any, most: int) -> str:
    """The value as JSON on one line, cut after so many characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else f"{text[: most - 1]}…"
