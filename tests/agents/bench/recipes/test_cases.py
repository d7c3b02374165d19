"""Every recipe on many pieces of code: what becomes of it to the byte, what is refused and why, and that a second time changes nothing."""

import ast
from functools import cache
from itertools import chain

import pytest

from agents.bench.recipes import batch_queries, cache_pure, gather_sends, unblock
from agents.bench.recipes.recipe import Attempt, Place, Recipe
from tests.agents.bench.recipes.cases import Case, read_cases

_RECIPES = [
    (gather_sends.RECIPE, gather_sends.CODE),
    (unblock.RECIPE, ""),
    (cache_pure.RECIPE, ""),
    (batch_queries.RECIPE, batch_queries.CODE),
]
CASES = list(chain.from_iterable([(recipe, case) for case in read_cases(recipe.name, helper)] for recipe, helper in _RECIPES))
each_case = pytest.mark.parametrize(("recipe", "case"), CASES, ids=[f"{recipe.name}: {case.name}" for recipe, case in CASES])


@cache
def attempt(recipe: Recipe, text: str, place: Place) -> Attempt:
    return recipe.attempt(text, place)


@each_case
def test_becomes_what_the_case_says_and_tells_what_it_refuses(recipe: Recipe, case: Case) -> None:
    made = attempt(recipe, case.before, case.place)
    assert made.text == case.after
    assert made.refused == case.refused
    assert bool(made.done) == (case.after != case.before)


@each_case
def test_the_result_is_python_and_a_second_time_changes_nothing(recipe: Recipe, case: Case) -> None:
    ast.parse(case.after)
    assert attempt(recipe, case.after, case.place).text == case.after


@pytest.mark.parametrize(("recipe", "case"), [(recipe, case) for recipe, case in CASES if case.after != case.before])
def test_other_line_ends_indents_and_a_byte_order_mark_stay(recipe: Recipe, case: Case) -> None:
    """The same code in another dress comes out in that dress."""
    assert attempt(recipe, dressed(case.before), case.place).text == dressed(case.after)


def dressed(text: str) -> str:
    return "\ufeff" + text.replace("\n", "\r\n").replace("    ", "\t")


@pytest.mark.parametrize("recipe", [recipe for recipe, _ in _RECIPES], ids=lambda recipe: recipe.name)
def test_the_same_comes_out_every_time(recipe: Recipe) -> None:
    text = "\n\n".join(case.before for other, case in CASES if other is recipe and not case.before.startswith("from __future__"))
    assert recipe.attempt(text, Place()) == recipe.attempt(text, Place())
