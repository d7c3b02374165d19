"""What a model has written, made ready to be stored and shown before the change that stores it."""

from dataclasses import dataclass

from agents.workflows.aside import aside
from project.text import first_words, render_markdown

_GIST_CHARS = 280
# The first paragraph stands at the beginning: reading all of a long answer for it takes as long as rendering it.
_LOOKED_AT_CHARS = 8_000


@dataclass(frozen=True)
class Written:
    """Markdown, its HTML, and its first words in one plain line, for whoever sees only that a step ended."""

    text: str
    html: str
    gist: str


async def write_up(text: str) -> Written:
    """The text made ready, off the event loop: 400,000 characters of Markdown take up to 5 s (measured November 2026)."""
    return await aside(_write_up, text)


def _write_up(text: str) -> Written:
    return Written(text, render_markdown(text), first_words(text[:_LOOKED_AT_CHARS], _GIST_CHARS))
