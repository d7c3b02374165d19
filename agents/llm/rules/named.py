"""A tool asked for by its name: how rules use tools they know nothing of, such as those a client declares."""

import json
import re

from agents.llm.rules.asking import Asker, NotYetKnown
from agents.llm.rules.executor import Work
from agents.llm.rules.text import code, quote

# "Run read_thermometer" or "Use read_thermometer with {"room": "lab"}".
_NAMED = re.compile(r"^\s*(?:run|use|call)\s+`?([\w-]+)`?\s*(?:with\s*)?(\{.*\})?\s*[.!]?\s*$", re.IGNORECASE | re.DOTALL)


def do_named(ask: Asker, request: str) -> Work | None:
    """The call that is asked for by name, or its outcome once it is there; None when no tool that is offered is named."""
    found = _NAMED.match(request)
    if found is None or found[1] not in ask.tools:
        return None
    name, arguments = found[1], _arguments(found[2])
    if arguments is None:
        return Work([], [], f"What follows {code(name)} is no JSON object, so it was not run.")
    try:
        outcome = ask(name, **arguments)
    except NotYetKnown:
        return Work([f"I was told to run {name}. "], list(ask.wanted.values()), ask.reason)
    if outcome.text:
        return Work([], [], f"{code(name)} returned:\n\n{quote(outcome.text)}")
    if not outcome.is_ok:
        return Work([], [], f"{code(name)} gave no result: {outcome.failure}")
    return Work([], [], f"{code(name)} returned:\n\n```json\n{json.dumps(outcome.data, indent=2, ensure_ascii=False)}\n```")


def _arguments(text: str | None) -> dict[str, object] | None:
    try:
        arguments = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) else None
