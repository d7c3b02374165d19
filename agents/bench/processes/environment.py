"""What of our own environment a service gets to see: a short list, on which nothing secret can stand."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from agents.bench.processes import namespaces

ROOT = Path(__file__).resolve().parents[3]
"""The folder that our own packages are in."""

_PASSED = {"PATH", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", namespaces.MARK}
_PASSED_ALIKE = re.compile("LC_[A-Z]+|PYTHON[A-Z0-9]+")  # PYTHON_… may be anybody's, a secret of keyrings too


def environment(declared: Mapping[str, str]) -> dict[str, str]:
    """For a service: what is passed on, and on top what its declaration says. Python's output comes at once.

    The programs beside our Python come first, as in an active virtual environment.
    """
    passed = {name: value for name, value in os.environ.items() if name in _PASSED or _PASSED_ALIKE.fullmatch(name)}
    path = os.pathsep.join([str(Path(sys.executable).parent), passed.get("PATH", os.defpath)])
    return {**passed, "PATH": path, "PYTHONUNBUFFERED": "1", **declared}


def own_environment() -> dict[str, str]:
    """For a guard: as little as it needs."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH", namespaces.MARK) if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT)}
