"""In which order services go, by their names and what each depends on. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

Graph = Mapping[str, Sequence[str]]


def problem(graph: Graph) -> str | None:
    """Why there is no order, if there is none."""
    for name, needed in graph.items():
        for other in needed:
            if other == name:
                return f"{name} depends on itself"
            if other not in graph:
                return f"{name} depends on {other}, which isn't declared"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return f"these depend on each other in a circle: {' → '.join(reversed(error.args[1]))}"
    return None


def needed_by(graph: Graph, names: Iterable[str]) -> list[str]:
    """These and all they depend on, what is needed first."""
    wanted = list(names)
    for name in wanted:
        wanted.extend(other for other in graph[name] if other not in wanted)
    return [name for name in TopologicalSorter(graph).static_order() if name in wanted]


def turned(graph: Graph) -> Graph:
    """Each name with those that depend on it."""
    return {name: [other for other, needed in graph.items() if name in needed] for name in graph}
