"""A model that says what a test wrote down, and nothing else."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ToolCallDelta, ToolSpec, Usage

Script: TypeAlias = str | Exception | Sequence[Delta | Exception | float]
"""One answer: plain text, an exception to raise, or deltas with exceptions to raise and pauses in seconds between them."""


class ScriptExhausted(Exception):
    """The test's script has no answer left for what was asked."""


@dataclass(frozen=True)
class Asked:
    """One question the model got."""

    purpose: Purpose
    messages: tuple[ModelMessage, ...]
    tools: tuple[str, ...]


class ScriptedModel:
    """Gives the answers of a script, by purpose, in order; `asked` keeps the questions."""

    adapter = "scripted"

    def __init__(self, answers: Mapping[Purpose, Iterable[Script]], *, name: str = "script") -> None:
        self.name = name
        self.asked: list[Asked] = []
        self._left = {purpose: deque(scripts) for purpose, scripts in answers.items()}

    async def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        """The next scripted answer for `purpose`; a Finish is added where the script has none and did not raise."""
        self.asked.append(Asked(purpose, tuple(messages), tuple(tool.name for tool in tools)))
        last: Delta | None = None
        for step in _steps(self._next(purpose)):
            if isinstance(step, Exception):
                raise step
            if isinstance(step, float | int):
                await asyncio.sleep(step)
                continue
            last = step
            yield step
        if not isinstance(last, Finish):
            yield Finish("tool_calls" if isinstance(last, ToolCallDelta) else "stop", Usage(0, 0, 0.0))

    def _next(self, purpose: Purpose) -> Script:
        left = self._left.get(purpose)
        if not left:
            asked = sum(question.purpose == purpose for question in self.asked)
            raise ScriptExhausted(f"The script has {asked - 1} answers for {purpose!r}, and was asked for one more.")
        return left.popleft()


def _steps(script: Script) -> Sequence[Delta | Exception | float]:
    if isinstance(script, str):
        return [TextDelta(script)]
    return [script] if isinstance(script, Exception) else script
