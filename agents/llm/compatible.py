"""The adapter for every server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Ollama, vLLM, llama.cpp and others."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

import httpx2

from agents.llm.answer import Answer
from agents.llm.client import ask
from agents.llm.errors import ModelTrouble
from agents.llm.port import JSON_PURPOSES, Delta, ModelMessage, Purpose, ToolSpec
from agents.llm.profiles import Profile
from agents.llm.window import fit

_REST_S = 5.0


class CompatibleModel:
    """A language model behind an OpenAI-compatible address."""

    adapter = "openai"

    def __init__(self, profile: Profile, *, effort: str = "") -> None:
        self.name = profile.model
        self._profile = profile
        self._effort = effort or profile.effort

    async def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        """The answer as the provider sends it: each piece at once, tool calls whole at the end."""
        body = self._body(messages, tools, purpose)
        answer = Answer(len(json.dumps(body["messages"])), self._profile.price)
        async with aclosing(ask(self._profile, body)) as chunks:
            async for chunk in chunks:
                for delta in answer.take(chunk):
                    yield delta
                if answer.finish_reason is not None:
                    await _hear_rest(answer, chunks)
                    break
        for delta in answer.end():
            yield delta

    def _body(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], purpose: Purpose) -> dict[str, Any]:
        profile = self._profile
        wanted = {
            "model": profile.model,
            "messages": [_message(each) for each in fit(messages, tools, profile.window)],
            "tools": [_tool(each) for each in tools],
            "temperature": profile.temperature,
            self._most_tokens: profile.max_tokens,
            "reasoning_effort": self._effort,
            "response_format": {"type": "json_object"} if purpose in JSON_PURPOSES else None,
            "stream_options": {"include_usage": True},
        }
        return {name: value for name, value in wanted.items() if value not in (None, "", [])}

    @property
    def _most_tokens(self) -> str:
        """OpenAI's newer models refuse the old name, most other servers don't know the new one."""
        return "max_completion_tokens" if httpx2.URL(self._profile.base_url).host == "api.openai.com" else "max_tokens"


async def _hear_rest(answer: Answer, chunks: AsyncGenerator[Mapping[str, Any], None]) -> None:
    """What follows a complete answer is its usage, if anything. Whatever goes wrong with it changes nothing about the answer."""
    with suppress(TimeoutError, ModelTrouble):
        async with asyncio.timeout(_REST_S):
            async for chunk in chunks:
                answer.take(chunk)


def _message(message: ModelMessage) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
    if message.tool_calls:
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))}}
            for call in message.tool_calls
        ]
        return {"role": message.role, "content": message.content or None, "tool_calls": calls}
    return {"role": message.role, "content": message.content}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}}
