"""What both sides of the rig know: the words of the scripted run, and the journal in which its server writes what it did."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REQUEST = "Announce the launch"
CARD, COMMENT = "Write to the press", "The press knows."
ANSWER = "The launch is announced: the card is there, the press has been told, and the button has been pressed."

_JOURNAL, _EFFECTS = "journal.jsonl", "effects.jsonl"

Line = dict[str, Any]


def own_folder() -> Path:
    """Where this server keeps its journal."""
    return Path(os.environ["RIG_FOLDER"])


def note(kind: str, **facts: Any) -> None:
    """Write a line to the journal, in one piece and at once: it stays when the process is killed right after."""
    _append(own_folder() / _JOURNAL, {"pid": os.getpid(), "kind": kind, **facts})


def read_journal(folder: Path) -> list[Line]:
    """Every line of the journal, oldest first."""
    return _read(folder / _JOURNAL)


def keep_effect(key: str) -> None:
    """What the idempotent tool does to the world outside."""
    _append(own_folder() / _EFFECTS, {"key": key})


def effects(folder: Path) -> list[str]:
    """The keys under which the idempotent tool had an effect."""
    return [line["key"] for line in _read(folder / _EFFECTS)]


def count_lines(journal: Sequence[Line], **wanted: object) -> int:
    """How many lines have all these values."""
    return sum(1 for line in journal if all(line.get(name) == value for name, value in wanted.items()))


def _append(path: Path, line: Line) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, (json.dumps(line) + "\n").encode())
    finally:
        os.close(file)


def _read(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
