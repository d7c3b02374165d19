"""Files that people write: what they may say, and that every mistake is told with its line and column."""

import json
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from agents.bench.documents import parse_document
from agents.bench.errors import BadFile
from agents.bench.files import Section, load, parse, texts


class Wheel(Section):
    kind: Literal["wheel"]
    size: Annotated[int, Field(ge=1)]


class Sail(Section):
    kind: Literal["sail"]
    cloth: str


class Cart(Section):
    name: str
    port: Literal["auto"] | int = "auto"
    parts: list[Annotated[Wheel | Sail, Field(discriminator="kind")]] = Field(default_factory=list)
    labels: dict[Annotated[str, Field(pattern="^[a-z]+$")], str] = Field(default_factory=dict)


def refusal(text: str) -> list[str]:
    """All problems told of a cart."""
    with pytest.raises(BadFile) as refused:
        parse(text, Cart, name="cart.yaml")
    return [refused.value.message, *refused.value.details]


def test_yaml_and_json_say_the_same() -> None:
    said = parse("name: tumbril\nparts:\n- {kind: wheel, size: 3}\n", Cart)
    assert said == parse('{"name": "tumbril", "parts": [{"kind": "wheel", "size": 3}]}', Cart)
    assert said.parts == [Wheel(kind="wheel", size=3)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: x\ncolour: red\n", "cart.yaml:2:1: colour: there is no such key"),
        ("name: [x]\n", "cart.yaml:1:7: name: Input should be a valid string"),
        ("name: x\nparts:\n- kind: wheel\n  size: 0\n", "cart.yaml:4:9: parts.0.size: Input should be greater than or equal to 1"),
        ("name: x\nparts:\n- kind: sail\n  colour: red\n", "cart.yaml:3:3: parts.0: cloth: this key is missing"),
        ("name: x\nparts: [{kind: oar}]\n", "cart.yaml:2:9: parts.0: Input tag 'oar' found using 'kind'"),
        ("name: x\nlabels:\n  B2: y\n", "cart.yaml:3:3: labels.B2: String should match pattern"),
        ("name: x\nname: y\n", "cart.yaml:2:1: name: this key comes twice"),
        ("name: x\n? [a]\n: y\n", "cart.yaml:2:3: a key is a text"),
        ("name: !!python/object:os.system x\n", "cart.yaml:1:7: a tag that isn't used here"),
        ("name: &a [*a]\n", "this contains itself"),
        ("name: 1e999\n", "cart.yaml:1:7: a number that is too large"),
        (f"name: 1{'0' * 400}\n", "cart.yaml:1:7: a number that is too large"),
        ("name: x\n  port: 1\n", "cart.yaml:2:7: mapping values are not allowed in this context"),
        ("name: 'x\n", "cart.yaml:2:1: found unexpected end of stream"),
        ("name: x\x07\n", "cart.yaml:1:8: a character that no YAML may have"),
        ("name: x\n---\nname: y\n", "cart.yaml:2:1: but found another document"),
        ("", "cart.yaml: this is a mapping of keys to values"),
        ("- name\n", "cart.yaml:1:1: this is a mapping of keys to values"),
    ],
)
def test_mistake_is_told_with_its_place(text: str, problem: str) -> None:
    assert problem in refusal(text)[0]


def test_all_mistakes_are_told_in_the_order_of_the_text() -> None:
    told = refusal("colour: red\nparts:\n- {kind: wheel, size: 0}\n- {kind: sail}\n")
    assert [each.split(": ")[0] for each in told] == ["cart.yaml:1:1", "cart.yaml:1:1", "cart.yaml:3:23", "cart.yaml:4:3"]


def test_alternatives_of_one_value_are_one_mistake() -> None:
    [told] = refusal("name: x\nport: other\n")
    assert told.startswith("cart.yaml:2:7: port: Input should be 'auto' – or: Input should be a valid integer")


def test_no_more_than_twenty_mistakes_are_told() -> None:
    told = refusal("name: x\n" + "".join(f"key{number}: 1\n" for number in range(30)))
    assert len(told) == 21
    assert told[-1] == "and 10 more"


@pytest.mark.parametrize("word", ["yes", "on", "2026-01-01", "12:30", "1_000", "0x1F", ".inf", "<<", "null1"])
def test_words_that_json_has_no_value_for_are_texts(word: str) -> None:
    assert parse_document(f"key: {word}").value == {"key": word}


def test_keys_are_texts() -> None:
    assert parse_document("{1: a, true: b, null: c, 2.5: d}").value == {"1": "a", "true": "b", "null": "c", "2.5": "d"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.lists, max_leaves=20))
def test_numbers_are_read_as_json_reads_them(value: object) -> None:
    assert parse_document(json.dumps(value)).value == value


def test_repeated_anchors_may_not_blow_up_a_file() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]" for number in range(1, 9)]
    with pytest.raises(BadFile, match="more than 100,000 values"):
        parse_document("\n".join(lines))


@pytest.mark.parametrize("text", ["[" * 400_000, "- " * 100_000, "[" * 65 + "]" * 65])
def test_what_is_nested_too_deep_is_refused_before_it_ends_the_process(text: str) -> None:
    with pytest.raises(BadFile, match="nested deeper than 64 levels"):
        parse_document(text)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "can't be read: No such file or directory."),
        (b"\xff\xfe\x00", "isn't UTF-8 text."),
        (b"a" * 1_000_001, "is longer than 1,000,000 bytes."),
    ],
)
def test_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "cart.yaml").write_bytes(content)
    with pytest.raises(BadFile) as refused:
        load(tmp_path / "cart.yaml", Cart)
    assert refused.value.message == f"{tmp_path / 'cart.yaml'} {problem}"


def test_texts_are_those_of_values_at_any_depth() -> None:
    assert list(texts({"key": ["a", {"b": "c"}, 1, None], "d": "e"})) == ["a", "c", "e"]
