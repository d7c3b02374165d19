"""What a tool is. Tools read with the starter's rights and write through `perform` only; what fails raises AppError."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

from project.accounts.models import User
from project.errors import Invalid
from project.gate import validate
from project.wire import Payload

A = TypeVar("A", bound=Payload)

ToolClass: TypeAlias = Literal["read", "idempotent", "unsafe"]
"""read: free to repeat. idempotent: done once per call. unsafe: asks first, never repeated by itself."""

HAPPENED, DID_NOT = "It happened", "It did not happen"
"""What people say of an unsafe call that was cut off."""


@dataclass(frozen=True)
class ToolContext:
    """Who calls and where: `actor` is the agent, `principal` the human whose rights count, `call_id` makes a repeat harmless.

    `board_id` and `board_name` are the board of the work session. `approver` is who let this very call happen, None where
    nobody was asked: a tool that has to be allowed asks for it here, whatever its class said before.
    """

    actor: User
    principal: User
    board_id: UUID | None
    card_id: UUID | None
    session_id: UUID | None
    call_id: UUID
    board_name: str = ""
    approver: User | None = None


@dataclass(frozen=True)
class ToolResult:
    """`result` is JSON text for the model, `summary` one plain line for people."""

    result: str
    summary: str


@dataclass(frozen=True)
class HumanQuestion:
    """What people are asked; without `choices` they answer in their own words."""

    text: str
    choices: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Tool(Generic[A]):
    """A tool an agent may be given. `run` is synchronous, may use the database, and is called off the event loop.

    Where the class depends on what is asked, `class_of_call` gives it (without the database); `tool_class` is the usual one.
    A call that takes longer than `timeout_s` fails. A tool with a `question` puts it to people first, and runs once it is answered.
    `subject` looks up what a call is about, in one plain line, for those who have to allow it.
    """

    name: str
    title: str
    description: str
    arguments: type[A]
    tool_class: ToolClass
    run: Callable[[ToolContext, A], ToolResult]
    class_of_call: Callable[[ToolContext, A], ToolClass] | None = None
    timeout_s: float = 30.0
    question: Callable[[A], HumanQuestion] | None = None
    subject: Callable[[ToolContext, A], str] | None = None

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of the arguments."""
        return self.arguments.model_json_schema()

    def class_of(self, context: ToolContext, parameters: Mapping[str, Any]) -> ToolClass:
        """The class of a call. Parameters that don't fit ask nobody: the call is refused before it does anything."""
        try:
            arguments = validate(self.arguments, parameters)
        except Invalid:
            return "read"
        return self.class_of_call(context, arguments) if self.class_of_call else self.tool_class

    def question_of(self, parameters: Mapping[str, Any]) -> HumanQuestion | None:
        """What people are to be asked before this call; None for a tool that asks nothing, and for parameters that don't fit."""
        if self.question is None:
            return None
        try:
            return self.question(validate(self.arguments, parameters))
        except Invalid:
            return None

    def subject_of(self, context: ToolContext, parameters: Mapping[str, Any]) -> str:
        """What a call is about as it is called now; empty for a tool that doesn't say, and for parameters that don't fit."""
        if self.subject is None:
            return ""
        try:
            return self.subject(context, validate(self.arguments, parameters))
        except Invalid:
            return ""
