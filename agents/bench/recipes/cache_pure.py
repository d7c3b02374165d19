"""A function that is provably pure and costs time keeps its answers: `functools.lru_cache`, bounded, for each type of argument apart."""

import libcst as cst

from agents.bench.recipes.changes import Changes
from agents.bench.recipes.helpers import module_function
from agents.bench.recipes.imports import Need
from agents.bench.recipes.nodes import own
from agents.bench.recipes.purity import uncacheable
from agents.bench.recipes.recipe import Attempt, Place, Recipe
from agents.bench.recipes.source import Source

# A bound, because arguments may come from outside; `typed`, because 1, 1.0 and True are equal but their answers may not be.
_CACHE = "functools.lru_cache(maxsize=1024, typed=True)"
_NEEDS = (Need("functools"),)
_CACHES = {"functools.cache", "functools.lru_cache"}
_REPEATS = (cst.For, cst.While, cst.BaseComp)


def attempt(text: str, place: Place) -> Attempt:
    """The functions at the place, and those of the module they call, with a cache where they repeat or go deep."""
    source = Source(text)
    changes = Changes(source)
    for function in _candidates(source, place):
        reason = uncacheable(source, function)
        if reason:
            changes.refuse(function, reason)
        else:
            changes.change(function, {function: _cached}, "keeps its answers", _NEEDS)
    return changes.attempt()


def _candidates(source: Source, place: Place) -> list[cst.FunctionDef]:
    named = [each for each in source.all(cst.FunctionDef) if source.is_at(each, place)]
    called = [module_function(source, call.func) for function in named for call in source.all(cst.Call, function.body)]
    found = dict.fromkeys([*named, *(each for each in called if each is not None)])
    anywhere = not place.function and place.line is None
    return [each for each in found if not _is_cached(source, each) and (_is_costly(source, each) or not (anywhere or each not in named))]


def _is_costly(source: Source, function: cst.FunctionDef) -> bool:
    """Whether it goes through something, or calls itself: what answers at once needs no cache."""
    if any(isinstance(each, _REPEATS) for each in own(function.body)):
        return True
    return any(module_function(source, each.func) is function for each in source.all(cst.Call, function.body))


def _is_cached(source: Source, function: cst.FunctionDef) -> bool:
    used = [each.decorator.func if isinstance(each.decorator, cst.Call) else each.decorator for each in function.decorators]
    return any(source.meaning(each) in _CACHES for each in used)


def _cached(function: cst.CSTNode) -> cst.CSTNode:
    return function.with_changes(decorators=[cst.Decorator(cst.parse_expression(_CACHE))])


RECIPE = Recipe(
    name="cache_pure",
    kinds=frozenset({"missing_cache"}),
    gain="What is worked out again and again is kept:",
    attempt=attempt,
)
