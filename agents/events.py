"""What happens in runs: their states, plans, steps, thoughts, tool calls, outputs and requests."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal
from uuid import UUID

from agents.wire import ErrorObject, OutputObject, ProgressObject, RequestObject, RunObject, UsageObject
from project.realtime.events import Category, EventData, UiHint, encode
from project.wire import Time, WireObject
from sessions.events import CUT_CHARS, SessionEvent, hint

CUT_ATTEMPTS = 100

# -- runs ------------------------------------------------------------------------------------------------------------------


class RunEvent(SessionEvent):
    """Something happened to a run as a whole."""

    ui_hint: ClassVar[UiHint | None] = hint("run", "medium")
    run: RunObject

    def cut(self) -> EventData:
        newest = self.run.attempts[-CUT_ATTEMPTS:]
        return self.model_copy(update={"run": self.run.model_copy(update={"attempts": newest})})


class RunQueued(RunEvent):
    event_type = "run_queued"


class RunStarted(RunEvent):
    event_type = "run_started"


class RunWaiting(RunEvent):
    event_type = "run_waiting"
    ui_hint: ClassVar[UiHint | None] = hint("run", "high")


class RunResumed(RunEvent):
    event_type = "run_resumed"
    reason: Literal["answered", "restart", "lease_expired"]


class RunCancelling(RunEvent):
    event_type = "run_cancelling"


class RunCompleted(RunEvent):
    event_type = "run_completed"
    ui_hint: ClassVar[UiHint | None] = hint("run", "high")


class RunFailed(RunEvent):
    event_type = "run_failed"
    category: ClassVar[Category | None] = "error"
    ui_hint: ClassVar[UiHint | None] = hint("run", "high")


class RunCancelled(RunEvent):
    event_type = "run_cancelled"


class RunDelayed(SessionEvent):
    """The run waits for a busy or failing model provider and tries again at `retry_at`."""

    event_type = "run_delayed"
    ui_hint: ClassVar[UiHint | None] = hint("run", "medium")
    run: UUID
    reason: str
    attempted: int
    tries: int
    retry_at: Time

    def payload(self, *, timestamp: float) -> dict[str, Any]:
        data = super().payload(timestamp=timestamp)
        data["try"] = data.pop("attempted")
        return data


# -- plan and steps --------------------------------------------------------------------------------------------------------


class SubtaskObject(WireObject):
    id: str
    title: str
    role: str
    needs: list[str]
    status: str = "pending"


class StepEvent(SessionEvent):
    """Part of one piece of work: carries whose it is, which step and subtask, and in which attempt of the run."""

    category: ClassVar[Category | None] = "step"
    run: UUID
    agent: str
    step: UUID
    subtask: str | None
    attempt: int


class PlanMade(StepEvent):
    event_type = "plan_made"
    category: ClassVar[Category | None] = "planning"
    ui_hint: ClassVar[UiHint | None] = hint("plan", "high")
    output: UUID
    subtasks: list[SubtaskObject]
    progress: ProgressObject


class _Timed(StepEvent):
    """One of the five agent and tool events: its data repeats the envelope's timestamp."""

    agent_id: UUID

    def payload(self, *, timestamp: float) -> dict[str, Any]:
        return super().payload(timestamp=timestamp) | {"timestamp": timestamp}


class AgentStarted(_Timed):
    event_type = "agent_started"
    ui_hint: ClassVar[UiHint | None] = hint("step", "medium", collapsible=True)
    message: str
    role: str


class AgentThinking(_Timed):
    event_type = "agent_thinking"
    category: ClassVar[Category | None] = "thought"
    ui_hint: ClassVar[UiHint | None] = hint("thought", "low", collapsible=True)
    thought: str
    index: int
    final: bool


class ToolExecuting(_Timed):
    event_type = "tool_executing"
    ui_hint: ClassVar[UiHint | None] = hint("tool", "medium", collapsible=True)
    tool_name: str
    parameters: dict[str, Any]
    call: UUID
    title: str
    tool_class: str

    def cut(self) -> EventData:
        return self.model_copy(update={"parameters": {}})

    def payload(self, *, timestamp: float) -> dict[str, Any]:
        data = super().payload(timestamp=timestamp)
        data["class"] = data.pop("tool_class")
        return data


class ToolCompleted(_Timed):
    event_type = "tool_completed"
    category: ClassVar[Category | None] = "output"
    ui_hint: ClassVar[UiHint | None] = hint("tool", "medium", collapsible=True)
    tool_name: str
    result: str
    call: UUID
    status: str
    success: bool
    summary: str
    duration_ms: int
    error: ErrorObject | None
    truncated: bool

    def cut(self) -> EventData:
        return self.model_copy(update={"result": self.result[:CUT_CHARS], "truncated": True})


class AgentCompleted(_Timed):
    event_type = "agent_completed"
    ui_hint: ClassVar[UiHint | None] = hint("step", "medium", collapsible=True)
    result: str
    success: bool
    duration_ms: int
    usage: UsageObject
    error: ErrorObject | None
    progress: ProgressObject

    def cut(self) -> EventData:
        return self.model_copy(update={"result": self.result[:CUT_CHARS]})


# -- outputs and requests --------------------------------------------------------------------------------------------------


class OutputAdded(SessionEvent):
    event_type = "output_added"
    category: ClassVar[Category | None] = "output"
    ui_hint: ClassVar[UiHint | None] = hint("output", "high", collapsible=True)
    output: OutputObject

    def cut(self) -> EventData:
        data = self.output.data if len(encode({"data": self.output.data})) <= CUT_CHARS else None
        short = {"html": None, "content": self.output.content[:CUT_CHARS], "data": data, "truncated": True}
        return self.model_copy(update={"output": self.output.model_copy(update=short)})


class _OfRequest(SessionEvent):
    category: ClassVar[Category | None] = "request"
    ui_hint: ClassVar[UiHint | None] = hint("request", "high")
    request: RequestObject

    def cut(self) -> EventData:
        return self.model_copy(update={"request": self.request.model_copy(update={"json_schema": None})})


class RequestOpened(_OfRequest):
    event_type = "request_opened"


class RequestAnswered(_OfRequest):
    """`with_changes`: it was approved with other arguments than were asked for."""

    event_type = "request_answered"
    ui_hint: ClassVar[UiHint | None] = hint("request", "medium")
    with_changes: bool


class RequestExpired(_OfRequest):
    event_type = "request_expired"
    ui_hint: ClassVar[UiHint | None] = hint("request", "medium")
    reason: Literal["expired", "run_ended"]


class ClarifierReplied(SessionEvent):
    """The clarifier's message is complete. `usage` is what it took, which the run `about` which it speaks has paid for."""

    event_type = "clarifier_replied"
    category: ClassVar[Category | None] = "response"
    ui_hint: ClassVar[UiHint | None] = hint("message", "low")
    message: UUID
    about: UUID
    usage: UsageObject


FIVE: frozenset[str] = frozenset({"agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"})
"""What people who have only the board open are shown as it happens."""

STATUS_EVENTS: Mapping[str, type[RunEvent]] = {
    "queued": RunQueued,
    "running": RunStarted,
    "waiting": RunWaiting,
    "cancelling": RunCancelling,
    "completed": RunCompleted,
    "failed": RunFailed,
    "cancelled": RunCancelled,
}
