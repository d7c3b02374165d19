"""Paths into JSON, and the placeholders that stand for values."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.bench.errors import Failed
from agents.bench.scripts.assign import assign
from agents.bench.scripts.paths import NoSuchValue, parse_path, value_at
from agents.bench.scripts.values import Values, names_in

STATE = {"columns": [{"id": "c1", "name": "To do"}, {"id": "c2", "name": "Done", "n": 2}], "seq": 7, "odd-key": {"ä": 1}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", STATE),
        ("seq", 7),
        ("$.seq", 7),
        ("columns[0].id", "c1"),
        ("columns[-1].name", "Done"),
        ("columns[name=Done].id", "c2"),
        ("columns[name=To do].id", "c1"),
        ("columns[n=2].id", "c2"),
        ("odd-key.ä", 1),
    ],
)
def test_path_leads_to_its_value(path: str, value: Any) -> None:
    assert value_at(STATE, path) == value


@pytest.mark.parametrize("path", ["", ".seq", "seq.", "columns[x]", "columns[0", "a b", "a..b", "$$"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        parse_path(path)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("columns[5].id", "[5] isn't in [{"),
        ("columns[name=Gone].id", "[name=Gone] isn't in [{"),
        ("seq.deeper", "deeper isn't in 7"),
        ("columns.id", "id isn't in [{"),
    ],
)
def test_path_that_leads_nowhere_says_how_far_it_led(path: str, told: str) -> None:
    with pytest.raises(NoSuchValue) as refused:
        value_at(STATE, path)
    assert f"there is no {path} in it: {told}" in str(refused.value)


@settings(max_examples=30, deadline=None)
@given(
    st.recursive(
        st.integers(), lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.sampled_from(["a", "b", "key"]), inner, min_size=1)
    )
)
def test_path_of_every_value_leads_to_it(value: Any) -> None:
    path, here = "$", value
    while isinstance(here, list | dict):
        key = next(iter(here)) if isinstance(here, dict) else len(here) - 1
        path, here = f"{path}.{key}" if isinstance(here, dict) else f"{path}[{key}]", here[key]
        assert value_at(value, path) == here


def test_placeholder_alone_keeps_the_kind_of_its_value() -> None:
    values = Values({"n": 3, "card": {"id": "c1", "labels": ["a"]}})
    assert values.fill({"n": "{n}", "all": "{card}", "id": "{card.id}", "label": "{card.labels[0]}", "text": "card {card.id} #{n}"}) == {
        "n": 3,
        "all": {"id": "c1", "labels": ["a"]},
        "id": "c1",
        "label": "a",
        "text": "card c1 #3",
    }


@pytest.mark.parametrize("text", ['{"a": {"b": 1}}', "{", "{}", "a{8}", "{not json", "{A}", "{ n }", r"^[0-9a-f]{8}$"])
def test_other_braces_stay_as_they_are(text: str) -> None:
    assert Values({"n": 1}).fill(text) == text


def test_doubled_braces_are_the_name_itself() -> None:
    assert Values({"n": 1}).fill("{{n}} {n} {{card.id}}") == "{n} 1 {card.id}"
    assert list(names_in("{{n}}")) == []


def test_unique_is_one_text_per_play_and_uuid_new_at_each_use() -> None:
    values = Values({})
    assert values.fill("{unique}") == values.copy().fill("{unique}") != Values({}).fill("{unique}")
    one, other = values.fill(["{uuid}", "{uuid}"])
    assert UUID(one) != UUID(other)


@pytest.mark.parametrize(("text", "told"), [("{gone}", "no value is called gone"), ("x {card.no}", "{card.no}: there is no")])
def test_value_that_isnt_there_is_told(text: str, told: str) -> None:
    with pytest.raises(Failed) as failed:
        Values({"card": {"id": 1}}).fill(text)
    assert failed.value.message.startswith(told)


def test_names_are_found_with_their_places() -> None:
    assert list(names_in({"a": ["x", "{n} {card.id}"], "b": 1})) == [(("a", 1), "n"), (("a", 1), "card")]


# -- assigning -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 5), st.integers(0, 5), st.data())
def test_as_many_wishes_get_an_item_as_can(wishes: int, items: int, data: st.DataObject) -> None:
    fits = {(wish, item) for wish in range(wishes) for item in range(items) if data.draw(st.booleans())}
    found = assign(wishes, items, lambda wish, item: (wish, item) in fits)
    given_ = [(wish, item) for wish, item in enumerate(found) if item is not None]
    assert set(given_) <= fits
    assert len({item for _, item in given_}) == len(given_)
    assert len(given_) == most(wishes, items, fits)


def most(wishes: int, items: int, fits: set[tuple[int, int]], taken: frozenset[int] = frozenset()) -> int:
    """The greatest number of wishes that can be answered, by trying all ways."""
    if not wishes:
        return 0
    ways = [1 + most(wishes - 1, items, fits, taken | {item}) for item in range(items) if item not in taken and (wishes - 1, item) in fits]
    return max([most(wishes - 1, items, fits, taken), *ways])
