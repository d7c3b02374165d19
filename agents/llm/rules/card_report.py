"""One card in Markdown: whole, or only its comments, history or checklist."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from agents.llm.rules.cards import link, time_in_column
from agents.llm.rules.findings import event_line
from agents.llm.rules.text import bullets, count, inline, join, shorten

Data = Mapping[str, Any]
Part: TypeAlias = Callable[[Data], str]

_LONGEST_DESCRIPTION = 600
_LONGEST_COMMENT = 400


def card(read: Data, focus: str) -> str:
    """The card, or the part of it that was asked for."""
    parts = _FOCUS.get(focus, _WHOLE)
    texts = [part(read) for part in parts]
    return "\n\n".join(text for text in texts if text)


def _headline(read: Data) -> str:
    shown = read["card"]
    facts = [f"in {inline(shown['column'])}", f"assigned to {inline(shown['assignee'] or 'nobody')}"]
    if shown["due"]:
        late = shown["days_overdue"]
        facts.append(f"due {shown['due']}" + (f", {count(late, 'day')} overdue" if late else ""))
    archived = " It is archived." if shown["is_archived"] else ""
    return f"**{link(shown)} is {join(facts)}.**{archived}"


def _description(read: Data) -> str:
    text = read["card"]["description"].strip()
    return f"> {inline(shorten(text, _LONGEST_DESCRIPTION))}" if text else "It has no description."


def _labels(read: Data) -> str:
    labels = [inline(label) for label in read["card"]["labels"]]
    return f"Labels: {join(labels)}." if labels else ""


def _checklist(read: Data) -> str:
    items = read["card"]["checklist"]
    if not items:
        return "It has no checklist."
    done = sum(item["done"] for item in items)
    still = [inline(item["text"]) for item in items if not item["done"]]
    return f"Checklist: {done} of {len(items)} done." + (f" Open:\n\n{bullets(still)}" if still else "")


def _comments(read: Data) -> str:
    total, shown = read["card"]["comment_count"], read["comments"]
    if not shown:
        return "Nobody has commented on it."
    lines = [f"{comment['at']}, {inline(comment['author'])}: {inline(shorten(comment['content'], _LONGEST_COMMENT))}" for comment in shown]
    newest = f", the newest {len(shown)}" if total > len(shown) else ""
    return f"{count(total, 'comment').capitalize()}{newest}:\n\n{bullets(lines)}"


def _history(read: Data) -> str:
    events = read["history"]
    return f"History, newest first:\n\n{bullets(event_line(event, with_card=False) for event in events)}" if events else ""


def _last_change(read: Data) -> str:
    shown = read["card"]
    return f"Last changed {shown['updated']} by {inline(shown['updated_by'])}; {time_in_column(shown)}."


_WHOLE: tuple[Part, ...] = (_headline, _description, _labels, _checklist, _comments, _last_change)
_FOCUS: Mapping[str, tuple[Part, ...]] = {
    "comments": (_headline, _comments),
    "history": (_headline, _history),
    "checklist": (_headline, _checklist),
}
