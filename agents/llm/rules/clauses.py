"""Cuts a request into the things it asks for, and names what rules cannot do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.llm.rules.figures import find_series
from agents.llm.rules.intents import POLITE, QUOTED, Intent, first_match, unable
from agents.llm.rules.questions import ASK_TAIL, find_question
from agents.llm.rules.reads import READS
from agents.llm.rules.writes import COMMENT_TAIL, ORDER_BEGINS, WRITES, heed, refer

_RULES = (*WRITES, *READS)
_MARKER = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+")
_SENTENCE_END = re.compile(rf"{QUOTED}|(?P<cut>[.?!;]+(?=\s|$))")
_JOINT = re.compile(
    rf"{QUOTED}|(?P<cut>\s*,\s*(?:and\s+then\b|and\b|then\b|also\b)?\s*|\s+(?:and\s+then|and|then|as\s+well\s+as|plus|&)\s+)", re.IGNORECASE
)
_SEVERAL = re.compile(
    rf"{ORDER_BEGINS}\b(move|delete|remove|read|show|open)\s+(?:the\s+)?(?:cards?\s+)?(#\d+(?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+)#\d+)+)(.*)$",
    re.IGNORECASE,
)
_POLITE = re.compile(rf"^\W*{POLITE}+", re.IGNORECASE)
# What every report does anyway.
_FILLER = re.compile(
    r"^\W*$|^(?:summari[sz]e|report|list|show|tell me|give me|write|explain)?\s*(?:me\s+)?(?:about\s+|on\s+)?(?:the\s+|a\s+|your\s+)?"
    r"(?:short\s+|brief\s+|full\s+|final\s+|key\s+|main\s+)*(?:findings?|results?|points?|report|summary|them|it|everything|overview)\W*$",
    re.IGNORECASE,
)
# Why something is asked for, not a thing to do.
_REASON = re.compile(r"^\W*(?:because|since|nobody|no one|(?:it|they|we)\s+(?:no longer|do(?:es)?(?:n't|n’t| not)|never))\b", re.IGNORECASE)
# Their text may hold an "and": a piece that means nothing alone belongs to them.
_TAKES_MORE = frozenset(("search", "create", "label"))
# To a card that is created, too.
_ASSIGNED = re.compile(r"(?:assigned to|assign (?:it )?to)\b", re.IGNORECASE)
# Patterns may take time in the square of what they read.
_MOST_CHARS = 2_000


@dataclass
class _Piece:
    text: str
    start: int
    intent: Intent | None


def find_intents(request: str, known: Sequence[str] = ()) -> list[Intent]:
    """What `request` asks for, in its order, without repeats. `known` are the columns of a table at hand."""
    found: list[Intent] = []
    for line in request.splitlines():
        for each in _of_line(_MARKER.sub("", line).strip(), known):
            intent = refer(each, found)
            if intent not in found:
                found.append(intent)
    return found


def _of_line(line: str, known: Sequence[str]) -> Iterator[Intent]:
    comment = COMMENT_TAIL.search(line)
    head, tail = (line[: comment.start()], line[comment.start() :]) if comment else (line, "")
    sentences = [_POLITE.sub("", sentence).strip() for sentence in _cut(_SENTENCE_END, head[:_MOST_CHARS])]
    for sentence in sentences:
        yield from heed(sentence, _of_sentence(sentence, known))
    written = first_match(WRITES, tail) if tail else None
    if written:
        yield from heed(sentences[-1], [written])


def _of_sentence(sentence: str, known: Sequence[str]) -> list[Intent]:
    question = ASK_TAIL.search(sentence)
    if question:
        return [*_of_sentence(sentence[: question.start()], known), find_question(question)]
    series = find_series(sentence, known)
    if series:
        return series
    several = _SEVERAL.search(sentence)
    clauses = [*_cut(_JOINT, sentence[: several.start()]), *_spread(several)] if several else list(_cut(_JOINT, sentence))
    pieces = _recognise(sentence, clauses)
    if not any(piece.intent for piece in pieces):
        whole = first_match(_RULES, sentence)
        return [whole] if whole else _left_over([sentence])
    intents: list[Intent] = []
    for piece in pieces:
        reason = intents and _REASON.match(piece.text)
        intents += [piece.intent] if piece.intent else [] if reason else _left_over([piece.text])
    return intents


def _recognise(sentence: str, clauses: Sequence[str]) -> list[_Piece]:
    """Each clause with its intent; one that means nothing is read together with the clause before where that takes free text."""
    pieces: list[_Piece] = []
    end = 0
    for clause in clauses:
        text = _POLITE.sub("", clause).strip()
        start = sentence.find(text, end)  # -1 for one of several cards, which doesn't stand there as it is
        end = start + len(text) if start >= 0 else end
        found = first_match(_RULES, text)
        before = pieces[-1] if pieces else None
        is_open = before is not None and before.intent is not None and before.intent.kind.name in _TAKES_MORE
        if before and is_open and (_ASSIGNED.match(text) if found else not _FILLER.match(text)):
            before.text = sentence[before.start : end]
            before.intent = first_match(_RULES, before.text)
        else:
            pieces.append(_Piece(text, start, found))
    return pieces


def _left_over(texts: Sequence[str]) -> list[Intent]:
    return [unable(text) for text in texts if not _FILLER.match(text)]


def _spread(several: re.Match[str]) -> list[str]:
    """`move #1 and #2 to Done` as one clause per card, and the clauses that follow."""
    end, *rest = _cut(_JOINT, several[3])
    return [f"{several[1]} {number}{end}" for number in re.findall(r"#\d+", several[2])] + rest


def _cut(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """The pieces of `text` between the cuts that `pattern` finds outside quotes."""
    start = 0
    for match in pattern.finditer(text):
        if match["cut"] is not None:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]
