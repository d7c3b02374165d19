"""How JSON values are compared, and what is told of a place where they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agents.bench.scripts.paths import shortened

NOTHING = "nothing"
_SHOWN = 200
_MOST = 20


@dataclass(frozen=True)
class Exactly:
    """A value that matches its equal alone: what a placeholder, `source`, stood for is never read as a pattern."""

    value: Any
    source: str = ""


@dataclass(frozen=True)
class Difference:
    """One place where a value isn't as asked: its path, what was expected there, and what came."""

    path: str
    expected: str
    came: str

    def lines(self) -> list[str]:
        """As a diff shows it."""
        path = self.path or "$"
        return [f"- {path}: {self.expected}", f"+ {path}: {self.came}"]


def told(differences: Sequence[Difference]) -> list[str]:
    """The first of them, as a diff shows them."""
    return [line for each in differences[:_MOST] for line in each.lines()]


def differs(path: str, pattern: Any, value: Any) -> Iterator[Difference]:
    """One difference: this was asked for, and that came."""
    named = f" {pattern.source}" if isinstance(pattern, Exactly) and pattern.source else ""
    yield Difference(path, f"{shown(pattern)}{named}", shown(value))


def shown(pattern: Any) -> str:
    """A pattern or a value as short JSON."""
    return shortened(plain(pattern), _SHOWN)


def plain(pattern: Any) -> Any:
    """A pattern as it may be written: what placeholders stood for in their place."""
    if isinstance(pattern, Exactly):
        return pattern.value
    if isinstance(pattern, dict):
        return {key: plain(each) for key, each in pattern.items()}
    return [plain(each) for each in pattern] if isinstance(pattern, list) else pattern


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 is 1.0, and true is no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(each, other[key]) for key, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def below(path: str, part: str | int) -> str:
    """The path of a part of what is at `path`."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    return f"{path}.{part}" if path else part
