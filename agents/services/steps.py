"""The steps of a run: begun, counted against the budget, finished."""

import contextlib
from datetime import datetime

from agents.events import AgentCompleted, AgentStarted, PlanMade, SubtaskObject
from agents.models import AgentOutput
from agents.services.scope import Scope, Step
from agents.wire import ErrorObject, ProgressObject, UsageObject
from project.errors import AppError, Forbidden, NotFound
from project.realtime.streams import Role, access_stream
from sessions.wire import dump


class OverBudget(AppError):
    """The run has used up what it may use."""

    code, status, default_message = "over_budget", 409, "The run has used up its budget."


def start_step(*, scope: Scope, step: Step, message: str) -> None:
    """Begin a step; one that has begun before is not told again."""
    run = scope.run
    event = AgentStarted(**scope.who(step), agent_id=run.agent_id, message=message, role=step.role)
    if scope.tell(event, key=f"{step.id}:started"):
        state = {"role": step.role, "subtask": step.subtask, "started": scope.ch.now.isoformat(), "usage": dump(UsageObject())}
        run.steps = {**run.steps, str(step.id): state}
        run.save(update_fields=["steps"])


def count_turn(*, scope: Scope, step: Step, usage: UsageObject) -> None:
    """Add one answer of the model to the step's usage and to what the run has spent."""
    run = scope.run
    run.turns += 1
    run.tokens += usage.input_tokens + usage.output_tokens
    count_usage(scope=scope, step=step, usage=usage)
    run.save(update_fields=["turns", "tokens", "steps"])


def count_usage(*, scope: Scope, step: Step, usage: UsageObject) -> None:
    """Add to the step's usage; the caller saves the run's `steps`."""
    state = scope.run.steps.get(str(step.id))
    if state is not None:
        state["usage"] = dump(UsageObject(**state["usage"]).plus(usage))


def check_budget(*, scope: Scope, most_events: int) -> None:
    """OverBudget once the run has used up one of its allowances: asked before the model is."""
    run, budget = scope.run, scope.run.budget
    check_time(scope=scope)
    _check(run.turns, budget["steps"], "steps")
    _check(run.tokens, budget["tokens"], "tokens")
    _check(run.events, most_events, "events")


def check_time(*, scope: Scope) -> None:
    """OverBudget once the run has been active for as long as it may."""
    started = datetime.fromisoformat(scope.run.attempts[-1]["started"])
    active_s = scope.run.active_s + (scope.ch.now - started).total_seconds()
    _check(active_s, scope.run.budget["seconds"], "seconds")


def _check(used: float, allowed: float, what: str) -> None:
    if used >= allowed:
        raise OverBudget(f"The run reached {allowed:,.0f} {what} and stopped; what it found is kept.", data={"reason": f"{what}_limit"})


def check_starter(*, scope: Scope) -> None:
    """Forbidden once the run's starter may not talk to agents here any more: a run has no more rights than who began it."""
    starter = scope.run.started_by
    role: Role = "viewer"
    with contextlib.suppress(NotFound):
        role = access_stream(starter, scope.stream)
    if role == "viewer" or not starter.is_active:
        raise Forbidden(f"{starter.username} has no right to run agents here any more. Somebody who has can start it anew.")


def finish_step(*, scope: Scope, step: Step, result: str, error: ErrorObject | None = None) -> None:
    """End a step, once: its usage goes to the run, a finished subtask counts as progress."""
    run = scope.run
    state = run.steps.get(str(step.id))
    if state is None:
        return
    run.steps = {name: value for name, value in run.steps.items() if name != str(step.id)}
    usage = UsageObject(**state["usage"])
    run.usage = dump(UsageObject(**run.usage).plus(usage))
    run.done += 1 if step.subtask is not None and error is None else 0
    run.save(update_fields=["steps", "usage", "done"])
    event = AgentCompleted(
        **scope.who(step),
        agent_id=run.agent_id,
        result=result,
        success=error is None,
        duration_ms=round((scope.ch.now - datetime.fromisoformat(state["started"])).total_seconds() * 1000),
        usage=usage,
        error=error,
        progress=ProgressObject(done=run.done, total=run.total),
    )
    scope.tell(event)


def tell_plan(*, scope: Scope, step: Step, output: AgentOutput, subtasks: list[SubtaskObject]) -> None:
    """Tell what is going to be done, once."""
    run = scope.run
    progress = ProgressObject(done=run.done, total=len(subtasks))
    event = PlanMade(**scope.who(step), output=output.id, subtasks=subtasks, progress=progress)
    if scope.tell(event, key=f"{step.id}:plan"):
        run.total = len(subtasks)
        run.save(update_fields=["total"])
