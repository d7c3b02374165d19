"""JSON Schemas from outside: what is taken, what is refused where, and that none of them costs much."""

import time
from itertools import pairwise
from typing import Any

import pytest

from project.schemas import check_schema, check_value

OBJECT: dict[str, Any] = {"type": "object"}


def doubling(levels: int) -> dict[str, Any]:
    """A schema of 2 ** levels parts in a few lines."""
    names = [f"d{level}" for level in range(levels)]
    defs: dict[str, Any] = {name: {"allOf": [{"$ref": f"#/$defs/{after}"}] * 2} for name, after in pairwise(names)}
    return {**OBJECT, "$defs": {**defs, names[-1]: {"minLength": 1}}, "$ref": f"#/$defs/{names[0]}"}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
        {"type": "object", "properties": {"pattern": {"type": "string"}, "$ref": {"type": "integer"}}, "required": ["pattern"]},
        {"type": "object", "properties": {"id": {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}$"}}},
        {
            "$defs": {"Point": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]}},
            "items": {"$ref": "#/$defs/Point"},
        },
        {"enum": [{"$ref": "http://example.org/"}], "default": {"patternProperties": 1}},
    ],
)
def test_usual_schemas_are_taken(schema: Any) -> None:
    assert check_schema(schema) == {}


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "objekt"}, "type"),
        ({"type": "object", "properties": {"a": {"type": "strin"}}}, "properties.a.type"),
        ({"minLength": -1}, "minLength"),
        ({"required": "a"}, "required"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema"),
        ({"properties": {"a": {"$ref": "https://example.org/schema.json"}}}, "properties.a.$ref"),
        ({"items": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "(a+)+$"}}, "items.$schema"),
        ({"$defs": {"a": {"not": {"$schema": "https://json-schema.org/draft/2020-12/schema"}}}}, "$defs.a.not.$schema"),
        ({"$ref": "file:///etc/passwd"}, "$ref"),
        ({"$ref": "#/$defs/none"}, "$ref"),
        ({"$ref": "#"}, "$ref"),
        ({"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}, "$defs.a.items.$ref"),
        ({"$id": "https://example.org/a"}, "$id"),
        ({"$dynamicRef": "#a"}, "$dynamicRef"),
        ({"patternProperties": {"(a+)+$": {}}}, "patternProperties"),
        ({"properties": {"a": {"pattern": "(?=a)b"}}}, "properties.a.pattern"),
        ({"pattern": r"(a)\1"}, "pattern"),
        ({"pattern": r"(\w{30}){30}"}, "pattern"),
        ({"pattern": "a" * 101}, "pattern"),
        ({"description": "x" * 8_000}, ""),
        (doubling(16), ""),
    ],
)
def test_schema_is_refused_where_it_is_wrong(schema: Any, path: str) -> None:
    problems = check_schema(schema)
    assert [path in each for each in problems] == [True], problems
    assert all(messages[0] for messages in problems.values())


def test_nesting_is_bounded() -> None:
    deep: dict[str, Any] = {}
    for _ in range(600):
        deep = {"not": deep}
    assert check_schema(deep)


def test_values_are_told_what_is_wrong_by_path() -> None:
    point = {"type": "object", "properties": {"x": {"type": "integer", "minimum": 1}}, "required": ["x"], "additionalProperties": False}
    schema = {"type": "object", "properties": {"points": {"type": "array", "items": point}}, "required": ["points"]}
    assert check_value(schema, {"points": [{"x": 1}]}, path="result") == {}
    assert set(check_value(schema, {"points": [{"x": 0}, {"x": 1, "y": 2}]}, path="result")) == {"result.points.0.x", "result.points.1"}
    assert set(check_value(schema, {}, path="result")) == {"result"}
    assert set(check_value(schema, None, path="result")) == {"result"}


def test_patterns_hold_and_never_backtrack() -> None:
    schema = {"type": "string", "pattern": "^(a+)+$"}
    assert check_schema(schema) == {}
    began = time.process_time()
    assert check_value(schema, "a" * 50_000 + "!", path="result")
    assert not check_value(schema, "aaa", path="result")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (doubling(8), {}),
        ({"items": {"allOf": [{"anyOf": [{"type": "string"}, {"minimum": 5}]}] * 60}}, [1] * 400),
        ({"uniqueItems": True}, [[n, [n]] for n in range(150)]),
        ({"multipleOf": 1e-300}, 10**400),
        ({"items": {"pattern": r"\w{100}"}}, ["x" * 99] * 400),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema", "not": {"pattern": "^(a+)+$"}}, "a" * 40 + "!"),
        ({"type": "array"}, [0] * 501),
        ({"$defs": {"a": {"uniqueItems": True}}, "allOf": [{"$ref": "#/$defs/a"}] * 240}, [{"a": n} for n in range(249)]),
        ({"$defs": {"a": {"enum": [*range(1_000, 1_950)]}}, "items": {"allOf": [{"$ref": "#/$defs/a"}] * 40}}, [1] * 498),
        ({"items": {"anyOf": [{"required": [f"{n:03}" for n in range(900)]}]}}, [{}] * 498),
        ({"$defs": {"a": {"pattern": r"\w{100}\d"}}, "allOf": [{"$ref": "#/$defs/a"}] * 200}, "x" * 50_000),
    ],
)
def test_no_check_takes_long(schema: Any, value: Any) -> None:
    check_schema(schema)
    began = time.process_time()
    check_value(schema, value, path="result")
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("items", "is_right"),
    [
        ([1, True, "1", [1], {"a": 1}, {"a": True}, [True], None, "None"], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], False),
        ([[], {}], True),
    ],
)
def test_items_differ_as_json_does(items: list[object], is_right: bool) -> None:
    assert check_value({"uniqueItems": True}, items, path="result") == ({} if is_right else {"result": ["Two of these are the same."]})


def test_only_the_first_problems_are_told() -> None:
    schema = {"items": {"required": [f"{n:03}" for n in range(100)]}}
    assert sum(map(len, check_value(schema, [{}] * 100, path="result").values())) == 50


def test_value_of_too_many_parts_is_refused() -> None:
    assert check_value({}, [0] * 501, path="result") == {"result": ["This may have 500 values at most."]}
