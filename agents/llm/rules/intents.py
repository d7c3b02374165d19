"""What the rules understand: the kinds of work, and how one pattern turns a clause of a request into an intent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agents.llm.rules.text import shorten

QUOTED = r"(?:\"([^\"]+)\"|“([^”]+)”|(?<!\w)'([^']+)'(?!\w)|‘([^’]+)’|«([^»]+)»)"
CARD = r"(?:the\s+)?(?:card\s+)?(?:number\s+)?#\s?(\d{1,9})\b|(?:the\s+)?card\s+(?:number\s+)?(\d{1,9})\b"
POLITE = (
    r"(?:(?:please|kindly|thanks|thank you|(?:can|could|would|will) you|i(?:['’]d| would) like(?: you)? to|i (?:want|need)(?: you)? to"
    r"|let(?:['’]s| us)|go ahead and|just|now|also|then|so|after that|(?:if|when) (?:possible|you (?:can|like|have time)))\b[\s,]*)"
)
"""What may stand before an order and makes it no other one."""
COLUMN = r"(to[ -]?do|in progress|review|done|backlog|doing)\b"


@dataclass(frozen=True)
class Kind:
    """A sort of work: who does it, and whether it changes the board."""

    name: str
    role: str
    is_write: bool = False


@dataclass(frozen=True)
class Intent:
    """One thing that was asked for."""

    kind: Kind
    title: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text argument, empty where it is not given."""
        return str(self.arguments.get(name, ""))

    def number(self, name: str) -> int | None:
        """A numeric argument."""
        value = self.arguments.get(name)
        return value if isinstance(value, int) else None


_READERS = (
    "overdue",
    "due",
    "unassigned",
    "assignee",
    "column",
    "label",
    "search",
    "card",
    "related",
    "activity",
    "discussion",
    "said",
    "page",
)
_ANALYSTS = ("summary", "stuck", "oldest", "workload", "columns", "counts", "series", "dates", "calculation")
_KEEPERS = ("create", "comment", "move", "checklist", "delete")

KINDS: Mapping[str, Kind] = {
    **{name: Kind(name, "Researcher") for name in _READERS},
    **{name: Kind(name, "Analyst") for name in _ANALYSTS},
    **{name: Kind(name, "Board keeper", is_write=True) for name in _KEEPERS},
    **{name: Kind(name, "Assistant") for name in ("help", "idle", "unable", "ask")},
}

Maker: TypeAlias = Callable[[re.Match[str]], Intent | None]


@dataclass(frozen=True)
class Rule:
    """Recognises a clause by `pattern`; `make` gives the intent, or None when it is not meant after all."""

    pattern: re.Pattern[str]
    make: Maker


def rule(make: Maker, *patterns: str) -> Rule:
    """A rule for any of the patterns, whatever their case."""
    return Rule(re.compile("|".join(patterns), re.IGNORECASE), make)


def intent(kind: str, title: str, /, **arguments: object) -> Intent:
    """An intent of the kind of that name; arguments that are None are left out."""
    return Intent(KINDS[kind], shorten(title, 200), {name: value for name, value in arguments.items() if value is not None})


def unable(text: str) -> Intent:
    """What rules cannot do."""
    return intent("unable", f"Answer “{shorten(text, 80)}”", text=shorten(text, 300))


def first(match: re.Match[str], start: int = 1, end: int | None = None) -> str:
    """The first group that took part, of the groups `start` to `end`."""
    groups = match.groups()[start - 1 : end]
    return next((group.strip() for group in groups if group), "")


def number_in(match: re.Match[str], start: int = 1) -> int | None:
    """The card number caught by the two groups of CARD from `start` on."""
    found = first(match, start, start + 1)
    return int(found) if found else None


def first_match(rules: tuple[Rule, ...], clause: str) -> Intent | None:
    """The intent of the first rule that recognises the clause."""
    for candidate in rules:
        match = candidate.pattern.search(clause)
        found = candidate.make(match) if match else None
        if found:
            return found
    return None
