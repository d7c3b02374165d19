"""The version of a workflow: what its definition and prompts were when a run began, and whether another version may go on with it."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agents.models import Run
from agents.services.scope import Scope
from project.errors import AppError

STATE_FORMAT = 1
"""Raised when the code can't read any more what older code left: the state of the graphs, keys of outputs and requests."""

_HERE = Path(__file__).parent

FILES: Mapping[str, tuple[str, ...]] = {
    "chat": ("chat.py", "loop.py", "memory.py", "prompts/chat.md", "prompts/summarise.md"),
    "resolve": ("resolve.py", "loop.py", "plans.py", "report.py", "prompts/plan.md", "prompts/execute.md", "prompts/aggregate.md"),
    "refine": ("refine.py", "report.py", "prompts/refine.md"),
    "optimise": (
        *(f"optimise/{part}.py" for part in ("graph", "choice", "patch", "trial", "closing", "roles")),
        *("prompts/implement.md", "prompts/test.md", "prompts/measure.md", "prompts/critique.md"),
    ),
}
"""What a workflow is defined by: its graph and its prompts."""


class VersionChanged(AppError):
    """The run stands where this version of its workflow has no place for it."""

    code, status = "version_changed", 409
    default_message = "The workflow was changed by an update while this run was under way, and the run can't go on in its new form."


@cache
def definition_hash(workflow: str) -> str:
    """The hash of the workflow's files."""
    digest = hashlib.sha256()
    for name in FILES[workflow]:
        digest.update(name.encode() + b"\0" + (_HERE / name).read_bytes() + b"\0")
    return digest.hexdigest()


def define(workflow: str, nodes: list[str]) -> dict[str, Any]:
    """The version of a workflow whose graph has these nodes."""
    return {"format": STATE_FORMAT, "hash": definition_hash(workflow), "nodes": sorted(nodes)}


def take_up(scope: Scope, definition: Mapping[str, Any]) -> None:
    """Record what the run goes on with. VersionChanged when it has begun with a version that this one can't take over from.

    Finished steps are never done again: their rows are the journal. So a run may go on as long as the state can be read and
    every node of the graph it began with is still there.
    """
    begun = scope.run.definition
    if begun and not (begun["format"] == definition["format"] and set(begun["nodes"]) <= set(definition["nodes"])):
        raise VersionChanged
    if begun != definition:
        scope.run.definition = dict(definition)
        Run.objects.filter(id=scope.run.id).update(definition=scope.run.definition)
