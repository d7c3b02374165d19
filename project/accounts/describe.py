"""How a REST view says what it takes and gives, for the OpenAPI document (project.realtime.schema writes it).

A view declares `operations = {"GET": Operation(...), ...}`; a test fails when a method of a routed view is not declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from pydantic import BaseModel

from project.errors import AppError


class HasPayload(Protocol):
    """A command (project.realtime.commands.CommandSpec)."""

    @property
    def payload(self) -> type[BaseModel]: ...


Shape: TypeAlias = Any
"""What a pydantic TypeAdapter takes (a model, `list[Model]`, `Model | None`, …), or a mapping of names to shapes: an object."""


@dataclass(frozen=True)
class Operation:
    """One method of a view.

    `body` is a model or the command the body is for; `from_path` names its fields that the address says instead. `reply` is
    the shape of a success with `status`. `errors` are refusals beyond those that any request may meet.
    """

    summary: str
    body: type[BaseModel] | HasPayload | None = None
    from_path: tuple[str, ...] = ()
    query: type[BaseModel] | None = None
    reply: Shape = None
    status: int = 200
    is_public: bool = False
    errors: tuple[type[AppError], ...] = ()
    media_type: str = "application/json"


def list_of(item: Shape) -> Mapping[str, Shape]:
    """The envelope of every list."""
    return {"results": list[item], "next": str | None}
