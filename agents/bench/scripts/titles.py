"""Steps in a few words, as reports name them."""

from typing import Any

from agents.bench.scripts.difference import shown
from agents.bench.scripts.recorder import shown_text
from agents.bench.scripts.steps import Broadcast, Expect, Nothing, Parallel, Repeat, Set, Step, kind_name

_MOST = 120
_ABOUT = ("match", "text", "binary", "json", "characters", "code", "messages", "refused")


def title_of(step: Step) -> str:
    """`expect alice {"type": "reply"}`, and the step's note."""
    said = shown_text(f"{kind_name(step)} {_object(step)}".rstrip())
    said = said if len(said) <= _MOST else f"{said[: _MOST - 1]}…"
    return f"{said} – {step.note}" if step.note else said


def _object(step: Step) -> str:
    match step:
        case Repeat():
            return f"{step.repeat} times"
        case Parallel():
            return f"{len(step.parallel)} groups"
        case Set():
            return ", ".join(step.set)
        case _:
            return f"{_who(step)} {_about(step)}"


def _who(step: Step) -> str:
    if isinstance(step, Broadcast):
        return " ".join(step.broadcast)
    value: Any = getattr(step, kind_name(step))
    return f"{value:g} ms" if isinstance(value, float) else str(value)


def _about(step: Step) -> str:
    given = step.model_dump(by_alias=True, exclude_unset=True)
    said = next((shown(given[key]) for key in _ABOUT if key in given), "")
    if isinstance(step, Nothing):
        return f"{said} for {step.for_:g} ms".lstrip()
    return f"{said} in {step.order} order" if isinstance(step, Expect) and step.messages else said
