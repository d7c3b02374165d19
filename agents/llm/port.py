"""The model port: the one shape in which workflows talk to a language model, or to the rules that stand in for one."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Purpose: TypeAlias = Literal[
    "plan", "execute", "aggregate", "chat", "clarify", "refine", "summarise", "implement", "test", "measure", "critique"
]
"""What an answer is for. Those in JSON_PURPOSES answer one JSON object, all others Markdown."""

JSON_PURPOSES: frozenset[Purpose] = frozenset({"plan", "implement", "test"})
"""plan: `{"subtasks": [{"id", "title", "role", "needs": [ids]}]}`. implement: `{"about", "diff"}` or `{"about", "files": [{"path",
"content"}]}`. test: `{"scenarios": [{"name", "yaml"}]}`.
"""

MOST_CALLS = 32
"""Of tools, in one answer: a run's events are counted before a question to the model, so one answer must not make any number of them."""

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class ThoughtDelta:
    """The next piece of reasoning, readable by people."""

    text: str


@dataclass(frozen=True)
class ToolCallDelta:
    """One whole tool call; `arguments` is the JSON object the tool's schema describes. A `flaw` says why they could not be read."""

    id: str
    name: str
    arguments: Mapping[str, object]
    flaw: str = ""


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer; `cost_usd` None means unknown."""

    input_tokens: int
    output_tokens: int
    cost_usd: float | None


@dataclass(frozen=True)
class Finish:
    """The last delta of every complete answer; a stream that ends without it broke off."""

    reason: Literal["stop", "tool_calls", "length"]
    usage: Usage


Delta: TypeAlias = TextDelta | ThoughtDelta | ToolCallDelta | Finish


@dataclass(frozen=True)
class ModelMessage:
    """One message of the conversation. A `tool` message answers the call `tool_call_id` of the tool `name`."""

    role: Role
    content: str
    tool_calls: tuple[ToolCallDelta, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class ToolSpec:
    """A tool as offered to the model; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, object]


class Model(Protocol):
    """A language model, or what stands in for one."""

    @property
    def name(self) -> str: ...

    @property
    def adapter(self) -> str: ...

    def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        """The answer, delta by delta; the first one is given at once. Raises ModelError."""
        ...
