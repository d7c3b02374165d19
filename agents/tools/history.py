"""Events of a board's log in words, for the tools that tell what happened."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from agents.tools.lookup import Scene, minute
from boards.models import Card
from project.realtime.models import Event

Data = Mapping[str, Any]
_How = Callable[[Data, Mapping[str, str]], str]

_LONGEST_QUOTE = 200


def _nothing_more(data: Data, columns: Mapping[str, str]) -> str:
    del data, columns
    return ""


def _between_columns(data: Data, columns: Mapping[str, str]) -> str:
    if data["column"] == data["from_column"]:
        return "within its column"
    return f"from {columns.get(data['from_column'], 'a deleted column')} to {columns.get(data['column'], 'a deleted column')}"


WORDS: Mapping[str, tuple[str, _How]] = {
    "card_created": ("created", _nothing_more),
    "card_edited": ("edited", _nothing_more),
    "card_moved": ("moved", _between_columns),
    "card_archived": ("archived", _nothing_more),
    "card_restored": ("restored", _nothing_more),
    "card_deleted": ("deleted", _nothing_more),
    "comment_added": ("commented on", _nothing_more),
    "comment_edited": ("edited a comment on", _nothing_more),
    "comment_deleted": ("deleted a comment on", _nothing_more),
}
"""Event types about cards that are told, with what was done to the card, and how."""


def tell(scene: Scene, events: Iterable[Event]) -> list[dict[str, Any]]:
    """Each event as `{at, who, type, did, how, said, card}`; `card` is null once it is deleted."""
    rows = list(events)
    columns = {str(column.id): column.name for column in scene.columns}
    cards = _cards(scene, {row.subject for row in rows if row.subject})
    return [_tell(scene, row, columns, cards) for row in rows]


def _tell(scene: Scene, row: Event, columns: Mapping[str, str], cards: Mapping[UUID, Card]) -> dict[str, Any]:
    data = json.loads(row.text)["data"]
    card = cards.get(row.subject) if row.subject else None
    did, how = WORDS[row.type]
    return {
        "at": minute(row.created),
        "who": row.actor.username if row.actor else None,
        "type": row.type,
        "did": did,
        "how": how(data, columns),
        "said": _quote(data["comment"]["content"]) if row.type == "comment_added" else None,
        "card": {"number": card.number, "title": card.title, "link": scene.link(card)} if card else None,
    }


def _cards(scene: Scene, ids: set[UUID]) -> dict[UUID, Card]:
    return {card.id: card for card in Card.objects.filter(board=scene.board, id__in=ids)}


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…"
