"""The tool calls of a run: begun, ended, and what comes in too late."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from agents.events import ToolCompleted, ToolExecuting
from agents.models import Run, ToolCall
from agents.services.scope import Scope, Step
from agents.services.steps import check_rights, count_usage
from agents.wire import RESULT_CHARS, ErrorObject, UsageObject

KEPT_CHARS = 1_000_000
"""Of a tool's result; what is longer is cut before it is stored."""


@dataclass(frozen=True)
class CallFacts:
    """What a tool call is: its id and key are the same whenever its step is repeated."""

    id: UUID
    key: str
    tool_name: str
    title: str
    tool_class: str
    parameters: dict[str, Any]


def start_call(*, scope: Scope, step: Step, call: CallFacts) -> ToolCall:
    """The row of the call, told as executing when it is new; one that was begun before is returned as it stands.

    Raises Forbidden when the run has lost its rights.
    """
    run = scope.run
    known = ToolCall.objects.filter(id=call.id).first()
    if known is not None:
        return known
    check_rights(scope=scope)
    row = ToolCall(
        id=call.id,
        run=run,
        step=step.id,
        key=call.key,
        tool_name=call.tool_name,
        tool_class=call.tool_class,
        parameters=call.parameters,
        created=scope.ch.now,
    )
    row.save(force_insert=True)
    count_usage(scope=scope, step=step, usage=UsageObject(tool_calls=1))
    run.save(update_fields=["steps"])
    event = ToolExecuting(
        **scope.who(step),
        agent_id=run.agent_id,
        tool_name=call.tool_name,
        parameters=call.parameters,
        call=call.id,
        title=call.title,
        tool_class=call.tool_class,
    )
    scope.tell(event)
    return row


def finish_call(
    *,
    scope: Scope,
    call: ToolCall,
    status: Literal["completed", "failed", "denied"],
    result: str | None = None,
    summary: str,
    error: ErrorObject | None = None,
) -> None:
    """End the call, once, and tell how."""
    if call.status not in (ToolCall.Status.EXECUTING, ToolCall.Status.WAITING):
        return
    call.status = status
    call.result = ((error.message if error else "") if result is None else result)[:KEPT_CHARS]
    call.success = status == "completed"
    call.error = error.model_dump(mode="json") if error else None
    call.finished = scope.ch.now
    call.save(update_fields=["status", "result", "success", "error", "finished"])
    event = ToolCompleted(
        **scope.who(_step_of(scope.run, call)),
        agent_id=scope.run.agent_id,
        tool_name=call.tool_name,
        result=call.result[:RESULT_CHARS],
        call=call.id,
        status=status,
        success=call.success,
        summary=" ".join(summary.split())[:300],
        duration_ms=round((scope.ch.now - call.created).total_seconds() * 1000),
        error=error,
        truncated=len(call.result) > RESULT_CHARS,
    )
    scope.tell(event)


def store_late_result(call_id: UUID, result: str) -> None:
    """Keep what a tool returned after its run had ended. Nobody is told."""
    ToolCall.objects.filter(id=call_id).exclude(status=ToolCall.Status.COMPLETED).update(late_result=result[:KEPT_CHARS])


def _step_of(run: Run, call: ToolCall) -> Step:
    state = run.steps.get(str(call.step), {})
    return Step(id=call.step, role=state.get("role", ""), subtask=state.get("subtask"))
