"""What models and tools say, as databases take it: an odd character, number or name must not end a run."""

import math
import re
from collections.abc import Mapping
from typing import Any

from agents.canonical import canonical
from agents.llm.port import Delta, Finish, TextDelta, ThoughtDelta, ToolCallDelta
from project.limits import limits

_REFUSED = re.compile("[\0\ud800-\udfff]")
NAME_CHARS = 64
"""Of a tool's name; a model may make up any."""


def mend_text(text: str) -> str:
    """`text` without NUL and lone surrogates, each replaced by the replacement character."""
    return _REFUSED.sub("\ufffd", text)


def mend_delta(delta: Delta) -> Delta:
    """The same piece of an answer, its texts mended; lengths stay as they are."""
    match delta:
        case TextDelta():
            return TextDelta(mend_text(delta.text))
        case ThoughtDelta():
            return ThoughtDelta(mend_text(delta.text))
        case ToolCallDelta():
            return _mend_call(delta)
        case Finish():
            return delta


def mend_json(value: Any) -> Any:
    """A JSON value, mended all through: NaN and infinities, which are no JSON, become words, other numbers what databases keep.

    TooDeep for what is nested deeper than JSON from outside may be.
    """
    return _mend_value(value, limits().json_depth)


class TooDeep(ValueError):
    """This JSON is nested so deep that working with it would end whoever tries."""


def _mend_call(call: ToolCallDelta) -> ToolCallDelta:
    try:
        arguments, flaw = mend_json(call.arguments), call.flaw
    except TooDeep:
        arguments, flaw = {}, f"The arguments are nested too deep: at most {limits().json_depth} levels are taken."
    return ToolCallDelta(mend_text(call.id), mend_text(call.name)[:NAME_CHARS], arguments, flaw)


def _mend_value(value: Any, levels: int) -> Any:
    match value:
        case str():
            return mend_text(value)
        case float() if not math.isfinite(value):
            return str(value)
        case float():
            return canonical(value)
        case list() | Mapping() if not levels:
            raise TooDeep
        case list():
            return [_mend_value(each, levels - 1) for each in value]
        case Mapping():
            return {mend_text(str(name)): _mend_value(each, levels - 1) for name, each in value.items()}
        case _:
            return value
