"""What stands at a place in the project's code."""

import ast
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from agents.bench.performance.evidence import Place, Stack

_MOST_BYTES = 2_000_000


class Source:
    """One Python file. One that can't be read has no lines and no loops."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _text(self) -> str:
        try:
            raw = self._path.read_bytes()
            return raw.decode() if len(raw) <= _MOST_BYTES else ""
        except (OSError, UnicodeDecodeError):
            return ""

    def line(self, number: int) -> str:
        """The text of a line, without its indentation."""
        lines = self._text.splitlines()
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    @cached_property
    def waiting_loops(self) -> list[tuple[int, int]]:
        """First and last lines of the `for` loops that await something in each round; those of `async for` wait for what comes."""
        try:
            tree = ast.parse(self._text)
        except (SyntaxError, ValueError, RecursionError):
            return []
        loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
        return [(loop.lineno, loop.end_lineno or loop.lineno) for loop in loops if any(_awaits(each) for each in loop.body)]


def _awaits(node: ast.AST) -> bool:
    """Whether it awaits itself, not only in a function that it defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return False
    return isinstance(node, ast.Await | ast.AsyncWith) or any(_awaits(child) for child in ast.iter_child_nodes(node))


class Sources:
    """The project's files, by their paths relative to its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Source] = {}

    def file(self, name: str) -> Source:
        """One file."""
        if name not in self._files:
            self._files[name] = Source(self._folder / name)
        return self._files[name]

    def line(self, place: Place) -> str:
        """The text at a place."""
        return self.file(place[0]).line(place[1])

    def waiting_loop(self, stack: Stack | Sequence[Place]) -> Place | None:
        """The innermost place of a stack that is inside a `for` loop that awaits."""
        return next((place for place in stack if any(first < place[1] <= last for first, last in self.file(place[0]).waiting_loops)), None)

    def sending(self, stack: Stack) -> Place | None:
        """The innermost place of a stack that sends something and waits for it."""
        return next((place for place in stack if _sends(self.line(place))), None)


def _sends(text: str) -> bool:
    return "await" in text and any(word in text for word in _SENDING)


_SENDING = ("send", "write", "drain", "broadcast", "publish", "put(")


def heaviest(weighed: Sequence[tuple[float, Stack]], find: Callable[[Stack], Place | None]) -> Place | None:
    """Of the places found in stacks, the one with the most weight."""
    weights: dict[Place, float] = {}
    for weight, stack in weighed:
        place = find(stack)
        if place is not None:
            weights[place] = weights.get(place, 0) + weight
    return max(weights, key=lambda place: weights[place], default=None)


def words_of(place: Place) -> str:
    """A place in words."""
    return f"{place[2]} ({place[0]}:{place[1]})"
