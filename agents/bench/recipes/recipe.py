"""What a recipe is: what it is for, and what it makes of a source text, at a place or wherever it fits."""

from collections.abc import Callable
from dataclasses import dataclass


class Unreadable(Exception):
    """A text that no recipe can look at, with the reason."""


@dataclass(frozen=True)
class Place:
    """Where a finding points to in a file: a line, a function (`name` or `Class.name`), both, or neither: anywhere."""

    line: int | None = None
    function: str = ""


@dataclass(frozen=True)
class Attempt:
    """What came of it: the new text (the same where nothing fits), what was done, and what looked right but was refused, with lines."""

    text: str
    done: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """`attempt` is deterministic, and changes nothing on its own result. It raises Unreadable for a text that isn't Python."""

    name: str
    kinds: frozenset[str]
    gain: str
    attempt: Callable[[str, Place], Attempt]
