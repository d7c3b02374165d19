"""From what a graph puts out to what is stored and told: one small handler per type of output, in one table."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from agents.emit import (
    Delayed,
    MessageClosed,
    MessageOpened,
    MessageText,
    OutputMade,
    PlanMade,
    ReportMade,
    RequestMade,
    StepFinished,
    StepStarted,
    SummaryMade,
    Thought,
    ToolFinished,
    ToolStarted,
    TurnCounted,
    TurnStarting,
)
from agents.events import AgentThinking, RunDelayed
from agents.models import AgentOutput, PerformanceReport, Request, Summary, ToolCall
from agents.services import budget, calls, requests, steps
from agents.services.fence import Attempt
from agents.services.outputs import store_output
from agents.services.performance import keep_report
from agents.services.scope import Scope
from project.limits import limits
from project.realtime.events import EventData
from sessions.events import MessageAdded, MessageDelta
from sessions.models import Message
from sessions.services import complete_message
from sessions.wire import MessageObject


def _step_started(scope: Scope, item: StepStarted) -> None:
    steps.start_step(scope=scope, step=item.step, message=item.message)


def _turn_starting(scope: Scope, item: TurnStarting) -> None:
    del item
    steps.check_rights(scope=scope)
    budget.begin_turn(scope=scope, most_events=limits().run_events)


def _turn_counted(scope: Scope, item: TurnCounted) -> tuple[float, float]:
    """The share of the run's budget that is left, and the share that this answer took."""
    scope.run.retry_at = None
    scope.run.save(update_fields=["retry_at"])
    before = budget.share_left(scope.run)
    steps.count_turn(scope=scope, step=item.step, usage=item.usage)
    left = budget.share_left(scope.run)
    return left, before - left


def _message_opened(scope: Scope, item: MessageOpened) -> Message:
    run = scope.run
    message = Message(
        session=run.session,
        role=Message.Role.ASSISTANT,
        author=run.agent,
        agent=run.agent.username,
        via=Message.Via.AGENT,
        refines=run.parent_id if run.relation == "refinement" else None,
        complete=False,
        run=run.id,
        key=item.key,
        created=scope.ch.now,
    )
    message.save(force_insert=True)
    scope.tell(MessageAdded(message=MessageObject.of(message)))
    delta = MessageDelta(message=message.id, offset=0, text=item.text)
    scope.ch.append(delta, scope.stream, subject=message.id, actor=run.agent)
    run.events -= 1  # deltas don't count
    return message


def _message_closed(scope: Scope, item: MessageClosed) -> None:
    message = Message.objects.select_related("author").get(id=item.message_id)
    if not message.complete:
        complete_message(ch=scope.ch, message=message, content=item.content, html=item.html, interrupted=item.interrupted)


def _tool_started(scope: Scope, item: ToolStarted) -> ToolCall:
    return calls.start_call(scope=scope, step=item.step, call=item.call)


def _tool_finished(scope: Scope, item: ToolFinished) -> ToolCall:
    call = ToolCall.objects.select_related("run__agent").get(id=item.call_id)
    calls.finish_call(scope=scope, call=call, status=item.status, result=item.result, summary=item.summary, error=item.error)
    return call


def _plan_made(scope: Scope, item: PlanMade) -> None:
    output = AgentOutput.objects.get(run=scope.run, key=item.output_key)
    steps.tell_plan(scope=scope, step=item.step, output=output, subtasks=list(item.subtasks))


def _output_made(scope: Scope, item: OutputMade) -> AgentOutput:
    return store_output(scope=scope, step=item.step, facts=item.facts)


def _report_made(scope: Scope, item: ReportMade) -> PerformanceReport:
    return keep_report(scope=scope, step=item.step, facts=item.facts)


def _summary_made(scope: Scope, item: SummaryMade) -> None:
    values = {"through_id": item.through, "content": item.content, "updated": scope.ch.now}
    Summary.objects.update_or_create(session_id=scope.run.session_id, defaults=values)


def _request_made(scope: Scope, item: RequestMade) -> Request:
    return requests.open_request(scope=scope, step=item.step, draft=item.draft)


def _delayed(scope: Scope, item: Delayed) -> None:
    run = scope.run
    run.retry_at = item.retry_at
    run.save(update_fields=["retry_at"])
    scope.tell(RunDelayed(run=run.id, reason=item.reason, attempted=item.attempted, tries=item.tries, retry_at=item.retry_at))


def _step_finished(scope: Scope, item: StepFinished) -> None:
    steps.finish_step(scope=scope, step=item.step, result=item.result, error=item.error)


HANDLERS: Mapping[type, Callable[[Scope, Any], Any]] = {
    StepStarted: _step_started,
    TurnStarting: _turn_starting,
    TurnCounted: _turn_counted,
    MessageOpened: _message_opened,
    MessageClosed: _message_closed,
    ToolStarted: _tool_started,
    ToolFinished: _tool_finished,
    PlanMade: _plan_made,
    OutputMade: _output_made,
    ReportMade: _report_made,
    SummaryMade: _summary_made,
    RequestMade: _request_made,
    Delayed: _delayed,
    StepFinished: _step_finished,
}


def _thought(attempt: Attempt, item: Thought) -> tuple[EventData, UUID]:
    event = AgentThinking(
        run=attempt.run_id,
        agent=attempt.agent.username,
        step=item.step.id,
        subtask=item.step.subtask,
        attempt=attempt.number,
        agent_id=attempt.agent.id,
        thought=item.text,
        index=item.index,
        final=item.is_final,
    )
    return event, attempt.run_id


def _message_text(attempt: Attempt, item: MessageText) -> tuple[EventData, UUID]:
    del attempt
    return MessageDelta(message=item.message_id, offset=item.offset, text=item.text), item.message_id


EVENTS: Mapping[type, Callable[[Attempt, Any], tuple[EventData, UUID]]] = {Thought: _thought, MessageText: _message_text}
"""The event of each streamed output, and its subject."""
