"""Cards in Markdown: one line each, in a fixed form that the refiner can read back, or a table of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.llm.rules.text import bullets, count, inline

Data = Mapping[str, Any]

_SEPARATOR = " · "
_LINE = re.compile(r"^- (\[#(\d+) (?:\\.|[^\]\\])*\]\([^)\s]*\))(?: · (.*))?$")
NOBODY = "nobody"


def link(card: Data) -> str:
    """A card as a link with number and title."""
    return f"[#{card['number']} {inline(card['title'])}]({card['link']})"


def line(card: Data, *extra: str) -> str:
    """A card in a list: link, column, due day, `extra`, assignee."""
    facts = [inline(card["column"]).replace(_SEPARATOR, " "), *_due(card), *extra, inline(card["assignee"] or NOBODY)]
    return _SEPARATOR.join([link(card), *facts])


def time_in_column(card: Data) -> str:
    """How long a card has been where it is."""
    return f"{_time(card)} in {inline(card['column'])}"


def listed(found: Data, *, with_time: bool = False) -> str:
    """The cards a tool returned, and how many it held back."""
    shown = found["cards"]
    lines = [line(card, *([f"{_time(card)} there"] if with_time else [])) for card in shown]
    left = int(found["count"]) - len(shown)
    return bullets(lines) + (f"\n\nAnd {count(left, 'more card')}." if left > 0 else "")


def _time(card: Data) -> str:
    days = int(card["days_in_column"])
    return count(days, "day") if days else "less than a day"


def _due(card: Data) -> list[str]:
    if not card["due"]:
        return []
    late = int(card["days_overdue"])
    return [f"due {card['due']}" + (f", {count(late, 'day')} overdue" if late else "")]


@dataclass(frozen=True)
class Line:
    """A line of a list of cards, read back."""

    text: str
    link: str
    number: int
    facts: tuple[str, ...]

    @property
    def due(self) -> str:
        return next((fact.removeprefix("due ") for fact in self.facts[1:] if fact.startswith("due ")), "")

    @property
    def is_overdue(self) -> bool:
        return self.due.endswith("overdue")

    @property
    def column(self) -> str:
        return self.facts[0] if self.facts else ""

    @property
    def assignee(self) -> str:
        return self.facts[-1] if len(self.facts) > 1 else ""


def read_lines(text: str) -> list[Line]:
    """The lines of cards in a Markdown text."""
    matches = [match for row in text.splitlines() if (match := _LINE.match(row))]
    return [Line(match[0], match[1], int(match[2]), tuple((match[3] or "").split(_SEPARATOR))) for match in matches]


def table(lines: Sequence[Line]) -> str:
    """The cards of these lines as a table."""
    rows = [f"| {item.link} | {item.column} | {item.due or '–'} | {item.assignee or '–'} |" for item in lines]
    return "\n".join(["| Card | Column | Due | Assignee |", "|---|---|---|---|", *rows])
