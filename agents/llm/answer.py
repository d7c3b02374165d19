"""Putting an answer together from the chunks of an OpenAI-compatible stream: text and reasoning as they come, tool calls whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from agents.llm.errors import BrokenAnswer, ModelEndless, ModelFiltered, ModelTrouble
from agents.llm.port import Delta, Finish, TextDelta, ThoughtDelta, ToolCallDelta, Usage
from project.agent_settings import Price
from project.limits import limits

CHARS_PER_TOKEN = 4
"""A rough figure for where nobody has counted: of English prose with OpenAI's and Anthropic's tokenisers."""

_SHOWN_CHARS = 2_000

_Count = Annotated[int, Field(ge=0, le=10**9)]


class _Part(BaseModel):
    # Providers send fields of their own beside the known ones.
    model_config = ConfigDict(extra="ignore")


class _Function(_Part):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(_Part):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Said(_Part):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(_Part):
    delta: _Said | None = None
    finish_reason: str | None = None


class _Usage(_Part):
    prompt_tokens: _Count = 0
    completion_tokens: _Count = 0
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


def _if_it_is_one(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """An answer is none the worse for a nonsensical usage, and a budget must not grow by one."""
    try:
        return read(value)
    except ValidationError:
        return None


class _Chunk(_Part):
    choices: list[_Choice] | None = None
    usage: Annotated[_Usage | None, WrapValidator(_if_it_is_one)] = None


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Answer:
    """One answer as it comes in. `asked_chars` is the length of the question, for providers that count no tokens."""

    asked_chars: int
    price: Price | None = None
    finish_reason: str | None = None
    _calls: list[_Call] = field(default_factory=list)
    _by_index: dict[int, _Call] = field(default_factory=dict)
    _usage: _Usage | None = None
    _chars: int = 0

    def take(self, chunk: Mapping[str, Any]) -> list[Delta]:
        """What this chunk adds and may be shown at once. BrokenAnswer when it is not a chunk, ModelEndless when it is one too many."""
        try:
            read = _Chunk.model_validate(chunk)
        except ValidationError as error:
            raise BrokenAnswer("The model provider sent something that is no piece of an answer.") from error
        self._usage = read.usage or self._usage
        deltas: list[Delta] = []
        for choice in (read.choices or [])[:1]:
            deltas += self._hear(choice.delta or _Said())
            self.finish_reason = choice.finish_reason or self.finish_reason
        # Arguments are not shown before they are whole, so nobody else sees how long they get.
        if self._chars > limits().model_answer_chars:
            raise ModelEndless
        return deltas

    def end(self) -> list[Delta]:
        """The tool calls and the finish. BrokenAnswer when the stream ended before the answer did."""
        if self.finish_reason is None:
            raise BrokenAnswer
        if self.finish_reason == "content_filter":
            raise ModelFiltered
        if self.finish_reason == "error":
            raise ModelTrouble
        calls = [_read_call(number, call) for number, call in enumerate(self._calls, start=1)]
        return [*calls, Finish(self._reason(), self._count())]

    def _hear(self, said: _Said) -> list[Delta]:
        thought, text = said.reasoning_content or said.reasoning or "", said.content or ""
        for piece in said.tool_calls or []:
            self._merge(piece)
        self._chars += len(thought) + len(text)
        return [*([ThoughtDelta(thought)] if thought else []), *([TextDelta(text)] if text else [])]

    def _merge(self, piece: _ToolCall) -> None:
        """Add a piece to its call: by index; a new id under a known index is a call of its own (some servers number all 0)."""
        index = piece.index if piece.index is not None else max(len(self._calls) - (not piece.id), 0)
        call = self._by_index.get(index)
        if call is None or (piece.id and call.id and piece.id != call.id):
            call = self._by_index[index] = _Call()
            self._calls.append(call)
        function = piece.function or _Function()
        call.id = call.id or piece.id or ""
        call.name = call.name or function.name or ""
        call.arguments += function.arguments or ""
        self._chars += len(function.arguments or "")

    def _reason(self) -> Literal["stop", "tool_calls", "length"]:
        if self._calls:
            return "tool_calls"
        return "length" if self.finish_reason == "length" else "stop"

    def _count(self) -> Usage:
        usage = self._usage or _Usage(prompt_tokens=estimate(self.asked_chars), completion_tokens=estimate(self._chars))
        cost = usage.cost
        if cost is None and self.price is not None:
            cost = (usage.prompt_tokens * self.price.input + usage.completion_tokens * self.price.output) / 1_000_000
        return Usage(usage.prompt_tokens, usage.completion_tokens, cost)


def estimate(chars: int) -> int:
    """About how many tokens this many characters are."""
    return -(-chars // CHARS_PER_TOKEN)


def _read_call(number: int, call: _Call) -> ToolCallDelta:
    """The call, with a flaw instead of its arguments where they are not a JSON object."""
    identity = call.id or f"call_{number}"
    try:
        arguments: object = json.loads(call.arguments or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError):
        arguments = None
    if isinstance(arguments, dict):
        return ToolCallDelta(identity, call.name, arguments)
    flaw = "The arguments are not a JSON object. Call the tool again with arguments that fit its schema."
    return ToolCallDelta(identity, call.name, {"unreadable": call.arguments[:_SHOWN_CHARS]}, flaw)


def _refuse(constant: str) -> Sequence[object]:
    raise ValueError(f"{constant} is no JSON")
