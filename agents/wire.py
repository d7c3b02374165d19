"""The objects of PROTOCOL §5 that agents own, as they are sent."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from agents.models import AgentOutput, Request, Run, ToolCall
from project.accounts.wire import UserObject
from project.wire import Time, WireObject

RESULT_CHARS = 16_000
CONTENT_CHARS = 32_000
"""Longer ones are cut in events and snapshots (`truncated`), and whole in GET tool-calls/{id}/ and outputs/{id}/."""

ERROR_CHARS = 8_000
"""Of an error's message, which tools and providers make as long as they like."""

REQUEST_MESSAGES = {
    Request.Kind.APPROVAL: "Tool approval required",
    Request.Kind.QUESTION: "User input required",
    Request.Kind.PLAN_REVIEW: "Human intervention required",
}


class AttemptObject(WireObject):
    number: int
    started: Time
    ended: Time | None
    reason: str | None


class ModelObject(WireObject):
    adapter: str
    name: str | None


class ProgressObject(WireObject):
    done: int
    total: int


class UsageObject(WireObject):
    """What model and tools were used for; `cost_usd` null means unknown."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    tool_calls: int = 0

    def plus(self, other: "UsageObject") -> "UsageObject":
        is_known = self.cost_usd is not None and other.cost_usd is not None
        return UsageObject(
            requests=self.requests + other.requests,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=round((self.cost_usd or 0) + (other.cost_usd or 0), 6) if is_known else None,
            tool_calls=self.tool_calls + other.tool_calls,
        )


class BudgetObject(WireObject):
    tokens: int
    cost_usd: float | None
    steps: int
    seconds: int


def _cut(message: str) -> str:
    return message if len(message) <= ERROR_CHARS else f"{message[: ERROR_CHARS - 1]}…"


class ErrorObject(WireObject):
    code: str
    message: Annotated[str, AfterValidator(_cut)]
    hint: str = ""


class RunObject(WireObject):
    id: UUID
    session: UUID
    number: int
    agent: str
    started_by: UserObject
    position: int | None
    parent: UUID | None
    relation: str | None
    workflow: str
    status: str
    attempt: int
    attempts: list[AttemptObject]
    model: ModelObject
    progress: ProgressObject
    usage: UsageObject
    budget: BudgetObject
    error: ErrorObject | None
    created: Time
    started: Time | None
    finished: Time | None

    @classmethod
    def of(cls, run: Run) -> Self:
        return cls(
            id=run.id,
            session=run.session_id,
            number=run.number,
            agent=run.agent.username,
            started_by=UserObject.of(run.started_by),
            position=run.position,
            parent=run.parent_id,
            relation=run.relation or None,
            workflow=run.workflow,
            status=run.status,
            attempt=run.attempt,
            attempts=[AttemptObject(**each) for each in run.attempts],
            model=ModelObject(**run.model),
            progress=ProgressObject(done=run.done, total=run.total),
            usage=UsageObject(**run.usage),
            budget=BudgetObject(**run.budget),
            error=ErrorObject(**run.error) if run.error else None,
            created=run.created,
            started=run.started,
            finished=run.finished,
        )


class OutputObject(WireObject):
    """An output. `html` is null where the content is cut."""

    id: UUID
    run: UUID
    agent: str
    step: UUID
    kind: str
    title: str
    content: str
    html: str | None
    data: dict[str, Any] | None
    message: UUID | None
    truncated: bool
    created: Time

    @classmethod
    def of(cls, output: AgentOutput, *, most: int | None = CONTENT_CHARS) -> Self:
        is_cut = most is not None and len(output.content) > most
        return cls(
            id=output.id,
            run=output.run_id,
            agent=output.run.agent.username,
            step=output.step,
            kind=output.kind,
            title=output.title,
            content=output.content[:most],
            html=None if is_cut else output.html,
            data=output.data,
            message=output.message_id,
            truncated=is_cut,
            created=output.created,
        )


class ToolCallObject(WireObject):
    call: UUID
    run: UUID
    step: UUID
    agent: str
    tool_name: str
    parameters: dict[str, Any]
    status: str
    result: str | None
    success: bool | None
    error: ErrorObject | None
    truncated: bool
    started: Time
    finished: Time | None

    @classmethod
    def of(cls, call: ToolCall, *, most: int | None = RESULT_CHARS) -> Self:
        return cls(
            call=call.id,
            run=call.run_id,
            step=call.step,
            agent=call.run.agent.username,
            tool_name=call.tool_name,
            parameters=call.parameters,
            status=call.status,
            result=call.result if call.result is None else call.result[:most],
            success=call.success,
            error=ErrorObject(**call.error) if call.error else None,
            truncated=most is not None and len(call.result or "") > most,
            started=call.created,
            finished=call.finished,
        )


class ThoughtObject(WireObject):
    id: UUID
    run: UUID
    step: UUID
    agent: str
    thought: str
    created: Time


class AnswerObject(WireObject):
    """What was answered: the arguments where others were approved than were asked for, and the text of a question's answer."""

    arguments: dict[str, Any] | None
    result: str | None

    @classmethod
    def of(cls, request: Request) -> Self | None:
        """None without an answer. What a client's tool gave is left out: it stands in its call."""
        if not request.answer:
            return None
        arguments, result = request.answer.get("arguments"), request.answer.get("result")
        return cls(
            arguments=arguments if arguments != request.parameters else None,
            result=result if request.kind == Request.Kind.QUESTION else None,
        )


class RequestObject(WireObject):
    """A request. `tool_class` and `json_schema` are `class` and `schema` on the wire: Python and pydantic keep those names."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, validate_by_name=True)

    id: UUID
    run: UUID
    session: UUID
    board: UUID | None
    card: UUID | None
    agent: str
    title: str
    reason: str
    tool_class: str | None = Field(alias="class")
    json_schema: dict[str, Any] | None = Field(alias="schema")
    hash: str
    kind: str
    tool_name: str | None
    parameters: dict[str, Any] | None
    choices: list[str] | None
    message: str
    status: str
    answered_by: UserObject | None
    note: str
    # Events that were stored before it was told have none.
    answer: AnswerObject | None = None
    expires: Time
    created: Time

    @classmethod
    def of(cls, request: Request) -> Self:
        return cls(
            id=request.id,
            run=request.run_id,
            session=request.session_id,
            board=request.session.board_id,
            card=request.session.card_id,
            agent=request.run.agent.username,
            title=request.title,
            reason=request.reason,
            tool_class=request.tool_class or None,
            json_schema=request.schema,
            hash=request.hash,
            kind=request.kind,
            tool_name=request.tool_name or None,
            parameters=request.parameters,
            choices=request.choices,
            message=REQUEST_MESSAGES.get(Request.Kind(request.kind), "Action required"),
            status=request.status,
            answered_by=UserObject.of(request.answered_by) if request.answered_by else None,
            note=request.note,
            answer=AnswerObject.of(request),
            expires=request.expires,
            created=request.created,
        )
