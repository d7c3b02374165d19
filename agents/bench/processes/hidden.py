"""What of our own files no sealed command sees, whoever starts it: secrets, and the data of everybody."""

from collections.abc import Iterable
from pathlib import Path

_hidden: set[str] = set()


def hide(paths: Iterable[Path]) -> None:
    """Let sealed commands of this process find these folders empty, and these files too, from now on."""
    _hidden.update(str(path.absolute().resolve()) for path in paths)


def hidden() -> list[str]:
    """What is hidden, outermost first."""
    return sorted(_hidden)
