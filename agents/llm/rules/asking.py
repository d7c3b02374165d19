"""Lets a handler ask for a tool's answer as if it had it: what is not known yet becomes a tool call, and the handler runs again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from agents.llm.port import ModelMessage, ToolCallDelta, ToolSpec
from agents.tools.base import HAPPENED

Data = Mapping[str, Any]
"""What a tool returned, parsed from its JSON."""


@dataclass(frozen=True)
class Outcome:
    """A tool's answer: its data, or why there is none. `note` is what a person said about the call.

    `text` is an answer that is no JSON object, as a client's may be. `happened`: it was cut off, but did take effect.
    """

    data: Data
    failure: str = ""
    note: str = ""
    text: str = ""
    happened: bool = False

    @property
    def is_ok(self) -> bool:
        return not self.failure


class NotYetKnown(Exception):
    """The handler needs a tool call that has not been made."""


@dataclass
class Asker:
    """The tool calls made since the request, and those wanted now."""

    tools: frozenset[str]
    known: Mapping[str, Outcome]
    made: int
    wanted: dict[str, ToolCallDelta] = field(default_factory=dict)
    reason: str = ""

    def __call__(self, tool: str, /, **arguments: object) -> Outcome:
        """The outcome of this call; raises NotYetKnown the first time. Arguments that are None are left out."""
        return self.explained("", tool, **arguments)

    def explained(self, because: str, tool: str, /, **arguments: object) -> Outcome:
        """The same, with the reason that people are told when they are asked about the call."""
        given = {name: value for name, value in arguments.items() if value is not None}
        key = _key(tool, given)
        if key in self.known:
            return self.known[key]
        if tool not in self.tools:
            return Outcome({}, f"The tool {tool} isn't given to this agent.")
        if key not in self.wanted:
            self.reason = because or self.reason
            self.wanted[key] = ToolCallDelta(f"rules-{self.made + len(self.wanted) + 1}", tool, given)
        raise NotYetKnown

    def each(self, tool: str, calls: Iterable[Mapping[str, object]]) -> list[Outcome]:
        """The outcomes of several calls of one tool, made side by side."""
        outcomes = []
        for arguments in calls:
            with suppress(NotYetKnown):
                outcomes.append(self(tool, **arguments))
        if self.wanted:
            raise NotYetKnown
        return outcomes


def make_asker(messages: Sequence[ModelMessage], since: Sequence[ModelMessage], tools: Sequence[ToolSpec]) -> Asker:
    """An asker that knows the outcomes of the calls in `since` and counts those in all of `messages`."""
    answers = {message.tool_call_id: message.content for message in since if message.role == "tool"}
    calls = [call for message in since for call in message.tool_calls if call.id in answers]
    known = {_key(call.name, call.arguments): _outcome(answers[call.id]) for call in calls}
    made = sum(len(message.tool_calls) for message in messages)
    return Asker(frozenset(tool.name for tool in tools), known, made)


def _key(tool: str, arguments: Mapping[str, object]) -> str:
    return f"{tool} {json.dumps(arguments, sort_keys=True, default=str)}"


def _outcome(content: str) -> Outcome:
    try:
        data = json.loads(content)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        return Outcome({}, "The tool's answer can't be read.", text=content.strip())
    note = str(data.get("note") or "")
    if data.get("error"):
        return Outcome({}, _reason(data["error"]), note)
    if data.keys() == {"outcome", "note"}:
        return Outcome({}, f"It was cut off, and a person says: {data['outcome']}.", note, happened=data["outcome"] == HAPPENED)
    return Outcome(data, note=note)


def _reason(error: object) -> str:
    """Why a call failed, in words. A denial carries the name and the note of whoever denied it."""
    if not isinstance(error, dict):
        return str(error)
    message = str(error.get("message") or "").strip()
    if error.get("code") == "denied" and error.get("by"):
        return f"Denied by {error['by']}: {message}" if message else f"Denied by {error['by']}."
    return message or "The tool failed."
