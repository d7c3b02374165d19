"""Closing what a run has left open: its messages, tool calls, steps and requests."""

from typing import Literal
from uuid import UUID

from agents.events import RequestExpired
from agents.models import Request, Run, ToolCall
from agents.services.calls import finish_call
from agents.services.scope import Scope, Step
from agents.services.steps import finish_step
from agents.wire import ErrorObject, RequestObject
from project.realtime.change import Change
from project.realtime.streams import StreamKey
from sessions.models import Message
from sessions.selectors import streamed_texts
from sessions.services import complete_message

WHY = {
    "completed": ErrorObject(code="run_ended", message="The run ended first."),
    "failed": ErrorObject(code="run_failed", message="The run failed."),
    "cancelled": ErrorObject(code="cancelled", message="The run was stopped."),
}


def close_leftovers(*, ch: Change, run: Run, status: Literal["completed", "failed", "cancelled"]) -> None:
    """Complete open messages as interrupted and end open calls, steps and requests. The caller saves the run."""
    scope = Scope(ch=ch, run=run)
    close_messages(ch=ch, run=run)
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


def close_messages(*, ch: Change, run: Run) -> None:
    """Complete the run's open messages, interrupted, with what the log holds of them."""
    messages = list(Message.objects.select_related("author").filter(run=run.id, complete=False).order_by("created", "id"))
    texts = streamed_texts(messages)
    for message in messages:
        complete_message(ch=ch, message=message, content=texts[message.id], interrupted=True)
