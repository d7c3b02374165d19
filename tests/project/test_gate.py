"""The input gate: what comes in is JSON of bounded size and shape, clean text, and nothing else."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.errors import Invalid, TooLarge
from project.gate import parse_json, validate
from project.wire import Id, Payload, Said, Title

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text("abcäß 1\n"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_plain_json_comes_through_unchanged(value: object) -> None:
    assert parse_json(json.dumps(value)) == value


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_anything_else_is_refused_and_never_a_defect(raw: bytes | str) -> None:
    with contextlib.suppress(Invalid, TooLarge):
        parse_json(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "NaN",
        "-Infinity",
        "1e400",
        "9007199254740993",
        "9" * 5000,
        '{"a":1,"a":2}',
        '"\\u0000"',
        '"\\ud800"',
        '{"\\u0000":1}',
        b'"\xff"',
        "[" * 33 + "]" * 33,
        "[" * 100_000,
        "[" + "0," * 600 + "0]",
        '{"a":' * 100_000,
    ],
    ids=lambda raw: repr(raw)[:20],
)
def test_hostile_json_is_refused(raw: str | bytes) -> None:
    with pytest.raises((Invalid, TooLarge)):
        parse_json(raw, max_bytes=2_000_000)


def test_size_is_counted_in_bytes() -> None:
    assert parse_json('"' + "ä" * 10 + '"', max_bytes=22) == "ä" * 10
    with pytest.raises(TooLarge):
        parse_json('"' + "ä" * 10 + '"', max_bytes=21)


def test_brackets_inside_strings_do_not_count() -> None:
    assert parse_json(json.dumps("[" * 1000 + '"\\')) == "[" * 1000 + '"\\'


def test_text_is_normalised_to_nfc_and_line_feeds() -> None:
    assert parse_json('"e\\u0301\\r\\nx\\ry"') == "é\nx\ny"


class Sample(Payload):
    id: Id
    title: Title
    content: Said = "x"
    count: int = 0


GOOD = {"id": "0192f0c1-2345-7abc-8def-0123456789ab", "title": " Launch "}


def test_title_is_trimmed() -> None:
    assert validate(Sample, GOOD).title == "Launch"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "0192F0C1-2345-7ABC-8DEF-0123456789AB"}, "id"),
        ({"id": "{0192f0c1-2345-7abc-8def-0123456789ab}"}, "id"),
        ({"id": 5}, "id"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"title": None}, "title"),
        ({"content": "\n"}, "content"),
        ({"content": "x" * 16_001}, "content"),
        ({"count": "1"}, "count"),
        ({"count": True}, "count"),
        ({"count": 1.0}, "count"),
        ({"other": 1}, "other"),
    ],
)
def test_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        validate(Sample, {**GOOD, **change})
    assert list(refused.value.fields or {}) == [field]


def test_lengths_count_code_points() -> None:
    assert validate(Sample, {**GOOD, "title": "🙂" * 300}).title == "🙂" * 300
