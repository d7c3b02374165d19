"""Rewrites stored results by an instruction, without tools: narrow them, leave something out, shorten them, set them as a table."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agents.llm.rules.cards import NOBODY, Line, read_lines
from agents.llm.rules.clauses import find_intents
from agents.llm.rules.intents import Intent
from agents.llm.rules.offers import cannot_refine, fresh, nothing_to_refine
from agents.llm.rules.reporter import KEY_FINDINGS, findings
from agents.llm.rules.sections import Result, read_results
from agents.llm.rules.selections import CardSelection, FigureSelection, ResultSelection, Selection
from agents.llm.rules.series_report import COMPARED, Figures, read_figures, read_sources
from agents.llm.rules.text import FOOTER, join, plain
from agents.llm.rules.undone import is_undone

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_TRAILER = re.compile(r"^---\s*$.*", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# .*$", re.MULTILINE)
_LEAVE_OUT = re.compile(
    r"(?:\b(?:without|except|leave out|leaving out|drop|remove|exclude|excluding|not|skip)|n['’]t)\b(.*)", re.IGNORECASE | re.DOTALL
)
_NO_FORM = re.compile(r"\b(?:without|drop|remove|no|not)\s+(?:(?:the|a|an|any|as)\s+)*(?:tables?|lists?|bullets?)\b", re.IGNORECASE)
_NUMBER = re.compile(r"#(\d+)")
_WORD = re.compile(r"[^\W\d_]{4,}")
_NO_TOPIC = frozenset(
    (
        "only",
        "just",
        "focus",
        "about",
        "with",
        "rewrite",
        "report",
        "summary",
        "make",
        "show",
        "results",
        "cards",
        "keep",
        "part",
        "please",
        "that",
        "this",
        "them",
    )
)

_MEASURES = {
    "Volatility": re.compile(r"\bvolatil", re.IGNORECASE),
    "Change": re.compile(r"\b(?:change|gain|returns?|performance|growth)", re.IGNORECASE),
    "Mean": re.compile(r"\b(?:mean|average)", re.IGNORECASE),
    "Deepest fall": re.compile(r"\b(?:draw-?down|fall|loss)", re.IGNORECASE),
    "Lowest": re.compile(r"\b(?:lowest|minimum|low)\b", re.IGNORECASE),
    "Highest": re.compile(r"\b(?:highest|maximum|high|peak)\b", re.IGNORECASE),
}


@dataclass(frozen=True)
class _Form:
    """A way to write what was selected, and the words that ask for it."""

    words: str
    pattern: re.Pattern[str]
    write: Callable[[Selection], str]


_IN_FULL = _Form(
    "in full", re.compile(r"\b(?:longer|more detail\w*|in full|whole|list|bullets?)\b", re.IGNORECASE), lambda each: each.whole()
)
_FORMS = (
    _Form("as a table", re.compile(r"\btables?\b", re.IGNORECASE), lambda each: each.table()),
    _Form(
        "in short",
        re.compile(r"\b(?:short\w*|brief\w*|tl;?dr|condense\w*|concise\w*|one line|key (?:points|findings))\b", re.IGNORECASE),
        lambda each: each.short(),
    ),
    _IN_FULL,
)


@dataclass(frozen=True)
class _Wish:
    """An instruction, parted into what is to be kept and what is to go."""

    keep: str
    drop: str

    def keeps(self, name: str) -> bool:
        return _mentions(self.keep, name)

    def drops(self, name: str) -> bool:
        return _mentions(self.drop, name)


def refine(sections: Mapping[str, str]) -> str:
    """The results rewritten; where rules cannot do what is asked, that, and what they can do."""
    instruction = sections.get("Request", "")
    stored = read_results(sections.get("Results", ""))
    everything = split_report(stored)
    newest = split_report([result for result in stored if _TITLE.match(result.content)][-1:]) or everything
    form = next((found for found in _FORMS if found.pattern.search(_NO_FORM.sub("", instruction))), None)
    # What the newest report left out may be asked for again; only its form is changed where nothing is named.
    selection = select(instruction, newest) or select(instruction, everything)
    is_order = any(_is_order(found, instruction) for found in find_intents(instruction))
    if not is_order and _is_empty(stored):
        return _closed(nothing_to_refine())
    if is_order or not everything or (selection is None and form is None):
        return _closed(fresh() if is_order or _is_for_the_board(instruction) else cannot_refine())
    form = form or _IN_FULL
    if selection is None:
        results = everything if form is _IN_FULL else newest
        selection = ResultSelection(results, _sources(results), f"Report {form.words}")
    return _closed(f"# {selection.title}\n\n{form.write(selection)}")


def _closed(text: str) -> str:
    return f"{text}\n\n---\n\n{FOOTER}"


def _is_empty(stored: Sequence[Result]) -> bool:
    """Whether steps were taken, and none found anything."""
    steps = [result for result in stored if not _TITLE.match(result.content)]
    return bool(steps) and all(map(is_undone, steps))


def _is_order(found: Intent, instruction: str) -> bool:
    """Whether the board is to be changed. What is to be removed is meant to go from the report."""
    return found.kind.is_write and not (found.kind.name == "delete" and "delete" not in instruction.casefold())


def _is_for_the_board(instruction: str) -> bool:
    """Whether the rules could answer this by reading."""
    return any(found.kind.role != "Assistant" and not found.kind.is_write for found in find_intents(instruction))


def split_report(results: Sequence[Result]) -> list[Result]:
    """The results, reports among them taken apart; what is there twice is kept once."""
    parts = [part for result in results if not is_undone(result) for part in _parts(result)]
    unique: dict[str, Result] = {}
    for part in parts:
        unique.setdefault(findings([part])[0], part)
    return list(unique.values())


def select(instruction: str, results: Sequence[Result]) -> Selection | None:
    """What the instruction narrows the results to; None when it names nothing that is in them."""
    left = _LEAVE_OUT.search(instruction)
    wish = _Wish(instruction[: left.start()], left[1]) if left else _Wish(instruction, "")
    return _figures(wish, results) or _cards(wish, results) or _topics(wish, results)


def _parts(result: Result) -> list[Result]:
    text = _TITLE.sub("", _TRAILER.sub("", result.content), count=1).strip()
    marks = list(_HEADING.finditer(text))
    if not marks:
        return [Result(result.title, text)] if text else []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [Result(plain(mark[1]), text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]
    return [part for part in parts if part.title != KEY_FINDINGS and part.content]


def _figures(wish: _Wish, results: Sequence[Result]) -> Selection | None:
    """The series and measures named, of those in the results."""
    there: dict[str, Figures] = {}
    for result in results:
        for each in read_figures(result.content):
            there.setdefault(each.name, each)
    named = [each for each in there.values() if wish.keeps(each.name)]
    dropped = [each for each in there.values() if wish.drops(each.name)]
    measures = [measure for measure, pattern in _MEASURES.items() if pattern.search(wish.keep)]
    unwanted = [measure for measure, pattern in _MEASURES.items() if pattern.search(wish.drop)]
    if not there or not (named or dropped or measures or unwanted):
        return None
    chosen = [each for each in named or there.values() if each not in dropped]
    of_these = [result.content for result in results if any(each.name in _names(result) for each in chosen)]
    shown = [measure for measure in measures or COMPARED if measure not in unwanted]
    return FigureSelection(chosen, shown, read_sources(of_these)) if chosen and shown else None


def _names(result: Result) -> list[str]:
    return [each.name for each in read_figures(result.content)]


def _sources(results: Sequence[Result]) -> list[str]:
    return read_sources([result.content for result in results])


# --- Cards: each test has the words for what passes it -------------------------------------------------------------------


@dataclass(frozen=True)
class _Test:
    words: str
    is_asked: Callable[[str], bool]
    passes: Callable[[Line], bool]


def _cards(wish: _Wish, results: Sequence[Result]) -> Selection | None:
    """The cards that pass all tests named to keep, and none named to drop."""
    lines: dict[int, Line] = {}
    for result in results:
        for line in read_lines(result.content):
            if line.number not in lines or len(line.facts) > len(lines[line.number].facts):
                lines[line.number] = line
    tests = _tests(list(lines.values()))
    keep, drop = [test for test in tests if test.is_asked(wish.keep)], [test for test in tests if test.is_asked(wish.drop)]
    if not (keep or drop):
        return None
    chosen = [line for line in lines.values() if all(test.passes(line) for test in keep) and not any(test.passes(line) for test in drop)]
    what = join([test.words for test in keep] + [f"not {test.words}" for test in drop])
    return CardSelection(chosen, what)


def _tests(lines: Sequence[Line]) -> list[_Test]:
    """What can be asked of these cards."""
    places = dict.fromkeys(line.column for line in lines if line.column)
    people = dict.fromkeys(line.assignee for line in lines if line.assignee and line.assignee != NOBODY)
    return [
        _Test("overdue", lambda text: _mentions(text, "overdue") or _mentions(text, "late"), lambda line: line.is_overdue),
        _Test("unassigned", lambda text: _mentions(text, "unassigned") or _mentions(text, NOBODY), lambda line: line.assignee == NOBODY),
        *(_of(f"in {name}", name, "column") for name in places),
        *(_of(f"assigned to {name}", name, "assignee") for name in people),
        *(_numbered(line.number) for line in lines),
    ]


def _of(words: str, name: str, field: str) -> _Test:
    return _Test(words, lambda text: _mentions(text, plain(name)), lambda line: getattr(line, field) == name)


def _numbered(number: int) -> _Test:
    return _Test(f"called #{number}", lambda text: str(number) in _NUMBER.findall(text), lambda line: line.number == number)


def _topics(wish: _Wish, results: Sequence[Result]) -> Selection | None:
    """The results whose title shares a telling word with what is to be kept, without those of what is to go."""
    keep, drop = _telling(wish.keep), _telling(wish.drop)
    chosen = [result for result in results if keep & _telling(result.title)] or list(results)
    chosen = [result for result in chosen if not drop & _telling(result.title)]
    if not chosen or len(chosen) == len(results):
        return None
    return ResultSelection(chosen, _sources(chosen), join([result.title for result in chosen]))


def _telling(text: str) -> set[str]:
    """The words that could name a result, without endings: `comments` and `comment` are one."""
    return {word[:6] for word in _WORD.findall(text.casefold()) if word not in _NO_TOPIC}


def _mentions(text: str, name: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
