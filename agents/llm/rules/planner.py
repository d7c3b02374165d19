"""From a request to a plan: one subtask per thing asked for, with a role, and what it needs done before."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count as count_from

from agents.llm.rules.clauses import find_intents
from agents.llm.rules.figures import analyse, find_series
from agents.llm.rules.intents import Intent, intent, unable
from agents.llm.rules.sections import is_card_request
from agents.llm.rules.text import count, join, shorten
from agents.tools.tables import find_tables

MOST_SUBTASKS = 20

_CARD = re.compile(r"#(\d+)[ \t]*(.*)")
# Most titles name work for people; only these ask for something the rules could find out.
_ASKS = re.compile(r"\?\s*$|^(?:summari[sz]e|analy[sz]e|search|find|list|count|compare)\b", re.IGNORECASE)
_SUMMARY = intent("summary", "Summarise the board")
_THANKS = re.compile(r"\W*(?:many\s+)?thank(?:s|\s+you)(?:\s+(?:very much|so much|a lot|again))?\W*", re.IGNORECASE)
_NAMED_STEP = re.compile(r"^(?:s?\d+[.:)]\s*)?(.*?)(?:\s+\([\w ]+\))?$")


@dataclass(frozen=True)
class CardAtHand:
    """The card a work session belongs to, as its prompt shows it."""

    number: int
    title: str
    columns: tuple[str, ...]
    """The columns of figures in the card's table."""


@dataclass(frozen=True)
class Step:
    """One subtask."""

    id: str
    intent: Intent
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What will be done, and how many parts of the request were left out because a plan has its limit."""

    steps: tuple[Step, ...]
    left_out: int = 0

    def to_json(self) -> str:
        """The plan as a model answers it."""
        subtasks = [
            {"id": step.id, "title": step.intent.title, "role": step.intent.kind.role, "needs": list(step.needs)} for step in self.steps
        ]
        return json.dumps({"subtasks": subtasks}, ensure_ascii=False)


def read_card_at_hand(sections: Mapping[str, str]) -> CardAtHand | None:
    """The card of the prompt's Card section."""
    text = sections.get("Card", "")
    match = _CARD.search(text)
    if match is None:
        return None
    columns = [name for table in find_tables(text) for name in table.series_names()]
    return CardAtHand(int(match[1]), match[2].strip(), tuple(dict.fromkeys(columns)))


def read_request(sections: Mapping[str, str]) -> list[Intent]:
    """What is asked for; a card handed over without a word is read, set against the board, and analysed when it holds figures."""
    card = read_card_at_hand(sections)
    request = sections.get("Request", "").strip()
    known = card.columns if card else ()
    # Runs from before a request said so begin with the card's title.
    if is_card_request(request) or (card and request.partition("\n")[0] in ("", card.title)):
        return _of_card(card) if card else [_SUMMARY]
    if _THANKS.fullmatch(request):
        return [intent("idle", "Say what is running")]
    return find_intents(request, known) or (_of_card(card) if card else [_SUMMARY])


def _of_card(card: CardAtHand) -> list[Intent]:
    named = find_series(card.title, card.columns) if card.columns else []
    if card.columns:
        return named or analyse(card.columns)
    asked = [found for found in find_intents(card.title) if not found.kind.is_write] if _ASKS.search(card.title) else []
    words = shorten(card.title, 80)
    return asked or [
        intent("card", f"Read card #{card.number}", number=card.number, focus="all"),
        intent("related", f"Find cards related to “{words}”", number=card.number, text=card.title),
        intent("summary", "Look at the board around it", number=card.number),
    ]


def make_plan(sections: Mapping[str, str]) -> Plan:
    """The plan for a prompt. Reads go side by side; a change waits for all before it, and what comes after waits for the change."""
    intents = read_request(sections)
    steps: list[Step] = []
    change: list[str] = []
    since: list[str] = []
    for number, found in enumerate(intents[:MOST_SUBTASKS], start=1):
        step = Step(f"s{number}", _told_apart(found, steps), tuple(since or change) if found.kind.is_write else tuple(change))
        steps.append(step)
        if found.kind.is_write:
            change, since = [step.id], []
        else:
            since.append(step.id)
    return Plan(tuple(steps), max(0, len(intents) - MOST_SUBTASKS))


def _told_apart(found: Intent, steps: Sequence[Step]) -> Intent:
    """The intent under a title that no step before it has: by its title a step is found again."""
    taken = {step.intent.title for step in steps}
    titles = (found.title if number == 1 else f"{found.title} ({number})" for number in count_from(1))
    return replace(found, title=next(title for title in titles if title not in taken))


def find_step(sections: Mapping[str, str]) -> list[Intent]:
    """What the subtask of this prompt asks for: a step of the plan, known by its title, or whatever an edited title says."""
    title = sections.get("Subtask", "").strip()
    matched = _NAMED_STEP.match(title.splitlines()[0]) if title else None
    planned = {step.intent.title: step.intent for step in make_plan(sections).steps}
    step = planned.get(title) or planned.get(matched[1] if matched else "")
    card = read_card_at_hand(sections)
    return [step] if step else find_intents(title, card.columns if card else ()) or [unable(title)]


def plan_thoughts(plan: Plan) -> Sequence[str]:
    """What is said while planning."""
    titles = [step.intent.title for step in plan.steps]
    thoughts = [f"I read the request and find {count(len(titles), 'thing')} to do. ", f"{join(titles)}. "]
    if any(step.needs for step in plan.steps):
        thoughts.append("What changes the board goes one after the other. ")
    elif len(titles) > 1:
        thoughts.append("None needs another, so they can go side by side. ")
    if plan.left_out:
        thoughts.append(f"A plan holds {MOST_SUBTASKS} steps, so {count(plan.left_out, 'part')} of the request must wait. ")
    return thoughts
