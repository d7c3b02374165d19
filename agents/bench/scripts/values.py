"""Named values of a play, and the {placeholders} of a script that stand for them.

`{card}` and `{card.id}` are replaced in every text; a text that is nothing but one placeholder becomes the value itself, a number
stays a number. `{unique}` is a short text that no other play has, `{uuid}` a new UUID at each use. `{{card}}` is the text {card}.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from agents.bench.errors import Failed
from agents.bench.scripts.paths import NoSuchValue, value_at

_NAME = r"[a-z][a-z0-9_]*"
_PLACEHOLDER = re.compile(rf"\{{\{{(?P<literal>{_NAME}[^{{}}\s]*)\}}\}}|\{{(?P<name>{_NAME})(?P<path>[.\[][^{{}}\s]*)?\}}")

_MOST_CHARACTERS = 16_000_000
_OF_A_VALUE = 16
"""What a value counts as, beside the characters of a text: a bound on how many there are."""
_TOO_LARGE = f"with its placeholders filled, this is larger than {_MOST_CHARACTERS:,} characters"

BUILT_IN = frozenset({"unique", "uuid"})


class Values:
    """What names stand for now. Groups of steps that run at the same time each have their own, begun from a copy."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._values = {"unique": uuid4().hex[:8], **given}
        self.saved: dict[str, Any] = {}

    def copy(self) -> "Values":
        """The same names, apart from now on; `saved` is what it has saved itself."""
        return Values(self._values)

    def save(self, values: Mapping[str, Any]) -> None:
        """Name these too."""
        self._values.update(values)
        self.saved.update(values)

    def get(self, name: str, path: str = "") -> Any:
        """The value of a placeholder. Failed where nothing has the name, or its value no such part."""
        if name == "uuid":
            return str(uuid4())
        try:
            value = self._values[name]
            return value_at(value, f"${path}") if path else value
        except KeyError:
            raise Failed(f"no value is called {name}") from None
        except NoSuchValue as error:
            raise Failed(f"{{{name}{path}}}: {error}") from error

    def fill(self, value: Any) -> Any:
        """Plain data with every placeholder replaced; keys stay as they are. Failed where it gets too large."""
        made = self._fill(value)
        _check_size(made)
        return made

    def _fill(self, value: Any) -> Any:
        if isinstance(value, str):
            whole = _PLACEHOLDER.fullmatch(value)
            return self.get(whole["name"], whole["path"] or "") if whole and whole["name"] else self.text(value)
        if isinstance(value, dict):
            return {key: self._fill(each) for key, each in value.items()}
        return [self._fill(each) for each in value] if isinstance(value, list) else value

    def text(self, text: str, *, quote: Callable[[str], str] = str) -> str:
        """A text with its placeholders replaced by texts, each put through `quote`. Failed where it gets too large."""
        size = 0

        def part(found: re.Match[str]) -> str:
            nonlocal size
            put = f"{{{found['literal']}}}" if found["literal"] else quote(as_text(self.get(found["name"], found["path"] or "")))
            size += len(put)
            if size > _MOST_CHARACTERS:
                raise Failed(_TOO_LARGE)
            return put

        return _PLACEHOLDER.sub(part, text)


def _check_size(value: Any) -> None:
    """Failed for more than can be sent or shown, parts that are the same counted as often as they come."""
    left = _MOST_CHARACTERS
    rest = [value]
    while rest:
        each = rest.pop()
        left -= _OF_A_VALUE + (len(each) if isinstance(each, str) else 0)
        if left < 0:
            raise Failed(_TOO_LARGE)
        if isinstance(each, dict):
            rest += [*each, *each.values()]
        elif isinstance(each, list):
            rest += each


def as_text(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a value, whatever kind that has."""
    whole = _PLACEHOLDER.fullmatch(text)
    return whole is not None and bool(whole["name"])


def names_in(value: Any, at: tuple[int | str, ...] = ()) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Every name that plain data asks for, each with its place."""
    if isinstance(value, str):
        for found in _PLACEHOLDER.finditer(value):
            if found["name"]:
                yield at, found["name"]
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from names_in(each, (*at, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from names_in(each, (*at, index))
