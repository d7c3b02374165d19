"""How the rules change a board: find the card that is meant, call one tool, say what it did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.llm.rules.asking import Asker, Data, Outcome
from agents.llm.rules.cards import link
from agents.llm.rules.findings import bold, failure
from agents.llm.rules.intents import Intent
from agents.llm.rules.text import bullets, count, inline
from agents.llm.rules.writes import title_words

Action: TypeAlias = Callable[[Asker, Intent, int | None], str]

_SHOWN = 5
_MOST = 50


@dataclass(frozen=True)
class _Meant:
    """The card an order means: its number (None: the work session's own), or why it isn't clear."""

    number: int | None = None
    problem: str = ""


def act(ask: Asker, intent: Intent) -> str:
    """Carry out an order to change the board."""
    meant = _find(ask, intent)
    return meant.problem or ACTIONS[intent.kind.name](ask, intent, meant.number)


def _find(ask: Asker, intent: Intent) -> _Meant:
    if intent.text("card_words"):
        return _find_by_words(ask, intent)
    title = intent.text("card_title")
    if not title:
        return _Meant(intent.number("number"))
    outcome = ask("search_cards", text=title, limit=_MOST)
    if not outcome.is_ok:
        return _Meant(problem=failure(intent.title, outcome.failure))
    cards = outcome.data["cards"]
    exact = [card for card in cards if card["title"].casefold() == title.casefold()]
    if len(exact) == 1:
        return _Meant(exact[0]["number"])
    return _Meant(problem=_unclear(title, exact, cards))


def _find_by_words(ask: Asker, intent: Intent) -> _Meant:
    """The one card that has all these words in its title, or nothing else in it."""
    named = intent.text("card_words")
    wanted = _words(named)
    longest = max(title_words(named), key=len)
    outcome = ask("search_cards", text=longest, limit=_MOST)
    if not outcome.is_ok:
        return _Meant(problem=failure(intent.title, outcome.failure))
    cards = outcome.data["cards"]
    if outcome.data["count"] > len(cards):
        return _Meant(problem=_say_which(f"{count(outcome.data['count'], 'card')} mention “{inline(longest)}”.", cards))
    having = [card for card in cards if wanted <= _words(card["title"])]
    same = [card for card in having if wanted == _words(card["title"])] or having
    if len(same) == 1:
        return _Meant(same[0]["number"])
    if same:
        return _Meant(problem=_say_which(f"{count(len(same), 'card')} have “{inline(named)}” in their titles.", same))
    near = f" These mention “{inline(longest)}”:\n\n{bullets(map(link, cards[:_SHOWN]))}" if cards else ""
    return _Meant(problem=f"{bold(f'No card has “{inline(named)}” in its title.')} Nothing was changed.{near}")


def _words(title: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in title_words(title))


def _say_which(several: str, cards: Sequence[Data]) -> str:
    return f"{bold(several)} Say the number:\n\n{bullets(map(link, cards[:_SHOWN]))}"


def _unclear(title: str, exact: list[Data], cards: list[Data]) -> str:
    if exact:
        return _say_which(f"{count(len(exact), 'card')} are called “{inline(title)}”.", exact)
    near = f" These mention it:\n\n{bullets(map(link, cards[:_SHOWN]))}" if cards else ""
    return f"{bold(f'No card is called “{inline(title)}”.')} Nothing was changed.{near}"


def _told(intent: Intent, outcome: Outcome, words: Callable[[Data], str]) -> str:
    if outcome.happened:
        text = bold(f"{inline(intent.title)}: a person says that it happened.")
    else:
        text = words(outcome.data) if outcome.is_ok else failure(intent.title, outcome.failure)
    return f"{text} {inline(outcome.note)}" if outcome.note else text


def _delete(ask: Asker, intent: Intent, number: int | None) -> str:
    seen = ask("read_card", number=number)
    if not seen.is_ok:
        return failure(intent.title, seen.failure)
    card = seen.data["card"]
    outcome = ask.explained("Its comments go with it, for good.", "delete_card", number=card["number"], title=card["title"])
    return _told(intent, outcome, lambda gone: bold(f"Deleted #{gone['number']} {inline(gone['title'])} from {inline(gone['column'])}."))


def _move(ask: Asker, intent: Intent, number: int | None) -> str:
    outcome = ask("move_card", number=number, column=intent.text("column"))

    def words(done: Data) -> str:
        return bold(f"Moved {link(done['card'])} from {inline(done['from_column'])} to {inline(done['card']['column'])}.")

    return _told(intent, outcome, words)


def _comment(ask: Asker, intent: Intent, number: int | None) -> str:
    outcome = ask("comment_card", number=number, content=intent.text("content"))
    return _told(intent, outcome, lambda done: bold(f"Commented on {link(done['card'])}."))


def _create(ask: Asker, intent: Intent, number: int | None) -> str:
    del number
    given = intent.arguments
    outcome = ask("create_card", title=given["title"], column=given.get("column"), assignee=given.get("assignee"))
    return _told(intent, outcome, lambda done: bold(f"Created {link(done['card'])} in {inline(done['card']['column'])}."))


def _checklist(ask: Asker, intent: Intent, number: int | None) -> str:
    outcome = ask("edit_checklist", number=number, **{intent.text("change"): [intent.text("item")]})

    def words(done: Data) -> str:
        ticked = sum(item["done"] for item in done["checklist"])
        return bold(f"The checklist of {link(done['card'])} has {ticked} of {count(len(done['checklist']), 'item')} done.")

    return _told(intent, outcome, words)


ACTIONS: Mapping[str, Action] = {"delete": _delete, "move": _move, "comment": _comment, "create": _create, "checklist": _checklist}
