"""What may be asked of runs: the data of their commands."""

from functools import cached_property
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PrivateAttr

from agents.answers import Given, Held, hold_answer
from agents.services.closing import NOTHING_RENDERED, Rendered, render_abandoned, render_abandoned_in
from project.text import render_markdown
from project.wire import Id, Payload, Said, Text, null_means
from sessions.payloads import Workflow


class Ending(Payload):
    """What may end the run under way in a work session; without a driver, what that was writing is closed here, so it is rendered first."""

    _rendered: Rendered = PrivateAttr(default=NOTHING_RENDERED)

    @property
    def rendered(self) -> Rendered:
        """What `render` has made ready."""
        return self._rendered

    def render(self, session_id: UUID) -> None:
        """Make ready what ending the session's run needs (`CommandSpec.prepare`)."""
        self._rendered = render_abandoned_in(session_id)


class SendUserMessage(Ending):
    content: Said
    workflow: Workflow | None = None
    reasoning_effort: Literal["low", "medium", "high"] | None = None
    during_run: Annotated[Literal["ask", "queue", "interrupt"], null_means("ask")] = "ask"

    @cached_property
    def html(self) -> str:
        """The content rendered, before the transaction (`CommandSpec.prepare`)."""
        return render_markdown(self.content)

    def render(self, session_id: UUID) -> None:
        """As for every ending, where it is one."""
        if self.during_run == "interrupt":
            super().render(session_id)


class RunCommand(Payload):
    run: Id


class CancelRun(RunCommand):
    @cached_property
    def rendered(self) -> Rendered:
        """What the run was writing, rendered before the transaction (`CommandSpec.prepare`): without a driver the canceller closes it."""
        return render_abandoned(self.run)


class AnswerRequest(Payload):
    request: Id
    decision: Literal["approve", "deny", "answer"]
    hash: str = Field(max_length=64)
    arguments: dict[str, Any] | None = None
    result: Any = None
    note: Text | None = None

    @cached_property
    def held(self) -> Held:
        """The answer held to its request, before the transaction (`CommandSpec.prepare`)."""
        return hold_answer(self.request, Given(self.decision, self.arguments, self.result))


class ProvideToolResult(Payload):
    request: Id
    result: Any
    is_error: Annotated[bool, null_means(default=False)] = False

    @cached_property
    def held(self) -> Held:
        """As that of AnswerRequest."""
        return hold_answer(self.request, Given("answer", result=self.result, is_error=self.is_error))


class StopSession(Ending):
    """Nothing more than which session, and that is said by the socket or the path."""


class DeleteSession(Ending):
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
