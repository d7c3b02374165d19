"""Closing what a run has left open: its messages, tool calls, steps and requests."""

from collections.abc import Mapping
from typing import Literal, TypeAlias
from uuid import UUID

from agents.events import RequestExpired
from agents.models import Request, Run, ToolCall
from agents.services.calls import finish_call
from agents.services.scope import Scope, Step
from agents.services.steps import finish_step
from agents.wire import ErrorObject, RequestObject
from project.clock import db_now
from project.realtime.change import Change
from project.realtime.streams import StreamKey
from project.text import render_markdown
from sessions.models import Message
from sessions.selectors import streamed_texts
from sessions.services import complete_message

Rendered: TypeAlias = Mapping[str, str]
"""HTML by the text it was made from."""

NOTHING_RENDERED: Rendered = {}

WHY = {
    "completed": ErrorObject(code="run_ended", message="The run ended first."),
    "failed": ErrorObject(code="run_failed", message="The run failed."),
    "cancelled": ErrorObject(code="cancelled", message="The run was stopped."),
}


def close_leftovers(*, ch: Change, run: Run, status: Literal["completed", "failed", "cancelled"], rendered: Rendered) -> None:
    """Complete open messages as interrupted and end open calls, steps and requests. The caller saves the run."""
    scope = Scope(ch=ch, run=run)
    close_messages(ch=ch, run=run, rendered=rendered)
    for call in ToolCall.objects.filter(run=run, status__in=[ToolCall.Status.EXECUTING, ToolCall.Status.WAITING]).order_by("created", "id"):
        finish_call(scope=scope, call=call, status="failed", result=None, summary=WHY[status].message, error=WHY[status])
    for step_id, state in list(run.steps.items()):
        step = Step(id=UUID(step_id), role=state["role"], subtask=state["subtask"])
        finish_step(scope=scope, step=step, result="", error=WHY[status])
    for request in Request.objects.select_related("run__agent", "session__owner").filter(run=run, status=Request.Status.OPEN):
        request.status = Request.Status.CANCELLED
        request.ended = ch.now
        request.save(update_fields=["status", "ended"])
        event = RequestExpired(request=RequestObject.of(request), reason="run_ended")
        ch.append(event, StreamKey.session(run.session_id), subject=run.id, actor=run.agent)


def close_messages(*, ch: Change, run: Run, rendered: Rendered) -> None:
    """Complete the run's open messages, interrupted, with what the log holds of them. A text not `rendered` is rendered here."""
    messages = _open_messages(run.id)
    texts = streamed_texts(messages)
    for message in messages:
        text = texts[message.id]
        complete_message(ch=ch, message=message, content=text, html=rendered.get(text), interrupted=True)


def render_open(run_id: UUID) -> Rendered:
    """What the run's open messages hold now, rendered: to be asked for before the change that may complete them."""
    return {text: render_markdown(text) for text in streamed_texts(_open_messages(run_id)).values()}


def render_abandoned(run_id: UUID) -> Rendered:
    """The same for a run without a driver; a driver renders what it closes, and nobody who cancels has to wait for that."""
    is_driven = Run.objects.filter(id=run_id, lease_until__gt=db_now()).exists()
    return NOTHING_RENDERED if is_driven else render_open(run_id)


def render_abandoned_in(session_id: UUID) -> Rendered:
    """The same for the run that is under way in a work session; those in line have written nothing."""
    run_id = Run.objects.filter(session=session_id, status__in=Run.ACTIVE).values_list("id", flat=True).first()
    return render_abandoned(run_id) if run_id else NOTHING_RENDERED


def _open_messages(run_id: UUID) -> list[Message]:
    return list(Message.objects.select_related("author").filter(run=run_id, complete=False).order_by("created", "id"))
