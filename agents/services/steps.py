"""The steps of a run: begun, what they use counted, finished."""

import contextlib
from datetime import datetime

from agents.events import AgentCompleted, AgentStarted, PlanMade, SubtaskObject
from agents.models import AgentOutput
from agents.services.budget import spend
from agents.services.scope import Scope, Step
from agents.wire import ErrorObject, ProgressObject, UsageObject
from project.errors import Forbidden, NotFound
from project.realtime.streams import Role, access_stream
from sessions.wire import dump


def start_step(*, scope: Scope, step: Step, message: str) -> None:
    """Begin a step; one that has begun before is not told again."""
    run = scope.run
    event = AgentStarted(**scope.who(step), agent_id=run.agent_id, message=message, role=step.role)
    if scope.tell(event, key=f"{step.id}:started"):
        state = {"role": step.role, "subtask": step.subtask, "started": scope.ch.now.isoformat(), "usage": dump(UsageObject())}
        run.steps = {**run.steps, str(step.id): state}
        run.save(update_fields=["steps"])


def count_turn(*, scope: Scope, step: Step, usage: UsageObject) -> None:
    """Add one answer of the model, or what there was of it, to the step's usage and to what the run has spent."""
    run = scope.run
    spend(run, usage)
    count_usage(scope=scope, step=step, usage=usage)
    run.save(update_fields=["tokens", "cost_usd", "steps"])


def count_usage(*, scope: Scope, step: Step, usage: UsageObject) -> None:
    """Add to the step's usage; the caller saves the run's `steps`."""
    state = scope.run.steps.get(str(step.id))
    if state is not None:
        state["usage"] = dump(UsageObject(**state["usage"]).plus(usage))


def check_rights(*, scope: Scope) -> None:
    """Forbidden once the run's agent was deactivated, or its starter may not talk to agents here any more: it has no more rights than
    these two.
    """
    agent, starter = scope.run.agent, scope.run.started_by
    if not agent.is_active:
        raise Forbidden(f"{agent.username} was deactivated.")
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
