"""What the probe saw inside a service, read from its file."""

from pathlib import Path

from pydantic import Field, ValidationError

from agents.bench.plain import Plain

Place = tuple[str, int, str]
"""File relative to the project's folder, line, function."""

Stack = list[Place]
"""Innermost first; frames of the project alone."""


class Stalls(Plain):
    """The event loop didn't come round for so many seconds, each time, while it was here."""

    stack: Stack
    seconds: list[float]


class Waits(Plain):
    """How often, over all looks, a task was seen to wait here."""

    stack: Stack
    count: int


class Statements(Plain):
    """A statement, its values left out, sent so often from here."""

    shape: str
    stack: Stack
    count: int


class Texts(Plain):
    """Long JSON texts made here, the longest of so many characters."""

    stack: Stack
    count: int
    longest: int


class Function(Plain):
    """A plain function that was called with arguments it had had before (`again`), and gave the same again."""

    place: Place
    calls: int
    seconds: float
    distinct: int
    again: int
    again_seconds: float


class Seen(Plain):
    """One phase in one process."""

    seconds: float = 0.0
    looks: int = 0
    stalls: list[Stalls] = Field(default_factory=list)
    waits: list[Waits] = Field(default_factory=list)
    statements: list[Statements] = Field(default_factory=list)
    texts: list[Texts] = Field(default_factory=list)
    functions: list[Function] = Field(default_factory=list)


class Told(Plain):
    """The probe's file."""

    pid: int
    phase: str
    seen: dict[str, Seen]


def read_told(path: Path) -> Told | None:
    """What the probe has told so far; None where it has told nothing yet."""
    try:
        return Told.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
