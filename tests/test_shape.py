"""The shape of the code where runs become events and where transports begin: short handlers, small tables (C901 at 10 holds everywhere)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TRANSPORT = ("project/realtime/consumers.py", "sessions/consumers.py", "boards/consumers.py", "project/realtime/sse.py")


def functions(path: str) -> dict[str, int]:
    """The functions of a module with their numbers of lines."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in found}


def test_handlers_of_outputs_are_short() -> None:
    lines = functions("agents/handlers.py")
    assert len(lines) > 12
    assert {name: count for name, count in lines.items() if count > 50} == {}


def test_mapping_from_outputs_to_events_is_a_small_table() -> None:
    tree = ast.parse((ROOT / "agents/handlers.py").read_text(encoding="utf-8"))
    tables = {
        node.target.id: (node.end_lineno or 0) - node.lineno + 1
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in ("HANDLERS", "EVENTS")
    }
    assert set(tables) == {"HANDLERS", "EVENTS"}
    assert sum(tables.values()) < 100


@pytest.mark.parametrize("path", TRANSPORT)
def test_handlers_of_transports_are_thin(path: str) -> None:
    assert {name: count for name, count in functions(path).items() if count > 25} == {}
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "C901", "--config", "lint.mccabe.max-complexity=5", path]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
