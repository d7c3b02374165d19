"""What models and tools say, as databases take it: an odd character, number or name must not end a run."""

import math
import re
from collections.abc import Mapping
from typing import Any

from agents.canonical import canonical
from agents.llm.port import Delta, Finish, TextDelta, ThoughtDelta, ToolCallDelta

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
            arguments = {mend_text(name): _mend_value(value) for name, value in delta.arguments.items()}
            return ToolCallDelta(mend_text(delta.id), mend_text(delta.name)[:NAME_CHARS], arguments, delta.flaw)
        case Finish():
            return delta


def _mend_value(value: Any) -> Any:
    """A JSON value, mended all through: NaN and infinities, which are no JSON, become words, other numbers what databases keep."""
    match value:
        case str():
            return mend_text(value)
        case float() if not math.isfinite(value):
            return str(value)
        case float():
            return canonical(value)
        case list():
            return [_mend_value(each) for each in value]
        case Mapping():
            return {mend_text(str(name)): _mend_value(each) for name, each in value.items()}
        case _:
            return value
