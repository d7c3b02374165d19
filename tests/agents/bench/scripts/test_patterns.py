"""Patterns of JSON: laws that hold for every value, and each word by example."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.bench.errors import Failed
from agents.bench.scripts.difference import Difference, equal
from agents.bench.scripts.operators import OPERATORS
from agents.bench.scripts.patterns import differences, filled, matches, mistakes
from agents.bench.scripts.values import Values

KEYS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=4)
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(st.characters(categories=["L"]), max_size=5)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15)
FEW = settings(max_examples=30, deadline=None)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=5)


def found(pattern: Any, value: Any) -> list[Difference]:
    return list(differences(pattern, value))


# -- laws ----------------------------------------------------------------------------------------------------------------


@FEW
@given(JSON)
def test_every_value_matches_itself(value: Any) -> None:
    assert found(value, copy.deepcopy(value)) == []


@FEW
@given(OBJECTS, OBJECTS, st.data())
def test_subset_of_keys_matches_and_more_keys_change_nothing(value: dict[str, Any], more: dict[str, Any], data: st.DataObject) -> None:
    kept = {key for key in value if data.draw(st.booleans())}
    pattern = {key: value[key] for key in kept}
    assert found(pattern, more | value) == []


@FEW
@given(OBJECTS, KEYS, JSON)
def test_key_that_is_missing_is_the_one_difference(value: dict[str, Any], key: str, wanted: Any) -> None:
    value.pop(key, None)
    [difference] = found({**value, key: wanted}, value)
    assert (difference.path, difference.came) == (key, "nothing")


@FEW
@given(JSON, JSON)
def test_exact_matching_is_equality(one: Any, other: Any) -> None:
    assert matches({"$exactly": one}, other) is equal(one, other)
    assert equal(one, other) is equal(other, one)


@FEW
@given(JSON, JSON)
def test_not_is_the_opposite(pattern: Any, value: Any) -> None:
    assert matches({"$not": pattern}, value) is not matches(pattern, value)


@FEW
@given(st.lists(JSON, min_size=1, max_size=4), JSON)
def test_one_of_is_any_and_all_of_is_every(patterns: list[Any], value: Any) -> None:
    assert matches({"$one_of": patterns}, value) is any(matches(each, value) for each in patterns)
    assert matches({"$all_of": patterns}, value) is all(matches(each, value) for each in patterns)


@FEW
@given(st.lists(JSON, min_size=1, max_size=6), st.randoms())
def test_list_contains_each_choice_of_its_items_in_any_order(items: list[Any], random: Any) -> None:
    chosen = random.sample(items, random.randint(1, len(items)))
    assert matches({"$contains": chosen}, items)
    assert not matches({"$contains": [*items, {"$any": True}]}, items)


@FEW
@given(JSON, JSON)
def test_differences_are_told_where_and_only_where_there_is_no_match(pattern: Any, value: Any) -> None:
    told = found(pattern, value)
    assert bool(told) is not matches(pattern, value)
    assert all(difference.lines()[0].startswith("- ") for difference in told)


@FEW
@given(JSON)
def test_saved_value_matches_itself_alone(value: Any) -> None:
    pattern = filled({"was": "{saved}"}, Values({"saved": value}))
    assert matches(pattern, {"was": value})
    assert not matches(pattern, {"was": [value]})


# -- words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ({"$any": True}, [None, 0, {}], []),
        ({"$type": "string"}, ["", "a"], [1, None, ["a"]]),
        ({"$type": "number"}, [1, 1.5, float("inf")], [True, "1"]),
        ({"$type": "integer"}, [1, 2.0, 10**400], [1.5, True, float("inf"), float("nan")]),
        ({"$type": "boolean"}, [True, False], [0, 1]),
        ({"$type": ["null", "object"]}, [None, {}], [[], 0]),
        ({"$type": "uuid"}, ["0190b2c4-7c1e-7d0f-8a55-5f1f1f1f1f1f"], ["0190b2c47c1e7d0f8a555f1f1f1f1f1f", "x", 1]),
        ({"$regex": "^a.c$"}, ["abc"], ["xabc", 5, None]),
        ({"$min": 2}, [2, 9.5], [1, "3", True]),
        ({"$max": 2}, [2, -5], [3, None]),
        ({"$range": [1, 5]}, [1, 3, 5], [0, 6, "3"]),
        ({"$min": 1, "$max": 5}, [1, 5], [0, 6]),
        ({"$length": 2}, ["ab", [1, 2], {"a": 1, "b": 2}], ["abc", [], 2]),
        ({"$length": {"$min": 1}}, ["a"], [""]),
        ({"$exactly": {"a": 1}}, [{"a": 1}, {"a": 1.0}], [{"a": 1, "b": 2}, {"a": True}]),
        ({"$each": {"ok": True}}, [[], [{"ok": True, "n": 1}]], [[{"ok": False}], {"ok": True}]),
        ({"$contains": [1, {"a": 1}]}, [[{"a": 1, "b": 2}, 0, 1]], [[1], 1, "1"]),
        ({"a": {"$absent": True}}, [{}, {"b": 1}], [{"a": None}]),
        ({"$not": {"a": {"$any": True}}}, [{}, 1], [{"a": None}]),
        ([1, {"$any": True}], [[1, 2]], [[1], [1, 2, 3], {"0": 1}]),
        (1, [1, 1.0], [True, "1"]),
        ({"a": {"b": 1}}, [{"a": {"b": 1, "c": 2}}], [{"a": 1}, 5]),
    ],
    ids=str,
)
def test_word_matches_what_it_says(pattern: Any, right: list[Any], wrong: list[Any]) -> None:
    assert list(mistakes(pattern)) == []
    assert [value for value in right if not matches(pattern, value)] == []
    assert [value for value in wrong if matches(pattern, value)] == []


def test_every_word_is_in_the_examples_above() -> None:
    [mark] = [mark for mark in test_word_matches_what_it_says.pytestmark if mark.name == "parametrize"]
    assert {word for word in OPERATORS if word not in str(mark.args)} == {"$one_of", "$all_of"}


def test_difference_names_path_expectation_and_what_came() -> None:
    pattern = {"ok": True, "data": {"cards": [{"n": 1}, {"n": {"$min": 5}}], "seq": 3}}
    came = {"ok": True, "data": {"cards": [{"n": 1}, {"n": 2}, {"n": 3}]}}
    assert [(each.path, each.expected, each.came) for each in differences(pattern, came)] == [
        ("data.cards[1].n", '{"$min": 5}', "2"),
        ("data.cards[2]", "nothing", '{"n": 3}'),
        ("data.seq", "3", "nothing"),
    ]


# -- placeholders --------------------------------------------------------------------------------------------------------


def test_value_with_words_of_patterns_is_matched_as_it_is() -> None:
    pattern = filled({"data": "{saved}"}, Values({"saved": {"$any": True}}))
    assert matches(pattern, {"data": {"$any": True}})
    assert not matches(pattern, {"data": 1})


def test_value_inside_a_regular_expression_is_no_expression() -> None:
    pattern = filled({"$regex": "^{name}!$"}, Values({"name": "a.c"}))
    assert matches(pattern, "a.c!")
    assert not matches(pattern, "abc!")


def test_number_stays_a_number_as_an_argument() -> None:
    pattern = filled({"seq": {"$min": "{seq}"}}, Values({"seq": 5}))
    assert [matches(pattern, {"seq": seq}) for seq in (4, 5, 6)] == [False, True, True]


def test_argument_that_turns_out_wrong_is_told() -> None:
    with pytest.raises(Failed, match=r'\$min takes a number, and was given "x"'):
        matches(filled({"$min": "{seq}"}, Values({"seq": "x"})), 1)


# -- mistakes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "at", "told"),
    [
        ({"a": [{"$regx": "x"}]}, ("a", 0, "$regx"), "there is no $regx; there are $any"),
        ({"$regex": "("}, ("$regex",), "$regex takes a regular expression"),
        ({"$type": "text"}, ("$type",), "$type takes one of string, number"),
        ({"$range": [5, 1]}, ("$range",), "$range takes a list of the least and the greatest"),
        ({"$one_of": []}, ("$one_of",), "$one_of takes a list of 1 to 200 patterns"),
        ({"$not": {"$min": "5"}}, ("$not", "$min"), "$min takes a number"),
        ({"a": {"b": 1, "$min": 1}}, ("a",), "$min stands beside plain keys"),
    ],
)
def test_mistake_in_a_pattern_is_found_at_its_place(pattern: Any, at: tuple[Any, ...], told: str) -> None:
    [(place, message)] = mistakes(pattern)
    assert place == at
    assert message.startswith(told)


def test_arguments_with_placeholders_are_no_mistakes() -> None:
    assert list(mistakes({"$min": "{seq}", "$range": ["{seq}", "{most}"]})) == []
