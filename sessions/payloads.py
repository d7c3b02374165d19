"""What may be asked of work sessions: the data of their commands."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from project.limits import limits
from project.schemas import check_schema
from project.wire import Id, Payload, Text, Title, null_means

_TOOL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)

Workflow = Literal["chat", "resolve", "optimise"]


def _tool_name(value: str) -> str:
    if not _TOOL_NAME.fullmatch(value):
        raise ValueError("Use a letter, then up to 63 letters, digits, _ and -.")
    return value


def _schema(value: dict[str, Any] | None) -> dict[str, Any] | None:
    for path, messages in check_schema(value or {}).items():
        raise ValueError(f"At {path}: {messages[0]}" if path else messages[0])
    return value


def _object_schema(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("type") != "object":
        raise ValueError('This must be a JSON Schema with "type": "object".')
    return value


class ClientTool(Payload):
    """A tool that the client runs: the model's arguments are held to `parameters`, and what the client sends back to `result`."""

    name: Annotated[str, AfterValidator(_tool_name)]
    description: Text
    parameters: Annotated[dict[str, Any], AfterValidator(_object_schema), AfterValidator(_schema)]
    result: Annotated[dict[str, Any] | None, AfterValidator(_schema)] = None


def _few_patterns(value: Any) -> Any:
    # Looked at before any of them is read, because reading a pattern takes time.
    most = limits().schema_patterns
    if json.dumps(value).count('"pattern":') > most:
        raise ValueError(f"The schemas of a session have {most} patterns at most.")
    return value


def _distinct(tools: list[ClientTool]) -> list[ClientTool]:
    if len({tool.name for tool in tools}) < len(tools):
        raise ValueError("Two tools have the same name.")
    return tools


class StartSession(Payload):
    title: Title | None = None
    board: Id | None = None
    card: Id | None = None
    workflow: Workflow | None = None
    instructions: Text | None = None
    review_plan: Annotated[bool, null_means(default=False)] = False
    tools: Annotated[list[ClientTool], null_means([]), BeforeValidator(_few_patterns), AfterValidator(_distinct)] = Field(
        default_factory=list, max_length=50
    )


class EditSession(Payload):
    title: Title
