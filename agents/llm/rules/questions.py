"""Finds what people are to be asked: “ask me which column to look at”, “ask us which colour: red, green or blue”."""

import re

from agents.llm.rules.asking import Asker
from agents.llm.rules.findings import bold, failure
from agents.llm.rules.intents import Intent, intent
from agents.llm.rules.text import inline, shorten

ASK_TAIL = re.compile(
    r"\bask\s+(?:me|us|the team|the people(?: here)?|somebody|someone|a human)\b[\s:,]*(\S.*)$", re.IGNORECASE | re.DOTALL
)
"""A question takes the rest of its sentence."""

_CHOICE = re.compile(r"\s*,\s*(?:or\s+)?|\s+or\s+", re.IGNORECASE)
_COLUMN = re.compile(r"\b(?:which|what)\s+column\b", re.IGNORECASE)


def find_question(match: re.Match[str]) -> Intent:
    """The intent of a match of ASK_TAIL; what stands behind a colon are the choices, two or more of them."""
    text, _, listed = match[1].partition(":")
    choices = list(dict.fromkeys(each.strip(" .?!\"'“”") for each in _CHOICE.split(listed) if each.strip(" .?!\"'“”")))
    if len(choices) < 2:
        text, choices = match[1], []
    question = shorten(text.strip(" .?!"), 200)
    question = f"{question[:1].upper()}{question[1:]}?"
    return intent("ask", f"Ask “{shorten(question, 80)}”", question=question, choices=choices or None)


def ask_people(ask: Asker, asked: Intent) -> str:
    """What they answered. A question for a column offers the board's."""
    question = asked.text("question")
    choices = asked.arguments.get("choices")
    if choices is None and _COLUMN.search(question):
        board = ask("board_overview")
        names = [column["name"] for column in board.data.get("columns", ())]
        choices = names if len(names) > 1 else None
    outcome = ask("ask_human", question=question, choices=choices)
    if not outcome.is_ok:
        return failure(asked.title, outcome.failure)
    note = f" {inline(outcome.data['note'])}" if outcome.data.get("note") else ""
    who, said = inline(str(outcome.data["answered_by"]).capitalize()), inline(outcome.data["answer"])
    return bold(f"{who} answered “{said}”.") + note
