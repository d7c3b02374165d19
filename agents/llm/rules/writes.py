"""The table of orders that change the board. Each wants its object named: a number, a quoted title, or this card.

What is to be deleted may be named by words of its title, for it is asked about before it is done.
"""

import re

from agents.llm.rules.intents import CARD, COLUMN, QUOTED, Intent, first, intent, number_in, rule
from agents.llm.rules.text import shorten

# Groups 1-2 a number, 3-7 a quoted title, 8 a plain title after the word card.
_OBJECT = (
    rf"(?:{CARD}|(?:the\s+)?(?:card\s+)?(?:called\s+|named\s+|titled\s+)?{QUOTED}|(?:the\s+)?card\s+(?:called\s+|named\s+|titled\s+)?(.+?)"
)
_THIS = r"(?:this card|it|this)\b"
# Several cards, or none at all: no words of a title.
_NO_CARD = (
    r"all|any|each|every\w*|cards|tasks|tickets|them|those|these|columns?|boards?|comments?|labels?|tags?|members?|users?|checklists?|items?"
    r"|sessions?|rooms?|runs?|messages?|descriptions?|assignees?|(?:due )?dates?|limits?|from"
)
_WORD = re.compile(r"[^\W_]+")
_SMALL_WORDS = frozenset(("the", "a", "an", "my", "our", "your", "this", "that", "it", "card", "task", "ticket", "called", "named"))


def _object(match: re.Match[str]) -> tuple[int | None, str | None, str]:
    """Number, title, and the words for a card named by _OBJECT; none of them: this card."""
    number, title = number_in(match), first(match, 3, 8) or None
    words = f"card #{number}" if number else f"card “{shorten(title, 80)}”" if title else "this card"
    return number, title, words


def _delete(match: re.Match[str]) -> Intent:
    number, title, words = _object(match)
    return intent("delete", f"Delete {words}", number=number, card_title=title)


def _delete_by_words(match: re.Match[str]) -> Intent | None:
    words = " ".join(title_words(match[1]))
    return intent("delete", f"Delete “{shorten(words, 80)}”", card_words=words) if words else None


def title_words(text: str) -> list[str]:
    """The words by which a card can be told from others."""
    return [word for word in _WORD.findall(text) if word.casefold() not in _SMALL_WORDS]


def _move(match: re.Match[str]) -> Intent:
    number, title, words = _object(match)
    column = first(match, 9).strip(" .!?\"'“”")
    return intent("move", f"Move {words} to {shorten(column, 60)}", number=number, card_title=title, column=column)


def _comment(match: re.Match[str]) -> Intent:
    number, title, words = _object(match)
    return intent("comment", f"Comment on {words}", number=number, card_title=title, content=_unquote(first(match, 9)))


def _comment_first(match: re.Match[str]) -> Intent:
    number = number_in(match, 6)
    words = f"card #{number}" if number else "this card"
    return intent("comment", f"Comment on {words}", number=number, content=first(match, 1, 5))


def _create(match: re.Match[str]) -> Intent:
    title = first(match, 1, 6).strip(" .!")
    column, assignee = first(match, 7, 12).strip(" .!\"'“”") or None, first(match, 13) or None
    where = f" in {column}" if column else ""
    return intent("create", f"Create card “{shorten(title, 80)}”{where}", title=title, column=column, assignee=assignee)


def _checklist(match: re.Match[str]) -> Intent:
    verb, item, number = match[1].lower(), first(match, 2, 6), number_in(match, 7) or number_in(match, 9)
    change = next(name for name, verbs in _CHECKLIST_VERBS.items() if verb in verbs)
    words = f"card #{number}" if number else "this card"
    title = _CHECKLIST_TITLES[change].format(shorten(item, 60), words)
    return intent("checklist", title, number=number, change=change, item=item)


def _unquote(text: str) -> str:
    quoted = re.fullmatch(QUOTED, text)
    return first(quoted) if quoted else text


_CHECKLIST_VERBS = {
    "add": ("add", "put"),
    "done": ("tick", "tick off", "check", "check off", "complete"),
    "open": ("untick", "uncheck", "reopen"),
    "remove": ("remove", "delete"),
}
_CHECKLIST_TITLES = {
    "add": "Add “{}” to the checklist of {}",
    "done": "Tick “{}” on the checklist of {}",
    "open": "Untick “{}” on the checklist of {}",
    "remove": "Remove “{}” from the checklist of {}",
}
_CHECKLIST_VERB = r"\b(add|put|tick(?: off)?|check(?: off)?|complete|untick|uncheck|reopen|remove|delete)\s+"
_CHECKLIST_PLACE = (
    rf"\s+(?:(?:to|on|in|from|of)\s+)?(?:the\s+)?(?:checklist\b(?:\s+(?:of|on)\s+(?:{CARD}|{_THIS}))?|(?:on|of)\s+(?:{CARD}))"
)

COMMENT_TAIL = re.compile(
    rf"\b(?:comment|reply|write|add an? (?:comment|note)|leave an? (?:comment|note)|post an? comment|note)\s+(?:on|to)\s+{_OBJECT}|{_THIS})"
    r"\s*(?:[:,–—-]|\b(?:that|saying|with)\b)\s*:?\s*(\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""A comment takes the rest of its paragraph, whatever stands in it."""

WRITES = (
    rule(_checklist, rf"{_CHECKLIST_VERB}(?:the\s+item\s+)?{QUOTED}{_CHECKLIST_PLACE}"),
    rule(_comment, COMMENT_TAIL.pattern),
    rule(_comment_first, rf"\b(?:comment|write|post|note)\s+{QUOTED}\s+(?:on|to|under)\s+(?:{CARD}|{_THIS})"),
    rule(_move, rf"\bmove\s+{_OBJECT}|{_THIS})\s+(?:back\s+)?(?:to|into)\s+(?:the\s+)?(?:column\s+)?(.+?)(?:\s+column)?\s*[.!?]?$"),
    rule(_delete, rf"\b(?:delete|remove|trash)\s+{_OBJECT}\s*[.!?]?$|this card\b)"),
    rule(_delete_by_words, rf"^\W*(?:delete|remove|trash)\s+(?!.*(?:\b(?:{_NO_CARD})\b|[#\"“'‘«]))(\S.*)$"),
    rule(
        _create,
        rf"\b(?:create|add|make|open)\s+(?:an?\s+|the\s+)?(?:new\s+)?(?:card|task|ticket)\s*(?:called\s+|named\s+|titled\s+|for\s+|about\s+|:\s*)?"
        rf"(?:{QUOTED}|(.+?))(?:\s+(?:in|to|on)\s+(?:the\s+)?(?:column\s+)?(?:{QUOTED}|{COLUMN}))?(?:\s+column)?"
        r"(?:,?\s+(?:and\s+)?(?:assigned to|assign (?:it )?to)\s+@?([\w.+-]*\w))?\s*[.!?]?$",
    ),
)
