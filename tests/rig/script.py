"""The scripted run of RELIABILITY C5: three answers of a model, a read tool, an idempotent tool, an unsafe one, two board writes.

What the model says follows from the conversation alone, so that it says the same after every crash.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.llm.port import Delta, Finish, ModelMessage, Purpose, TextDelta, ThoughtDelta, ToolCallDelta, ToolSpec, Usage
from agents.tools import comment_card, create_card
from agents.tools.base import Tool, ToolContext, ToolResult
from project.wire import Payload
from tests.rig.journal import ANSWER, CARD, COMMENT, effects, keep_effect, note, own_folder
from tests.rig.points import pass_point


class Nothing(Payload):
    """A tool of the rig takes no arguments."""


class RigModel:
    """First the harmless tools side by side, then the unsafe one, then the report, word by word with RIG_PACE_S between them."""

    name, adapter = "rig", "scripted"

    async def stream(self, messages: Sequence[ModelMessage], tools: Sequence[ToolSpec], *, purpose: Purpose) -> AsyncGenerator[Delta, None]:
        del tools, purpose
        used = {message.name for message in messages if message.role == "tool"}
        turn = 3 if "launch" in used else 2 if "look" in used else 1
        note("model", turn=turn)
        pass_point(f"model {turn} asked")
        for number, delta in enumerate(_answer(turn)):
            if number:
                await asyncio.sleep(float(os.environ.get("RIG_PACE_S", "0.005")))
            yield delta
            if not number:
                pass_point(f"model {turn} heard")
        yield Finish("stop" if turn == 3 else "tool_calls", Usage(10, 10, 0.0))
        pass_point(f"model {turn} done")


def _answer(turn: int) -> list[Delta]:
    if turn == 3:
        return [ThoughtDelta("Everything is done. "), *(TextDelta(f"{word} ") for word in ANSWER.split()[:-1]), TextDelta("pressed.")]
    if turn == 2:
        return [TextDelta("Now the button. "), ToolCallDelta("c5", "launch", {})]
    arguments: Mapping[str, Mapping[str, object]] = {
        "look": {},
        "note": {},
        "create_card": {"title": CARD},
        "comment_card": {"content": COMMENT},
    }
    return [ThoughtDelta("First the easy part. "), *(ToolCallDelta(f"c-{name}", name, value) for name, value in arguments.items())]


def tools() -> dict[str, Tool[Any]]:
    """The tools of the run, each with a point before and after."""
    own: list[Tool[Any]] = [
        Tool("look", "Look", "Looks.", Nothing, "read", _look),
        Tool("note", "Note", "Notes.", Nothing, "idempotent", _note),
        Tool("launch", "Launch", "Launches.", Nothing, "unsafe", _launch),
        create_card.TOOL,
        comment_card.TOOL,
    ]
    return {tool.name: _watched(tool) for tool in own}


def _watched(tool: Tool[Any]) -> Tool[Any]:
    def run(context: ToolContext, arguments: Any) -> ToolResult:
        pass_point(f"tool {tool.name} begins")
        result = tool.run(context, arguments)
        pass_point(f"tool {tool.name} ends")
        return result

    return replace(tool, run=run)


def _look(context: ToolContext, arguments: Nothing) -> ToolResult:
    note("tool", name="look", call=str(context.call_id))
    return ToolResult('{"seen": true}', "Seen")


def _note(context: ToolContext, arguments: Nothing) -> ToolResult:
    """A foreign system that takes an idempotency key: a key it knows has no further effect."""
    note("tool", name="note", call=str(context.call_id))
    if str(context.call_id) not in effects(own_folder()):
        keep_effect(str(context.call_id))
    return ToolResult('{"noted": true}', "Noted")


def _launch(context: ToolContext, arguments: Nothing) -> ToolResult:
    note("tool", name="launch", call=str(context.call_id))
    return ToolResult('{"launched": true}', "Launched")
