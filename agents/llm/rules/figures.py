"""Requests about a table of figures: which names are to be analysed, one piece of work each."""

import re
from collections.abc import Sequence

from agents.llm.rules.intents import Intent, first_match, intent
from agents.llm.rules.reads import READS

_NOUNS = r"stocks?|shares?|prices?|volatilit\w+|returns?|performances?|drawdowns?|tables?|figures|series|trends?"
_FIGURES = re.compile(r"\b(?:stocks?|shares?|prices?|volatil\w+|returns|drawdowns?|tables?|figures)\b", re.IGNORECASE)
_VERBS = re.compile(r"\b(?:analy[sz]e|analysis|compare|evaluate|performance)\b", re.IGNORECASE)
_ABOUT_THE_BOARD = re.compile(
    r"\b(?:board|workload|assignees?|people|columns|cards|as a table|said|say|decided?|agreed?|discuss\w*|comment\w*)\b|#\d"
    r"|^\W*(?:search|move|delete|remove|trash|tick|rename|archive|find\s+[\"“'‘«])|^\W*(?:create|add|make|open)\s+(?:\w+\s+){0,3}(?:card|task|ticket)\b",
    re.IGNORECASE,
)
_END = r"(?:\b(?:over|during|in|since|from|within)\b|\band\s+(?:summari|tell|report|write|list|give|show|explain|compare)\w*|[.?!;:]|$)"
_LIST = re.compile(rf"\b(?:of|for|between|compare|analy[sz]e|evaluate)\s+(.+?)\s*{_END}", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:,\s*and\b|,|\band\b|&|\bvs\b\.?|\bversus\b|\bwith\b|/)\s*", re.IGNORECASE)
_NOUN = re.compile(_NOUNS, re.IGNORECASE)
_LEAD = re.compile(rf"^(?:the\s+)?(?:(?:{_NOUNS})\s+)*(?:of\s+)?", re.IGNORECASE)
_TRAIL = re.compile(rf"(?:'s|’s|')?(?:\s+(?:{_NOUNS}))*$", re.IGNORECASE)
_NOT_A_NAME = frozenset(
    ("", "this", "that", "it", "them", "all", "data", "this card", "the card", "key findings", "every company", "each company")
)
_CLAUSE = re.compile(r"(?:what|which|who|whose|where|when|why|how)\b", re.IGNORECASE)
_MOST_NAMES = 12


def find_series(sentence: str, known: Sequence[str]) -> list[Intent]:
    """An analysis per name in a sentence about figures. `known` are the columns of the table at hand, found wherever they stand."""
    has_figures = _FIGURES.search(sentence) is not None
    if _ABOUT_THE_BOARD.search(sentence) or not (has_figures or _VERBS.search(sentence)):
        return []
    names = [name for name in known if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence, re.IGNORECASE)] or _listed(sentence)
    if not names and has_figures:
        return analyse(known)
    return analyse(names) if names else []


def analyse(names: Sequence[str]) -> list[Intent]:
    """An analysis per name, or of the whole table when there is none, or too many for steps of their own."""
    if not names or len(names) > _MOST_NAMES:
        return [intent("series", "Analyse the table")]
    return [intent("series", f"Analyse {name}", name=name) for name in names]


def _listed(sentence: str) -> list[str]:
    """The names after `of`, `for` or `compare`; the last list that holds any wins."""
    for found in reversed(list(_LIST.finditer(sentence))):
        parts = [_TRAIL.sub("", _LEAD.sub("", part)).strip(" \"'“”") for part in _SEPARATOR.split(found[1])]
        names = [part for part in parts if _is_name(part)]
        if names:
            return list(dict.fromkeys(names))
    return []


def _is_name(text: str) -> bool:
    if text.lower() in _NOT_A_NAME or _NOUN.fullmatch(text) or len(text.split()) > 3:
        return False
    # "What is overdue" is a question about the board, and no column is called so.
    return not _CLAUSE.match(text) and first_match(READS, text) is None
