"""Tells results in which something was found from those that say only that nothing could be done, and reports on the latter."""

import re
from collections.abc import Sequence

from agents.llm.rules.findings import NOT_DONE, bold
from agents.llm.rules.offers import NEEDS_MODEL, instead
from agents.llm.rules.sections import Result
from agents.llm.rules.text import bullets, count, inline

UNDONE = "Not done"

_FAILED = re.compile(rf"\*\*{NOT_DONE}.*?\.\*\* (?P<reason>.*)", re.DOTALL)


def is_undone(result: Result) -> bool:
    """Whether the result says only why there is none: it was denied, it failed, or it needs a language model."""
    return result.content.startswith(NEEDS_MODEL) or _FAILED.match(result.content) is not None


def undone(results: Sequence[Result], total: int) -> list[str]:
    """What of `total` steps could not be done, each with its reason, and what to ask instead."""
    if not results:
        return []
    lines = bullets(f"{inline(result.title)}: {_reason(result)}" if result.title else _reason(result) for result in results)
    if len(results) == total:
        parts = [bold("Nothing could be done."), lines]
    else:
        parts = [f"## {UNDONE}", bold(f"{len(results)} of {count(total, 'step')} could not be done."), lines]
    return [*parts, instead()] if any(result.content.startswith(NEEDS_MODEL) for result in results) else parts


def _reason(result: Result) -> str:
    failed = _FAILED.match(result.content)
    return " ".join(failed["reason"].split()) if failed else "That needs a language model."
