"""How the rules change a board: find the card that is meant, call one tool, say what it did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agents.llm.rules.asking import Asker, Data, Outcome
from agents.llm.rules.cards import link
from agents.llm.rules.findings import bold, failure
from agents.llm.rules.intents import Intent
from agents.llm.rules.text import bullets, count, inline

Action: TypeAlias = Callable[[Asker, Intent, int | None], str]

_SHOWN = 5


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
    title = intent.text("card_title")
    if not title:
        return _Meant(intent.number("number"))
    outcome = ask("search_cards", text=title, limit=50)
    if not outcome.is_ok:
        return _Meant(problem=failure(intent.title, outcome.failure))
    cards = outcome.data["cards"]
    exact = [card for card in cards if card["title"].casefold() == title.casefold()]
    if len(exact) == 1:
        return _Meant(exact[0]["number"])
    return _Meant(problem=_unclear(title, exact, cards))


def _unclear(title: str, exact: list[Data], cards: list[Data]) -> str:
    if exact:
        several = bold(f"{count(len(exact), 'card')} are called “{inline(title)}”.")
        return f"{several} Say the number:\n\n{bullets(map(link, exact[:_SHOWN]))}"
    near = f" These mention it:\n\n{bullets(map(link, cards[:_SHOWN]))}" if cards else ""
    return f"{bold(f'No card is called “{inline(title)}”.')} Nothing was changed.{near}"


def _told(intent: Intent, outcome: Outcome, words: Callable[[Data], str]) -> str:
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
