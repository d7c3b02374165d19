"""Patterns of JSON: what a message must be like, and what is different where it isn't.

A plain value matches an equal one. A mapping matches one that has at least these keys, each with what matches; a list matches
one with as many items, each matching. A mapping of `$` words (operators.py) asks for more, and all of them must hold:
{$type: uuid}, {$regex: "^a"}, {$min: 1, $max: 5}.
"""

import re
from collections.abc import Iterator
from typing import Any

from agents.bench.errors import Failed
from agents.bench.scripts.difference import NOTHING, Difference, Exactly, below, differs, equal, plain, shown
from agents.bench.scripts.operators import OPERATORS
from agents.bench.scripts.values import Values, is_placeholder, names_in

_ABSENT = "$absent"
Loc = tuple[int | str, ...]


def matches(pattern: Any, value: Any) -> bool:
    """Whether the value is as the pattern asks."""
    return next(differences(pattern, value), None) is None


def differences(pattern: Any, value: Any, path: str = "") -> Iterator[Difference]:
    """Every place where the value isn't as the pattern asks; none where it matches. Failed where a filled-in argument can't be used."""
    match pattern, value:
        case Exactly(value=wanted), _:
            if not equal(wanted, value):
                yield from differs(path, pattern, value)
        case dict(), _ if _is_asking(pattern):
            for word, argument in pattern.items():
                yield from _of_word(word, argument, value, path)
        case dict(), dict():
            yield from _of_mapping(pattern, value, path)
        case list(), list():
            yield from _of_list(pattern, value, path)
        case _:
            if not equal(pattern, value):
                yield from differs(path, pattern, value)


def _of_word(word: str, argument: Any, value: Any, path: str) -> Iterator[Difference]:
    operator = OPERATORS[word]
    if not operator.is_right(plain(argument)):
        raise Failed(f"{word} takes {operator.takes}, and was given {shown(argument)}")
    yield from operator.compare(argument, value, path, differences)


def _of_mapping(pattern: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[Difference]:
    for key, wanted in pattern.items():
        place = below(path, key)
        if isinstance(wanted, dict) and _ABSENT in wanted:
            if key in value:
                yield Difference(place, NOTHING, shown(value[key]))
        elif key not in value:
            yield Difference(place, shown(wanted), NOTHING)
        else:
            yield from differences(wanted, value[key], place)


def _of_list(pattern: list[Any], value: list[Any], path: str) -> Iterator[Difference]:
    for index, (wanted, item) in enumerate(zip(pattern, value, strict=False)):
        yield from differences(wanted, item, below(path, index))
    for index in range(len(value), len(pattern)):
        yield Difference(below(path, index), shown(pattern[index]), NOTHING)
    for index in range(len(pattern), len(value)):
        yield Difference(below(path, index), NOTHING, shown(value[index]))


def _is_asking(pattern: dict[str, Any]) -> bool:
    return any(key in OPERATORS for key in pattern)


def filled(pattern: Any, values: Values) -> Any:
    """The pattern with its placeholders replaced. What they stand for is matched exactly, also inside a regular expression."""
    if isinstance(pattern, str):
        found = values.fill(pattern)
        return Exactly(found, pattern) if is_placeholder(pattern) else found
    if isinstance(pattern, dict):
        return {key: values.text(each, quote=re.escape) if _is_regex(key, each) else filled(each, values) for key, each in pattern.items()}
    return [filled(each, values) for each in pattern] if isinstance(pattern, list) else pattern


def _is_regex(key: str, argument: Any) -> bool:
    return key == "$regex" and isinstance(argument, str)


def mistakes(pattern: Any, at: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """What is wrong with a pattern as it is written, each with its place. Arguments with placeholders are seen once these are filled."""
    if isinstance(pattern, list):
        for index, each in enumerate(pattern):
            yield from mistakes(each, (*at, index))
    elif isinstance(pattern, dict):
        words = [key for key in pattern if key.startswith("$")]
        if words and len(words) < len(pattern):
            yield at, f"{words[0]} stands beside plain keys: put both into $all_of"
            return
        for key, each in pattern.items():
            yield from _mistakes_of_word(key, each, (*at, key)) if words else mistakes(each, (*at, key))


def _mistakes_of_word(word: str, argument: Any, at: Loc) -> Iterator[tuple[Loc, str]]:
    operator = OPERATORS.get(word)
    if operator is None:
        yield at, f"there is no {word}; there are {', '.join(OPERATORS)}, and $exactly for a key that begins with $"
    elif operator.inner == "none" and next(names_in(argument), None) is not None:
        return
    elif not operator.is_right(argument):
        yield at, f"{word} takes {operator.takes}"
    elif operator.inner != "none":
        yield from mistakes(argument, at)
