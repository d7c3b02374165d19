"""Keeping a question within a model's window: the oldest results of tools are shortened first, then whatever is longest."""

from collections.abc import Sequence
from dataclasses import replace

from agents.llm.answer import estimate
from agents.llm.port import ModelMessage, ToolSpec

_RESULT_CHARS = 400
_LEAST_CHARS = 1_000


def fit(messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], window: int) -> list[ModelMessage]:
    """The messages, shortened until they and the tools take three quarters of `window` tokens: the rest is for the answer.

    What the model is told first and every message's place stay. Nothing gets shorter than 1,000 characters otherwise: what is
    still too long then is for the provider to refuse.
    """
    fitted = list(messages)
    room = window * 3 // 4 - sum(estimate(len(str(tool.parameters)) + len(tool.description)) for tool in tools)
    for place, message in enumerate(fitted):
        if _size(fitted) <= room:
            return fitted
        if message.role == "tool" and place < len(fitted) - 1:
            fitted[place] = _shorten(message, _RESULT_CHARS)
    while _size(fitted) > room:
        place = max((place for place, each in enumerate(fitted) if each.role != "system"), key=lambda each: len(fitted[each].content))
        length = len(fitted[place].content)
        if length <= _LEAST_CHARS:
            break
        fitted[place] = _shorten(fitted[place], max(length // 2, _LEAST_CHARS))
    return fitted


def _shorten(message: ModelMessage, most: int) -> ModelMessage:
    """The message with its middle left out: the beginning says what it is, the end what it comes to."""
    text = message.content
    note = f"\n[… {len(text):,} characters, shortened …]\n"
    if len(text) <= most:
        return message
    kept = max(most - len(note), 0)
    return replace(message, content=text[: kept - kept // 3] + note + text[len(text) - kept // 3 :])


def _size(messages: Sequence[ModelMessage]) -> int:
    return sum(estimate(len(each.content) + sum(len(str(call.arguments)) for call in each.tool_calls)) for each in messages)
