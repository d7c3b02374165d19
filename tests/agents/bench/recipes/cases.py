"""Cases of recipes, kept as text: the code before, what becomes of it, and what is refused.

=== a name, perhaps with a place: @ Board.move or @ line 3
code before
--- becomes
code after; @@helper@@ stands for the function that the recipe adds
--- refused
line 3 in Board.move: the reason
"""

import re
from dataclasses import dataclass
from pathlib import Path

from agents.bench.recipes.recipe import Place

FOLDER = Path(__file__).parent / "cases"
_PLACE = re.compile(r" @ (?:line (?P<line>\d+)|(?P<function>[\w.<>]+))$")


@dataclass(frozen=True)
class Case:
    """One case. `after` is the same as `before` where nothing is to change."""

    name: str
    place: Place
    before: str
    after: str
    refused: tuple[str, ...]


def read_cases(name: str, helper: str = "") -> list[Case]:
    """The cases of a recipe's file."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [_read(part, helper) for part in text.split("=== ")[1:]]


def _read(part: str, helper: str) -> Case:
    title, _, body = part.partition("\n")
    found = _PLACE.search(title)
    body, _, refused = body.partition("--- refused\n")
    before, has_changed, after = body.partition("--- becomes\n")
    before, after = (each.rstrip("\n").replace("@@helper@@", helper.rstrip("\n")) + "\n" for each in (before, after))
    place = Place(int(found["line"]) if found["line"] else None, found["function"] or "") if found else Place()
    return Case(
        name=title,
        place=place,
        before=before,
        after=after if has_changed else before,
        refused=tuple(refused.strip("\n").split("\n")) if refused.strip() else (),
    )
