"""Summing up a conversation by rules: the beginning of what each said, the oldest left out when it gets long."""

from collections.abc import Mapping

from agents.llm.rules.sections import read_results
from agents.llm.rules.text import shorten

_MOST_LINES = 40
_LINE_CHARS = 160


def sum_up(sections: Mapping[str, str]) -> str:
    """The summary so far with a line for every message since."""
    before = [line for line in sections.get("Summary", "").splitlines() if line.startswith("- ")]
    said = [f"- {each.title}: {shorten(each.content, _LINE_CHARS)}" for each in read_results(sections.get("Conversation", ""))]
    return "\n".join([*before, *said][-_MOST_LINES:])
