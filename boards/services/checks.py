"""What several services look at first: preconditions. The caller holds the board's stream lock."""

from boards.models import Board, Card, Column
from boards.wire import BoardObject, CardObject, to_wire
from project.errors import Conflict, StaleVersion, TooLarge, WipLimit
from project.limits import limits
from project.realtime.events import encode

# What a card event holds besides the card's own texts: envelope, run, people, numbers.
_EVENT_OVERHEAD = 6 * 1024


def check_version(card: Card, version: int | None) -> None:
    """StaleVersion, with the card as it is, when `version` is given and is not the card's."""
    if version is not None and version != card.version:
        raise StaleVersion(data={"card": to_wire(CardObject.of(card))})


def check_unarchived(card: Card) -> None:
    """Conflict for an archived card: it is read-only until restored."""
    if card.archived:
        raise Conflict("This card is archived. Restore it first.", data={"card": to_wire(CardObject.of(card))})


def check_wip(column: Column, *, count: int, coming: int = 1) -> None:
    """WipLimit when `coming` more cards beside `count` are more than the column takes."""
    if column.wip_limit is not None and coming and count + coming > column.wip_limit:
        data = {"column": str(column.id), "limit": column.wip_limit, "count": count}
        raise WipLimit(f"{column.name} is full: {count} of {column.wip_limit} cards.", data=data)


def check_room_for_card(board: Board) -> None:
    """Conflict when the board has as many unarchived cards as it may."""
    count = Card.objects.filter(board=board, archived=False).count()
    if count >= limits().board_cards:
        raise Conflict(f"A board holds {limits().board_cards:,} cards. Archive some first.", data={"board": to_wire(BoardObject.of(board))})


def check_size(card: Card) -> None:
    """TooLarge when the card could not be told in one event even without its html."""
    size = len(encode(to_wire(CardObject.of(card)) | {"html": None, "run": None}).encode())
    most = limits().event_bytes - _EVENT_OVERHEAD
    if size > most:
        raise TooLarge("This card holds too much. Shorten its description or checklist.", data={"limit": most, "size": size})
