"""JSON Schemas from outside (draft 2020-12): checked before they are kept, and never able to cost much when values are held to them.

A schema is hostile input. It may refer to itself only through `$defs` and without circles, patterns run on an engine whose time is
linear, and what a check may do is counted.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache, lru_cache
from itertools import islice
from typing import Annotated, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pydantic import StringConstraints, TypeAdapter
from pydantic import ValidationError as PatternMismatch
from pydantic_core import SchemaError as PatternError
from referencing import Registry

from project.errors import Fields, Invalid
from project.limits import limits

_MANY: Mapping[str, Callable[[Any], Iterable[tuple[str, Any]]]] = {
    **dict.fromkeys(("properties", "$defs", "definitions", "dependentSchemas"), lambda value: value.items()),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), lambda value: ((str(place), each) for place, each in enumerate(value))),
}
"""The keywords that hold several schemas, and how they are told apart."""

_ONE = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else", "contentSchema")
_REFUSED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "patternProperties", "unevaluatedItems", "unevaluatedProperties")
_DEFINITIONS = ("$defs", "definitions")
_DIALECTS = {"https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2020-12/schema#"}

_NOWHERE: Registry[Any] = Registry()
"""Where a $ref may look beyond the schema itself: nothing is fetched."""

_MOST_PROBLEMS = 50
# What one step may look at: about what a step of the cheap keywords costs.
_STEP = 4

_WORK: Mapping[str, Callable[[Any, Any], int]] = {
    "enum": lambda value, _: len(value),
    # Each name may be a problem to be told, even where `anyOf` then drops it.
    "required": lambda value, _: _STEP * len(value),
    "dependentRequired": lambda value, _: _STEP * sum(map(len, value.values())),
    "pattern": lambda _, instance: len(instance) if isinstance(instance, str) else 0,
    "uniqueItems": lambda _, instance: len(instance) if isinstance(instance, list) else 0,
}
"""How much the keywords look at that are done in one step, however long they are."""

_COUNTED = re.compile(r"(\)?)\{(\d+)(?:,(\d*))?\}")

_steps_left: ContextVar[int] = ContextVar("steps_left")


class _TooMuch(Exception):
    """The check has done all it may."""


def check_schema(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a schema, per path in it; empty when it can be used."""
    if len(json.dumps(schema)) > limits().schema_chars:
        return {"": [f"A schema has {limits().schema_chars:,} characters at most."]}
    if schema.get("$schema", min(_DIALECTS)) not in _DIALECTS:
        return {"$schema": ["Only draft 2020-12 is taken: leave $schema out."]}
    try:
        for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
            return {_path(error): [error.message[:300]]}
        return _Walk(schema).problems()
    except RecursionError:
        return {"": ["This schema is nested too deep."]}


def check_value(schema: Mapping[str, Any], value: object, *, path: str) -> Fields:
    """What is wrong with a value, by a schema that was checked: messages per path, which begins with `path`."""
    token = _steps_left.set(limits().schema_steps)
    try:
        if _size(value) > limits().json_nodes:
            return {path: [f"This may have {limits().json_nodes} values at most."]}
        problems: dict[str, list[str]] = {}
        bare = {keyword: each for keyword, each in schema.items() if keyword != "$schema"}
        for error in islice(_counting()(bare, registry=_NOWHERE).iter_errors(value), _MOST_PROBLEMS):
            problems.setdefault(".".join([path, *map(str, error.absolute_path)]), []).append(error.message[:300])
        return problems
    except (_TooMuch, RecursionError, ArithmeticError):
        return {path: ["Holding this to the schema takes too long."]}
    finally:
        _steps_left.reset(token)


def require_value(schema: Mapping[str, Any], value: object, *, path: str, message: str) -> None:
    """Invalid, with the messages per path, for a value that does not fit the schema."""
    problems = check_value(schema, value, path=path)
    if problems:
        raise Invalid(message, fields=problems)


class _Walk:
    """One look at every part of a schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._sizes: dict[str, int] = {}

    def problems(self) -> dict[str, list[str]]:
        try:
            size = self._measure(self._root, "", ())
        except _Refused as refusal:
            return {refusal.path: [refusal.message]}
        if size > limits().schema_parts:
            return {"": [f"With its references followed, a schema has {limits().schema_parts} parts at most."]}
        return {}

    def _measure(self, part: Any, path: str, within: tuple[str, ...]) -> int:
        """How many schemas there are in this one, those it refers to counted each time."""
        if not isinstance(part, Mapping):
            return 1
        # A $schema inside would have its part checked by another draft's validator, which counts nothing and backtracks.
        for keyword in _REFUSED if part is self._root else ("$schema", *_REFUSED):
            if keyword in part:
                raise _Refused(_join(path, keyword), f"{keyword} isn't taken here.")
        if "pattern" in part:
            self._check_pattern(part["pattern"], _join(path, "pattern"))
        size = 1 + sum(self._measure(each, where, within) for where, each in _parts(part, path))
        return size + (self._follow(part["$ref"], _join(path, "$ref"), within) if "$ref" in part else 0)

    def _follow(self, ref: str, path: str, within: tuple[str, ...]) -> int:
        start, _, name = ref.removeprefix("#/").partition("/")
        target = self._root.get(start, {}).get(name) if ref.startswith("#/") and start in _DEFINITIONS else None
        if target is None:
            raise _Refused(path, "A $ref leads to #/$defs/… of the same schema, nowhere else.")
        if ref in within:
            raise _Refused(path, "A schema must not contain itself.")
        if ref not in self._sizes:
            self._sizes[ref] = self._measure(target, f"{start}.{name}", (*within, ref))
        return self._sizes[ref]

    def _check_pattern(self, pattern: str, path: str) -> None:
        if len(pattern) > limits().schema_pattern_chars or _repeats(pattern) > limits().schema_pattern_repeats:
            raise _Refused(path, "This pattern is too large.")
        try:
            _matcher(pattern)
        except PatternError as error:
            raise _Refused(path, "This pattern can't be used: look-around and back-references aren't taken.") from error


class _Refused(Exception):
    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(message)


def _parts(part: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for keyword, items in _MANY.items():
        for name, each in items(part[keyword]) if keyword in part else ():
            yield _join(path, keyword, name), each
    for keyword in _ONE:
        if keyword in part:
            yield _join(path, keyword), part[keyword]


def _join(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _path(error: ValidationError) -> str:
    return ".".join(map(str, error.absolute_path))


def _repeats(pattern: str) -> int:
    """About how many copies of its parts the engine makes of a pattern: {n} repeats a part, and behind a bracket all that is in it."""
    parts, groups = 1, 1
    for bracket, least, most in _COUNTED.findall(pattern):
        count = int(most or least)
        parts, groups = (parts, groups * max(1, count)) if bracket else (parts + count, groups)
    return parts * groups


def _size(value: object) -> int:
    """Counted as the gate counts: brackets and what stands between commas."""
    inside: Iterable[object] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_size(each) for each in inside)


@lru_cache(maxsize=64)
def _matcher(pattern: str) -> TypeAdapter[str]:
    """Matches in linear time: pydantic's patterns run on Rust's engine, which never backtracks."""
    return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])


def _match(validator: Any, pattern: str, instance: object, schema: object) -> Iterator[ValidationError]:
    del validator, schema
    if not isinstance(instance, str):
        return
    try:
        _matcher(pattern).validate_python(instance)
    except PatternMismatch:
        yield ValidationError(f"This does not match the pattern {pattern!r}.")


def _differ(validator: Any, is_wanted: bool, instance: object, schema: object) -> Iterator[ValidationError]:
    """The keyword uniqueItems in linear time: the library compares each with each where they can't be sorted."""
    del validator, schema
    if is_wanted and isinstance(instance, list) and len(set(map(_hashable, instance))) < len(instance):
        yield ValidationError("Two of these are the same.")


def _hashable(value: object) -> object:
    """Equal for equal JSON: 1 is 1.0, and neither is true."""
    match value:
        case bool():
            return ("bool", value)
        case list():
            return ("list", *map(_hashable, value))
        case dict():
            return ("dict", frozenset((name, _hashable(each)) for name, each in value.items()))
        case _:
            return value


@cache
def _counting() -> Any:
    """The validator of the draft, each of whose steps is counted."""
    keywords = {**Draft202012Validator.VALIDATORS, "pattern": _match, "uniqueItems": _differ}
    counted = {name: _counted(check, _WORK.get(name)) for name, check in keywords.items()}
    return extend(Draft202012Validator, counted)  # type: ignore[no-untyped-call]  # untyped in the stubs


def _counted(check: Any, work: Callable[[Any, Any], int] | None) -> Any:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        left = _steps_left.get() - 1 - (work(value, instance) // _STEP if work else 0)
        if left < 0:
            raise _TooMuch
        _steps_left.set(left)
        return check(validator, value, instance, schema)

    return counted
