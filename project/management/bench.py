"""What the commands of the test bench have in common."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import CommandError

from agents.bench.errors import BenchError, Failed
from agents.bench.scripts.recorder import printable


@contextlib.contextmanager
def refusals(*, failed: int = 1) -> Iterator[None]:
    """What the bench refuses ends the command with exit code 2, what fails with `failed`, Ctrl+C with 130; each is told."""
    try:
        yield
    except BenchError as error:
        told = "\n  ".join(map(printable, [error.message, *error.details]))
        raise CommandError(told, returncode=failed if isinstance(error, Failed) else 2) from error
    except KeyboardInterrupt as left:
        raise CommandError("Left.", returncode=130) from left


def has_colour(options: Mapping[str, Any]) -> bool:
    """Whether a report is coloured: because that is asked for, or on a terminal where nobody minds."""
    is_terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return bool(options["force_color"] or (is_terminal and not options["no_color"]))
