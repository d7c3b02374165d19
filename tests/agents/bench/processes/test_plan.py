"""The order of services."""

import itertools

import pytest

from agents.bench.processes.plan import needed_by, problem, turned

GRAPH = {"web": ["api", "cache"], "api": ["db"], "cache": [], "db": [], "mail": []}


def test_what_is_needed_comes_first_and_nothing_else_comes() -> None:
    order = needed_by(GRAPH, ["web"])
    assert set(order) == {"web", "api", "cache", "db"}
    assert order.index("db") < order.index("api") < order.index("web")
    assert order.index("cache") < order.index("web")


def test_turned_graph_names_dependents() -> None:
    assert turned(GRAPH) == {"web": [], "api": ["web"], "cache": ["web"], "db": ["api"], "mail": []}


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        ({"a": ["a"]}, "a depends on itself"),
        ({"a": ["b"]}, "a depends on b, which isn't declared"),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "in a circle: a → b → c → a"),
    ],
)
def test_impossible_orders_are_told(graph: dict[str, list[str]], said: str) -> None:
    told = problem(graph)
    assert told
    if "circle" in said:  # a circle has no first: any may be named first
        assert told.startswith("these depend on each other in a circle: ")
        steps = told.split(": ")[1].split(" → ")
        assert steps[0] == steps[-1]
        assert all(after in graph[before] for before, after in itertools.pairwise(steps))
    else:
        assert told == said


def test_possible_order_has_no_problem() -> None:
    assert problem(GRAPH) is None
