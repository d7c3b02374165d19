"""The sections of a prompt: written by workflows, read by the rules model, and safe against content that looks like a section."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.llm.port import ModelMessage

SECTIONS = (
    *("Request", "Asked by", "Subtask", "Results", "Live state", "Board now", "Summary", "Conversation", "Card", "Board"),
    *("Project", "Rounds", "Decided", "Change request", "Files", "Scenarios"),
)

# As a replacement in re.sub.
_BACKSLASH = r"\\"

_HANDED_OVER = "This card was handed over: "

_HEADING = re.compile(rf"^## ({'|'.join(SECTIONS)})[ \t]*$", re.MULTILINE)
_RESULT = re.compile(r"^### (.*)$", re.MULTILINE)
# A line that would read as a delimiter gets a backslash in front, which reading takes away.
_LOOKS_LIKE_SECTION = re.compile(rf"^(?=\\*## (?:{'|'.join(SECTIONS)})[ \t]*$)", re.MULTILINE)
_ESCAPED_SECTION = re.compile(rf"^\\(?=\\*## (?:{'|'.join(SECTIONS)})[ \t]*$)", re.MULTILINE)
_LOOKS_LIKE_RESULT = re.compile(r"^(?=\\*### )", re.MULTILINE)
_ESCAPED_RESULT = re.compile(r"^\\(?=\\*### )", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """One stored output: what was asked, and what came out."""

    title: str
    content: str


def write_sections(sections: Mapping[str, str]) -> str:
    """A prompt of these sections, by name, empty ones left out."""
    return "\n\n".join(f"## {name}\n{_LOOKS_LIKE_SECTION.sub(_BACKSLASH, text.strip())}" for name, text in sections.items() if text.strip())


def read_sections(text: str) -> dict[str, str]:
    """The sections of a prompt by name; what stands before the first one is no section."""
    marks = list(_HEADING.finditer(text))
    if not marks:
        return {}
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {mark[1]: _ESCAPED_SECTION.sub("", text[mark.end() : end]).strip() for mark, end in zip(marks, ends, strict=True)}


def write_results(results: Iterable[Result]) -> str:
    """The text of a Results section."""
    return "\n\n".join(
        f"### {' '.join(item.title.split())}\n{_LOOKS_LIKE_RESULT.sub(_BACKSLASH, item.content.strip())}" for item in results
    )


def read_results(text: str) -> list[Result]:
    """The outputs in a Results section; text without any heading is one output without a title."""
    marks = list(_RESULT.finditer(text))
    if not marks:
        return [Result("", text.strip())] if text.strip() else []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [Result(mark[1].strip(), _ESCAPED_RESULT.sub("", text[mark.end() : end]).strip()) for mark, end in zip(marks, ends, strict=True)]


def write_card_request(number: int, title: str, description: str) -> str:
    """The request of a card that is handed over without a word. It says so, because nothing in a card's text is an order of anybody."""
    return f"{_HANDED_OVER}#{number} {title}\n\n{description}".strip()


def is_card_request(request: str) -> bool:
    """Whether a request is a card that was handed over without a word."""
    return request.startswith(_HANDED_OVER)


@dataclass(frozen=True)
class Prompt:
    """What the model is asked now: the sections of the newest user message, and the messages since."""

    sections: Mapping[str, str]
    since: tuple[ModelMessage, ...]

    @property
    def request(self) -> str:
        return self.sections.get("Request", "")


def read_prompt(messages: Sequence[ModelMessage]) -> Prompt:
    """The prompt in `messages`. A user message without sections is the request itself."""
    place = max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)
    asked = messages[place].content if place >= 0 else ""
    return Prompt(read_sections(asked) or {"Request": asked.strip()}, tuple(messages[place + 1 :]))
