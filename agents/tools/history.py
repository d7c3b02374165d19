"""Events of a board's log in words, for the tools that tell what happened."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from agents.tools.lookup import Scene, minute
from boards.models import Card
from project.realtime.models import Event

Data = Mapping[str, Any]
_Words = Callable[[Data, Mapping[str, str]], str]

_LONGEST_QUOTE = 200


def _moved(data: Data, columns: Mapping[str, str]) -> str:
    if data["column"] == data["from_column"]:
        return "moved within its column"
    return f"moved from {columns.get(data['from_column'], 'a deleted column')} to {columns.get(data['column'], 'a deleted column')}"


def _commented(data: Data, columns: Mapping[str, str]) -> str:
    del columns
    text = " ".join(str(data["comment"]["content"]).split())
    return "commented: " + (text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…")


def _plainly(words: str) -> _Words:
    return lambda data, columns: words


WORDS: Mapping[str, _Words] = {
    "card_created": _plainly("created"),
    "card_edited": _plainly("edited"),
    "card_moved": _moved,
    "card_archived": _plainly("archived"),
    "card_restored": _plainly("restored"),
    "card_deleted": _plainly("deleted"),
    "comment_added": _commented,
    "comment_edited": _plainly("edited a comment on"),
    "comment_deleted": _plainly("deleted a comment on"),
}
"""Event types about cards that are told, with the words for each."""


def tell(scene: Scene, events: Iterable[Event]) -> list[dict[str, Any]]:
    """Each event as `{at, who, type, what, card}`; `card` is null once it is deleted."""
    rows = list(events)
    columns = {str(column.id): column.name for column in scene.columns}
    cards = _cards(scene, {row.subject for row in rows if row.subject})
    return [_tell(scene, row, columns, cards) for row in rows]


def _tell(scene: Scene, row: Event, columns: Mapping[str, str], cards: Mapping[UUID, Card]) -> dict[str, Any]:
    data = json.loads(row.text)["data"]
    card = cards.get(row.subject) if row.subject else None
    return {
        "at": minute(row.created),
        "who": row.actor.username if row.actor else None,
        "type": row.type,
        "what": WORDS[row.type](data, columns),
        "card": {"number": card.number, "title": card.title, "link": scene.link(card)} if card else None,
    }


def _cards(scene: Scene, ids: set[UUID]) -> dict[UUID, Card]:
    return {card.id: card for card in Card.objects.filter(board=scene.board, id__in=ids)}
