"""Does one thing that was asked for: asks the tools it takes, and writes down what they returned."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.llm.port import MOST_CALLS, ToolCallDelta
from agents.llm.rules import card_report, findings, series_report
from agents.llm.rules.actions import ACTIONS, act
from agents.llm.rules.asking import Asker, Data, NotYetKnown
from agents.llm.rules.intents import Intent
from agents.llm.rules.offers import can, cannot
from agents.llm.rules.questions import ask_people
from agents.llm.rules.text import inline

Handler: TypeAlias = Callable[[Asker, Intent], str]

_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    (
        "about",
        "after",
        "before",
        "card",
        "cards",
        "from",
        "have",
        "into",
        "make",
        "more",
        "new",
        "over",
        "please",
        "that",
        "their",
        "them",
        "then",
        "there",
        "this",
        "with",
        "your",
    )
)
_MOST_WORDS = 3


@dataclass(frozen=True)
class Work:
    """What comes next: tool calls to make, with a word about them, or the finished text."""

    thoughts: Sequence[str]
    calls: Sequence[ToolCallDelta]
    text: str


def do(ask: Asker, intents: Sequence[Intent]) -> Work:
    """The next calls for these intents, or one text about all of them. A change of the board waits for what was asked before it."""
    texts: list[str] = []
    waiting: list[Intent] = []
    for intent in intents:
        if intent.kind.is_write and waiting:
            break
        try:
            texts.append(_HANDLERS[intent.kind.name](ask, intent))
        except NotYetKnown:
            waiting.append(intent)
            if intent.kind.is_write:
                break
    if waiting:
        return Work(list(dict.fromkeys(_thought(intent) for intent in waiting)), list(ask.wanted.values())[:MOST_CALLS], ask.reason)
    return Work([], [], _together(intents, texts))


def _together(intents: Sequence[Intent], texts: Sequence[str]) -> str:
    if len(set(texts)) == 1:
        return texts[0]
    return "\n\n".join(f"## {inline(intent.title)}\n\n{text}" for intent, text in zip(intents, texts, strict=True))


# --- Lists of cards: what is asked of search_cards, and what the cards found are said to be ------------------------------


@dataclass(frozen=True)
class _List:
    """`taken` are the intent's arguments that go to the tool; `singular` and `plural` may name one as {value}."""

    singular: str
    plural: str
    fixed: Mapping[str, object]
    value: str = ""
    taken: Sequence[str] = ("assignee", "column")


_LISTS: Mapping[str, _List] = {
    "overdue": _List("is overdue", "are overdue", {"overdue": True, "order": "due"}),
    "unassigned": _List("is unassigned", "are unassigned", {"unassigned": True, "is_open": True}),
    "assignee": _List("is open", "are open", {"is_open": True, "order": "due"}),
    "column": _List("is in {value}", "are in {value}", {}, "column", ("column",)),
    "label": _List("is labelled “{value}”", "are labelled “{value}”", {}, "label", ("label",)),
    "search": _List("mentions “{value}”", "mention “{value}”", {}, "text", ("text",)),
}


def _list(ask: Asker, intent: Intent) -> str:
    spec = _LISTS[intent.kind.name]
    taken = {name: intent.arguments.get(name) for name in spec.taken}
    outcome = ask("search_cards", **spec.fixed, **taken)
    if not outcome.is_ok:
        return findings.failure(intent.title, outcome.failure)
    value, where = inline(intent.text(spec.value)), _where(intent, spec)
    return findings.found_cards(outcome.data, where + spec.singular.format(value=value), where + spec.plural.format(value=value))


def _where(intent: Intent, spec: _List) -> str:
    """The filters that the sentence does not name itself."""
    assignee, column = intent.text("assignee"), intent.text("column")
    words = f"assigned to {'you' if assignee == 'me' else inline(assignee)} " if assignee else ""
    return words + (f"in {inline(column)} " if column and spec.value != "column" else "")


def _due(ask: Asker, intent: Intent) -> str:
    days = intent.number("days")
    outcome = ask("search_cards", due_within_days=days, is_open=True, order="due")
    when = f"due within {days} days" if days else "due today"
    return (
        findings.found_cards(outcome.data, f"is {when}", f"are {when}")
        if outcome.is_ok
        else findings.failure(intent.title, outcome.failure)
    )


def _related(ask: Asker, intent: Intent) -> str:
    """Other cards that share a word with this one's title."""
    words = dict.fromkeys(word for word in _WORD.findall(intent.text("text").casefold()) if word not in _COMMON)
    longest = sorted(words, key=lambda word: (-len(word), word))[:_MOST_WORDS]
    outcomes = ask.each("search_cards", [{"text": word, "limit": 10} for word in longest])
    cards = {card["number"]: card for outcome in outcomes for card in outcome.data.get("cards", ())}
    cards.pop(intent.number("number"), None)
    found = {"count": len(cards), "cards": [cards[number] for number in sorted(cards)]}
    return findings.found_cards(found, "shares a word with its title", "share a word with its title")


# --- Everything else: which tool with which arguments, and what makes a finding of its answer ----------------------------


def _read(tool: str, write: Callable[[Data], str], *taken: str, **fixed: object) -> Handler:
    """Asks `tool` with the fixed arguments and those of the intent that are named, and writes its answer down."""

    def handle(ask: Asker, intent: Intent) -> str:
        outcome = ask(tool, **fixed, **{name: intent.arguments.get(name) for name in taken})
        return write(outcome.data) if outcome.is_ok else findings.failure(intent.title, outcome.failure)

    return handle


def _card(ask: Asker, intent: Intent) -> str:
    return _read("read_card", lambda data: card_report.card(data, intent.text("focus")), "number")(ask, intent)


def _series(ask: Asker, intent: Intent) -> str:
    names = [intent.text("name")] if intent.text("name") else None
    return _read("read_table", series_report.series, names=names)(ask, intent)


def _page(ask: Asker, intent: Intent) -> str:
    url = intent.text("url")
    outcome = ask.explained("The text of the page is shown here.", "fetch_url", url=url)
    return findings.page(outcome.data) if outcome.is_ok else findings.failure(intent.title, outcome.failure)


def _say(text: str) -> Handler:
    return lambda ask, intent: text


_HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_LISTS, _list),
    **dict.fromkeys(ACTIONS, act),
    "due": _due,
    "related": _related,
    "card": _card,
    "series": _series,
    "summary": _read("board_overview", findings.summary),
    "columns": _read("board_overview", findings.columns),
    "counts": _read("board_overview", findings.counts),
    "workload": _read("board_overview", findings.workload),
    "stuck": _read("search_cards", findings.stuck, "assignee", "column", is_open=True, order="longest_in_column", limit=5),
    "oldest": _read("search_cards", findings.oldest, "assignee", "column", is_open=True, order="oldest", limit=5),
    "activity": _read("board_activity", findings.activity, "days"),
    "discussion": _read("board_activity", findings.discussion, "days", comments_only=True),
    "page": _page,
    "calculation": _read("calculator", findings.calculation, "expression"),
    "said": _read("search_sessions", findings.said, "text"),
    "dates": _read("date_arithmetic", findings.days, "start", "end", "days", "weeks", "months"),
    "help": _say(can()),
    "idle": _say("**Nothing is running here.** Ask for something, and I report on it."),
    "unable": _say(cannot()),
    "ask": ask_people,
}

_THOUGHTS: Mapping[str, str] = {
    "ask": "Only people can say that, so I ask.",
    "overdue": "I look for cards whose day has passed.",
    "unassigned": "I look for cards that nobody has.",
    "due": "I look at the due days ahead.",
    "stuck": "I sort the open cards by how long they have been in their column.",
    "oldest": "I sort the open cards by age.",
    "summary": "I count the cards per column and look at what needs attention.",
    "columns": "I hold the cards of each column against its limit.",
    "counts": "I count the cards per column.",
    "workload": "I count the open cards per person.",
    "activity": "I read the board's log.",
    "discussion": "I read what was said.",
    "related": "I look for cards with the same words.",
    "series": "I look for the table and read its figures.",
    "dates": "I count on the calendar.",
    "calculation": "I calculate it.",
    "said": "I look through what was said in the work sessions.",
}


def _thought(intent: Intent) -> str:
    return _THOUGHTS.get(intent.kind.name, f"{intent.title}.") + " "
