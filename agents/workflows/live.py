"""The live state of a run: what it is, what it does now and waits for. Whoever answers about the run answers from this."""

import json
from uuid import UUID

from agents.events import AgentThinking
from agents.models import AgentOutput, Request, Run, ToolCall
from agents.tools.registry import get_tools
from project.clock import db_now
from project.realtime.models import Event
from sessions.models import Message


def describe_live(run: Run) -> dict[str, object]:
    """The run as it stands."""
    calls = ToolCall.objects.filter(run=run).order_by("-created", "-id")
    last_tool = calls.values_list("tool_name", flat=True).first()
    requests = Request.objects.filter(run=run, status=Request.Status.OPEN).order_by("created", "id")
    return {
        "status": run.status,
        "number": run.number,
        "kind": "refinement" if run.relation == "refinement" else run.workflow,
        "done": run.done,
        "total": run.total,
        "current": _current(run),
        "newest": _newest(run) if run.workflow == "optimise" else None,
        "last_tool": _title(last_tool) if last_tool else None,
        "elapsed_s": round((db_now() - run.started).total_seconds()) if run.started else None,
        "open_requests": list(requests.values_list("title", flat=True)),
        "queued": Run.objects.filter(session=run.session_id, status=Run.Status.QUEUED).exclude(id=run.id).count(),
    }


def _title(tool_name: str) -> str:
    tool = get_tools().get(tool_name)
    return tool.title if tool else tool_name


def _current(run: Run) -> list[str]:
    """What is being done now: subtasks by their titles, other steps as they were told when they began."""
    plan = AgentOutput.objects.filter(run=run, kind=AgentOutput.Kind.PLAN).order_by("-created", "-id").first()
    subtasks = (plan.data or {}).get("subtasks", []) if plan else []
    titles = {each["id"]: each["title"] for each in subtasks}
    told = _openings(run)
    writes = {"assistant": "Writing the answer"} if Message.objects.filter(run=run.id, complete=False).exists() else {}
    return [
        titles.get(state["subtask"]) or writes.get(state["role"]) or told.get(step) or state["role"] for step, state in run.steps.items()
    ]


def _openings(run: Run) -> dict[str, str]:
    """What was said when each step under way began. The log holds it, and nothing else does."""
    keys = [f"{step}:started" for step in run.steps]
    texts = Event.objects.filter(stream_id=run.session_id, key__in=keys).values_list("text", flat=True)
    began = [json.loads(text)["data"] for text in texts]
    return {str(UUID(each["step"])): each["message"] for each in began}


def _newest(run: Run) -> str | None:
    """The newest line of progress of a step under way."""
    thoughts = Event.objects.filter(stream_id=run.session_id, subject=run.id, type=AgentThinking.event_type).order_by("-seq")
    text = thoughts.values_list("text", flat=True).first()
    data = json.loads(text)["data"] if text else {}
    lines = str(data.get("thought", "")).strip().splitlines() if data.get("step") in run.steps else []
    return lines[-1] if lines else None
