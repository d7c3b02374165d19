"""What may be asked of runs: the data of their commands."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from project.text import render_markdown
from project.wire import Id, Payload, Said, Text, null_means
from sessions.payloads import Workflow


class SendUserMessage(Payload):
    content: Said
    workflow: Workflow | None = None
    reasoning_effort: Literal["low", "medium", "high"] | None = None
    during_run: Annotated[Literal["ask", "queue", "interrupt"], null_means("ask")] = "ask"

    @cached_property
    def html(self) -> str:
        """The content rendered, before the transaction (`CommandSpec.prepare`)."""
        return render_markdown(self.content)


class RunCommand(Payload):
    run: Id


class AnswerRequest(Payload):
    request: Id
    decision: Literal["approve", "deny", "answer"]
    hash: str = Field(max_length=64)
    arguments: dict[str, Any] | None = None
    result: Any = None
    note: Text | None = None


class ProvideToolResult(Payload):
    request: Id
    result: Any
    is_error: Annotated[bool, null_means(default=False)] = False


class StopSession(Payload):
    """Nothing more than which session, and that is said by the socket or the path."""


class DeleteSession(Payload):
    """As StopSession."""


class HandOverCard(Payload):
    card: Id
    instructions: Text | None = None
    workflow: Workflow | None = None
    agent: Id | None = None

    @cached_property
    def html(self) -> str:
        """The instructions rendered, before the transaction (`CommandSpec.prepare`)."""
        return render_markdown(self.instructions or "")
