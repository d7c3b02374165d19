"""Answers a question asked while a run is under way: from the run's live state, and from what was read on the board for it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.llm.rules.clauses import find_intents
from agents.llm.rules.intents import KINDS, Intent
from agents.llm.rules.reads import is_order
from agents.llm.rules.reporter import findings
from agents.llm.rules.sections import read_results
from agents.llm.rules.text import bullets, count, duration, inline, join
from agents.llm.rules.undone import is_undone

_KINDS = {
    "refinement": "It rewrites the report from what was stored; no step is done again.",
    "chat": "It answers one message, without a plan.",
    "optimise": "It goes round by round: a change, its tests, what they measure.",
}
_ENDED = frozenset(("completed", "failed", "cancelled"))

# What the tools of a board answer by reading, at once and for everybody in the room.
_OF_THE_BOARD = frozenset(name for name, kind in KINDS.items() if kind.role in ("Researcher", "Analyst")) - {
    "page",
    "said",
    "related",
    "series",
}
_ABOUT_THE_RUN = re.compile(
    r"\b(?:how far|progress|(?:are|have|did|do) you|(?:this|the|your|current) (?:run|step|plan|status|report))\b", re.IGNORECASE
)

Data = Mapping[str, Any]

_STATUS = {
    "queued": "The run is waiting for its turn.",
    "running": "The run is under way.",
    "waiting": "The run is waiting for an answer.",
    "cancelling": "The run is being stopped.",
    "completed": "The run has ended, and its report is there.",
    "failed": "The run has failed.",
    "cancelled": "The run was stopped.",
}


def clarify(sections: Mapping[str, str]) -> str:
    """How far the run is, and that it heeds no order meanwhile: steps done, what is being done, for how long, and what it waits for."""
    state = _read(sections.get("Live state", ""))
    if not state:
        return "A run is under way; I can't say more about it now."
    parts = [_STATUS.get(str(state.get("status")), "The run is under way.")]
    board, request = sections.get("Board now", ""), sections.get("Request", "")
    parts[:0] = [_unheard(state)] if asks_for_change(request) else [_unread(state)] if not board and board_questions(request) else []
    parts += [line for line in (_progress(state), _current(state), _elapsed(state), _requests(state), _queued(state)) if line]
    found = findings([result for result in read_results(sections.get("Results", "")) if not is_undone(result)])
    texts = [board, " ".join(parts), f"Found so far:\n\n{bullets(found)}" if found else ""]
    return "\n\n".join(text for text in texts if text)


def asks_for_change(request: str) -> bool:
    """Whether somebody wants something done, not told."""
    return any(found.kind.is_write or (found.kind.name == "unable" and is_order(found.text("text"))) for found in find_intents(request))


def board_questions(request: str) -> list[Intent]:
    """What of a request the board answers, whatever the run does; nothing where it is the run that is asked about."""
    if _ABOUT_THE_RUN.search(request):
        return []
    return [found for found in find_intents(request) if found.kind.name in _OF_THE_BOARD]


def _unread(state: Data) -> str:
    if state.get("status") in _ENDED:
        return "Your question is about the board, and came while the run was under way. Send it again to have it answered."
    return (
        "Your question is about the board, which wasn't read for this answer. To have it answered once the run has ended, send it again "
        "with “Queue for afterwards”."
    )


def _unheard(state: Data) -> str:
    if state.get("status") in _ENDED:
        return "Your message changed nothing: it came while the run was under way. Send it again to have it done."
    return (
        "Your message changes nothing while the run is under way. To have it done, send it again with “Queue for afterwards”, "
        "or with “Stop the run and do this”."
    )


def _progress(state: Data) -> str:
    done, total = _number(state, "done"), _number(state, "total")
    return f"{done} of {count(total, 'step')} {'is' if done == 1 else 'are'} done." if total else _without_plan(state)


def _without_plan(state: Data) -> str:
    if state.get("status") in _ENDED:
        return ""
    return _KINDS.get(str(state.get("kind")), "There is no plan yet.")


def _current(state: Data) -> str:
    names = [f"“{inline(str(name))}”" for name in _names(state.get("current"))]
    tool = state.get("last_tool")
    newest = state.get("newest")
    if names and newest:
        return f"Now: {join(names)}, {inline(str(newest)).rstrip('.')}."
    last = f" The last tool was “{inline(str(tool))}”." if tool else ""
    return f"Now: {join(names)}.{last}" if names else last.strip()


def _elapsed(state: Data) -> str:
    seconds = state.get("elapsed_s")
    return f"It has taken {duration(float(seconds))} so far." if isinstance(seconds, int | float) else ""


def _requests(state: Data) -> str:
    titles = [f"“{inline(str(title))}”" for title in _names(state.get("open_requests"))]
    return f"It needs {'an answer' if len(titles) == 1 else f'{len(titles)} answers'} from you: {join(titles)}." if titles else ""


def _queued(state: Data) -> str:
    queued = _number(state, "queued")
    return f"{count(queued, 'message').capitalize()} {'waits' if queued == 1 else 'wait'} for it to end." if queued else ""


def _number(state: Data, name: str) -> int:
    value = state.get(name)
    return value if isinstance(value, int) else 0


def _names(value: object) -> Sequence[object]:
    """The titles in a list of titles or of objects that have one."""
    if not isinstance(value, list):
        return []
    return [item.get("title", "") if isinstance(item, dict) else item for item in value]


def _read(text: str) -> Data:
    """The live state, from JSON."""
    try:
        state = json.loads(text)
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}
