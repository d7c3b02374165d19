"""The table of orders that change the board. Each wants its object named: a number, a quoted title, or this card.

An order begins its clause: what is asked, told of others or forbidden is none, for a board is changed without asking anybody.
What is to be deleted may be named by words of its title, for it is asked about before it is done.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.llm.rules.intents import CARD, COLUMN, POLITE, QUOTED, Intent, first, intent, number_in, rule, unable
from agents.llm.rules.text import shorten

# Groups 1-2 a number, 3-7 a quoted title, 8 a plain title after the word card.
_OBJECT = (
    rf"(?:{CARD}|(?:the\s+)?(?:card\s+)?(?:called\s+|named\s+|titled\s+)?{QUOTED}|(?:the\s+)?card\s+(?:called\s+|named\s+|titled\s+)?(.+?)"
)
_THIS = r"(?:this card|(it)|this)\b"
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
    return number, title, _words_for(number, title)


def _words_for(number: int | None, title: str | None = None) -> str:
    return f"card #{number}" if number else f"card “{shorten(title, 80)}”" if title else _THIS_CARD


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
    column = match[10].strip(" .!?\"'“”")
    return intent("move", f"Move {words} to {shorten(column, 60)}", number=number, card_title=title, column=column, it=match[9])


def _comment(match: re.Match[str]) -> Intent:
    number, title, words = _object(match)
    return intent("comment", f"Comment on {words}", number=number, card_title=title, content=_unquote(match[10].strip()), it=match[9])


def _comment_first(match: re.Match[str]) -> Intent:
    number = number_in(match, 6)
    return intent("comment", f"Comment on {_words_for(number)}", number=number, content=first(match, 1, 5), it=match[8])


def _create(match: re.Match[str]) -> Intent:
    title = first(match, 1, 7).strip(" .!")
    column, assignee = first(match, 8, 13).strip(" .!\"'“”") or None, first(match, 14) or None
    where = f" in {column}" if column else ""
    return intent("create", f"Create card “{shorten(title, 80)}”{where}", title=title, column=column, assignee=assignee)


def _checklist(match: re.Match[str]) -> Intent:
    verb, item, number = match[1].lower(), first(match, 2, 6), number_in(match, 7) or number_in(match, 10)
    change = next(name for name, verbs in _CHECKLIST_VERBS.items() if verb in verbs)
    title = _CHECKLIST_TITLES[change].format(shorten(item, 60), _words_for(number))
    return intent("checklist", title, number=number, change=change, item=item, it=match[9])


def refer(order: Intent, before: Sequence[Intent]) -> Intent:
    """The order with the card that its “it” stands for: the one spoken of just before. Others, of an earlier message too, aren't known."""
    if "it" not in order.arguments:
        return order
    if not before or before[-1].kind.name not in _ABOUT_ONE_CARD:
        return unable(order.title)
    last = before[-1]
    given = {name: value for name, value in order.arguments.items() if name != "it"}
    named = {name: last.arguments[name] for name in ("number", "card_title") if name in last.arguments}
    words = _words_for(last.number("number"), last.text("card_title"))
    return replace(order, title=order.title.replace(_THIS_CARD, words), arguments={**named, **given})


def heed(sentence: str, found: Sequence[Intent]) -> list[Intent]:
    """What was found in a sentence, without its orders where it asks, forbids or sets a condition: those are left to people."""
    is_told = _NOT_TOLD.match(sentence) is None
    is_certain = is_told and not any(match["cut"] for match in _CONDITION.finditer(sentence))
    # What a new card is called may hold any word.
    return [
        each if not each.kind.is_write or is_certain or (is_told and each.kind.name == "create") else unable(each.title) for each in found
    ]


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
_CHECKLIST_VERB = r"^\W*(add|put|tick(?: off)?|check(?: off)?|complete|untick|uncheck|reopen|remove|delete)\s+"
_CHECKLIST_PLACE = (
    rf"\s+(?:(?:to|on|in|from|of)\s+)?(?:the\s+)?(?:checklist\b(?:\s+(?:of|on)\s+(?:{CARD}|{_THIS}))?|(?:on|of)\s+(?:{CARD}))"
)

ORDER_BEGINS = rf"(?:^|[.?!;,&]|\b(?:and|then|plus)\b)\W{{0,4}}(?:and\s+)?{POLITE}{{0,4}}"
"""Where an order may begin in a paragraph: after a sentence or a joint, with polite words before it."""
COMMENT_TAIL = re.compile(
    rf"{ORDER_BEGINS}\b(?:comment|reply|write|add an? (?:comment|note)|leave an? (?:comment|note)|post an? comment|note)\s+(?:on|to)\s+"
    rf"{_OBJECT}|{_THIS})\s*(?:[:–—-]|,(?!\s*(?:please|and|then|but|so)\b)|\b(?:that|saying|with)\b)\s*:?\s*(\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
"""A comment takes the rest of its paragraph, whatever stands in it."""

_END = r"(?:\s+(?:please|now|too|as well|for good|from (?:the|this) board|because\b.*|since\b.*)|\s*\([^()]*\))*\W*$"
_CREATE = (
    r"(?:(?:create|add)\s+(?:(?:an?|the|another)\s+)?(?:new\s+)?|(?:make|open)\s+(?:an?|another|new)\s+(?:new\s+)?)"
    r"(?:card|task|ticket)\b\s*"
)
_CALLED = r"(?:(?:called|named|titled|for|about)\s+|:\s*)"
_TITLE = r"([^\s\"“'‘«].*?)"

WRITES = (
    rule(_checklist, rf"{_CHECKLIST_VERB}(?:the\s+item\s+)?{QUOTED}{_CHECKLIST_PLACE}"),
    rule(_comment, COMMENT_TAIL.pattern),
    rule(_comment_first, rf"^\W*(?:comment|write|post|note)\s+{QUOTED}\s+(?:on|to|under)\s+(?:{CARD}|{_THIS})"),
    rule(_move, rf"^\W*move\s+{_OBJECT}|{_THIS})\s+(?:back\s+)?(?:to|into)\s+(?:the\s+)?(?:column\s+)?(.+?)(?:\s+column)?\s*[.!?]?$"),
    rule(_delete, rf"^\W*(?:delete|remove|trash)\s+{_OBJECT}|this card\b){_END}"),
    rule(_delete_by_words, rf"^\W*(?:delete|remove|trash)\s+(?!.*(?:\b(?:{_NO_CARD})\b|[#\"“'‘«]))(\S.*)$"),
    rule(
        _create,
        rf"^\W*{_CREATE}(?:{_CALLED}?{QUOTED}|{_CALLED}{_TITLE}|(?!#|(?:to|in|on|from|with|under)\b){_TITLE})"
        rf"(?:\s+(?:in|to|on)\s+(?:the\s+)?(?:column\s+)?(?:{QUOTED}|{COLUMN}))?(?:\s+column)?"
        r"(?:,?\s+(?:and\s+)?(?:assigned to|assign (?:it )?to)\s+@?([\w.+-]*\w))?\s*[.!?]?$",
    ),
)

_THIS_CARD = "this card"
_ABOUT_ONE_CARD = frozenset(("card", "comment", "move", "checklist"))
_POSSIBLE = r"(?! (?:possible|you (?:can|could|like|please|have time|don['’]t mind))\b)"
_IF = rf"(?:if|when|whenever){_POSSIBLE}\b|unless\b|until\b|(?<!at )once\b|as soon as\b|in case\b"
_CONDITION = re.compile(rf"{QUOTED}|(?P<cut>\b(?:{_IF}))", re.IGNORECASE)
_NOT_TOLD = re.compile(
    rf"^\W*(?:{_IF}|(?:do not|don['’]?t|never|nobody|no one|how to|did|does|do|has|have|had|is|are|was|were|should|shall|may|might|must"
    r"|can|could|would|will)\b|(?:why|how|where|who|whose|what|which)\b[^,;]*?\b(?:did|do|does|would|should|could|can|may)\b)",
    re.IGNORECASE,
)
