"""Finished runs as examples: a line of JSON each, appended to the file that WORKROOM_EXAMPLES_PATH names."""

import logging
import os
from functools import partial
from pathlib import Path

from django.conf import settings

from agents.models import AgentOutput, Run
from agents.wire import RunObject
from project.realtime.change import Change
from project.realtime.events import encode
from sessions.wire import dump

log = logging.getLogger(__name__)

_RESULTS = (AgentOutput.Kind.REPORT, AgentOutput.Kind.ANSWER)


def record_example(*, ch: Change, run: Run) -> None:
    """Append the run once its end is committed. Without the setting nothing happens; a write that fails is only logged."""
    path: Path | None = settings.WORKROOM_EXAMPLES_PATH
    if path is not None:
        ch.after_commit(partial(_append, path, encode(_describe(run)) + "\n"))


def _describe(run: Run) -> dict[str, object]:
    shown = dump(RunObject.of(run))
    result = AgentOutput.objects.filter(run=run, kind__in=_RESULTS).order_by("-created", "-id").values_list("content", flat=True).first()
    about = ("session", "number", "agent", "status", "parent", "relation", "attempt", "model", "usage")
    return {
        "run": shown["id"],
        "task": run.message.content,
        "mode": run.workflow,
        "metadata": {**{name: shown[name] for name in about}, "effort": run.effort, "workflow_hash": run.definition.get("hash")},
        "started": shown["started"],
        "ended": shown["finished"],
        "result": result,
        "error": shown["error"],
    }


def _append(path: Path, line: str) -> None:
    try:
        # One write to the end of the file: lines of several processes don't mix. Readable by the server's user alone.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
    except OSError:
        log.exception("A finished run could not be appended to %s.", path)
