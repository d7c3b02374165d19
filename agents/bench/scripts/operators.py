"""The `$` words of patterns: what each takes, and what it asks of a value."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from agents.bench.regexes import search
from agents.bench.scripts.assign import assign
from agents.bench.scripts.difference import Difference, below, differs, equal, plain

Compare = Callable[[Any, Any, str], Iterator[Difference]]
"""How one pattern is compared with a value at a path."""


@dataclass(frozen=True)
class Operator:
    """`takes` says in words what its argument is, `is_right` whether one is; `inner` whether that is a pattern or a list of them."""

    takes: str
    is_right: Callable[[Any], bool]
    compare: Callable[[Any, Any, str, Compare], Iterator[Difference]]
    inner: Literal["none", "one", "many"] = "none"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _number,
    "integer": lambda value: _number(value) and value % 1 == 0,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
    "uuid": _uuid,
}


def _is_true(argument: Any) -> bool:
    return argument is True


def _is_type(argument: Any) -> bool:
    names = argument if isinstance(argument, list) else [argument]
    return bool(names) and all(isinstance(name, str) and name in TYPES for name in names)


def _is_regex(argument: Any) -> bool:
    try:
        return isinstance(argument, str) and re.compile(argument) is not None
    except re.error:
        return False


def _is_range(argument: Any) -> bool:
    return isinstance(argument, list) and len(argument) == 2 and all(map(_number, argument)) and argument[0] <= argument[1]


def _is_list(argument: Any) -> bool:
    return isinstance(argument, list) and 1 <= len(argument) <= 200


def _if(holds: Callable[[Any, Any], bool], word: str) -> Callable[[Any, Any, str, Compare], Iterator[Difference]]:
    """An operator that either holds of a value or doesn't."""

    def compare(argument: Any, value: Any, path: str, _: Compare) -> Iterator[Difference]:
        if not holds(plain(argument), value):
            yield from differs(path, {word: argument}, value)

    return compare


def _has_type(argument: Any, value: Any) -> bool:
    return any(TYPES[name](value) for name in (argument if isinstance(argument, list) else [argument]))


def _length(argument: Any, value: Any, path: str, compare: Compare) -> Iterator[Difference]:
    if isinstance(value, str | list | dict):
        yield from compare(argument, len(value), f"length of {path or '$'}")
    else:
        yield from differs(path, {"$length": argument}, value)


def _not(argument: Any, value: Any, path: str, compare: Compare) -> Iterator[Difference]:
    if next(compare(argument, value, path), None) is None:
        yield from differs(path, {"$not": argument}, value)


def _one_of(argument: list[Any], value: Any, path: str, compare: Compare) -> Iterator[Difference]:
    if all(next(compare(each, value, path), None) for each in argument):
        yield from differs(path, {"$one_of": argument}, value)


def _all_of(argument: list[Any], value: Any, path: str, compare: Compare) -> Iterator[Difference]:
    for each in argument:
        yield from compare(each, value, path)


def _each(argument: Any, value: Any, path: str, compare: Compare) -> Iterator[Difference]:
    if not isinstance(value, list):
        yield from differs(path, {"$each": argument}, value)
        return
    for index, item in enumerate(value):
        yield from compare(argument, item, below(path, index))


def _contains(argument: list[Any], value: Any, path: str, compare: Compare) -> Iterator[Difference]:
    items = value if isinstance(value, list) else []
    found = assign(len(argument), len(items), lambda wish, item: next(compare(argument[wish], items[item], ""), None) is None)
    missing = [wish for wish, item in zip(argument, found, strict=True) if item is None]
    if missing or not isinstance(value, list):
        yield from differs(path, {"$contains": missing or argument}, value)


OPERATORS: Mapping[str, Operator] = {
    "$any": Operator("true", _is_true, _if(lambda _, __: True, "$any")),
    "$absent": Operator("true, as the value of a key", _is_true, _if(lambda _, __: False, "$absent")),
    "$type": Operator(f"one of {', '.join(TYPES)}, or a list of them", _is_type, _if(_has_type, "$type")),
    "$regex": Operator(
        "a regular expression, found anywhere in a text",
        _is_regex,
        _if(lambda regex, value: isinstance(value, str) and search(re.compile(regex), value), "$regex"),
    ),
    "$min": Operator("a number", _number, _if(lambda least, value: _number(value) and value >= least, "$min")),
    "$max": Operator("a number", _number, _if(lambda most, value: _number(value) and value <= most, "$max")),
    "$range": Operator(
        "a list of the least and the greatest number",
        _is_range,
        _if(lambda ends, value: _number(value) and ends[0] <= value <= ends[1], "$range"),
    ),
    "$length": Operator("a pattern for the length of a text, list or mapping", lambda _: True, _length, "one"),
    "$exactly": Operator("a value", lambda _: True, _if(equal, "$exactly")),
    "$not": Operator("a pattern", lambda _: True, _not, "one"),
    "$one_of": Operator("a list of 1 to 200 patterns", _is_list, _one_of, "many"),
    "$all_of": Operator("a list of 1 to 200 patterns", _is_list, _all_of, "many"),
    "$each": Operator("a pattern for every item of a list", lambda _: True, _each, "one"),
    "$contains": Operator("a list of 1 to 200 patterns, each for an item of its own", _is_list, _contains, "many"),
}
"""Every word by its name. docs/TEST_BENCH.md lists them."""
