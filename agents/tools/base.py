"""What a tool is. Tools read with the starter's rights and write through `perform` only; what fails raises AppError."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

from project.accounts.models import User
from project.wire import Payload

A = TypeVar("A", bound=Payload)

ToolClass: TypeAlias = Literal["read", "idempotent", "unsafe"]
"""read: free to repeat. idempotent: done once per call. unsafe: asks first, never repeated by itself."""


@dataclass(frozen=True)
class ToolContext:
    """Who calls and where: `actor` is the agent, `principal` the human whose rights count, `call_id` makes a repeat harmless."""

    actor: User
    principal: User
    board_id: UUID | None
    card_id: UUID | None
    session_id: UUID | None
    call_id: UUID


@dataclass(frozen=True)
class ToolResult:
    """`result` is JSON text for the model, `summary` one plain line for people."""

    result: str
    summary: str


@dataclass(frozen=True)
class Tool(Generic[A]):
    """A tool an agent may be given. `run` is synchronous, may use the database, and is called off the event loop."""

    name: str
    title: str
    description: str
    arguments: type[A]
    tool_class: ToolClass
    run: Callable[[ToolContext, A], ToolResult]

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of the arguments."""
        return self.arguments.model_json_schema()
