"""Columns: create, edit, move, delete."""

from collections.abc import Sequence
from uuid import UUID

from boards.access import get_column
from boards.events import ColumnCreated, ColumnDeleted, ColumnEdited, ColumnMoved
from boards.models import Board, Card, Column
from boards.ordering import Place, Ranked, Slot, follow, insert, put
from boards.payloads import CreateColumn, EditColumn
from boards.services.checks import check_wip
from boards.wire import BoardObject, ColumnObject, to_wire
from project.errors import Conflict, Invalid
from project.ids import new_id
from project.limits import limits
from project.realtime.change import Change
from project.realtime.streams import StreamKey


def create_column(*, ch: Change, board: Board, new: CreateColumn) -> Column:
    """The new column at its place."""
    order = _order(board.id)
    if len(order) >= limits().board_columns:
        raise Conflict(f"A board has {limits().board_columns} columns at most.", data={"board": to_wire(BoardObject.of(board))})
    column_id = new_id()
    rank = _apply(ch, order, column_id, insert(order, column_id, new.place))
    column = Column.objects.create(id=column_id, board=board, name=new.name, rank=rank, wip_limit=new.wip_limit)
    ch.append(ColumnCreated(column=ColumnObject.of(column)), StreamKey.board(board.id))
    return column


def edit_column(*, ch: Change, column: Column, edit: EditColumn) -> Column:
    """The column with what `edit` names changed. A limit below the count is allowed: it keeps further cards out."""
    wanted: dict[str, str | int | None] = {}
    if edit.name is not None:
        wanted["name"] = edit.name
    if "wip_limit" in edit.model_fields_set:
        wanted["wip_limit"] = edit.wip_limit
    if all(getattr(column, name) == value for name, value in wanted.items()):
        return column
    for name, value in wanted.items():
        setattr(column, name, value)
    column.save(update_fields=list(wanted))
    ch.append(ColumnEdited(column=ColumnObject.of(column)), StreamKey.board(column.board_id))
    return column


def move_column(*, ch: Change, column: Column, place: Place) -> Column:
    """The column at its new place."""
    order = _order(column.board_id)
    slot = put(order, column.id, place)
    if slot is None:
        return column
    column.rank = _apply(ch, order, column.id, slot)
    column.save(update_fields=["rank"])
    ch.append(ColumnMoved(column=ColumnObject.of(column)), StreamKey.board(column.board_id))
    return column


def delete_column(*, ch: Change, column: Column, move_cards_to: UUID | None) -> None:
    """Delete the column; its cards, archived ones too, follow in order behind the last of `move_cards_to`."""
    if move_cards_to == column.id:
        raise Invalid("The cards can't move to the column that goes.", fields={"move_cards_to": ["Name another column."]})
    target, standing = get_column(move_cards_to, column.board_id) if move_cards_to else (None, [])
    cards = list(Card.objects.filter(column=column).order_by("archived", "rank", "id").only("archived", "version"))
    if cards and target is None:
        raise Conflict(_why_filled(cards), data={"column": to_wire(ColumnObject.of(column))})
    if target is not None:
        _take_in(ch, target, standing, cards)
    column_id = column.id
    column.delete()
    ch.append(ColumnDeleted(column=column_id, moved_to=move_cards_to), StreamKey.board(column.board_id))


def _why_filled(cards: Sequence[Card]) -> str:
    if all(card.archived for card in cards):
        return "This column still holds archived cards. Say which column they go to."
    return "This column still holds cards. Say which column they go to."


def _take_in(ch: Change, target: Column, standing: Sequence[Ranked], cards: Sequence[Card]) -> None:
    """Put `cards` behind the unarchived cards that stand in `target`, one gap apart, each one version on."""
    check_wip(target, count=len(standing), coming=sum(1 for card in cards if not card.archived))
    for card, place in zip(cards, follow(standing, [card.id for card in cards]), strict=True):
        card.column = target
        card.rank = place.rank
        card.version += 1
        card.column_since = ch.now
    Card.objects.bulk_update(cards, ["column", "rank", "version", "column_since"], batch_size=200)


def _order(board_id: UUID) -> list[Ranked]:
    rows = Column.objects.filter(board_id=board_id).order_by("rank", "id").values_list("rank", "id")
    return [Ranked(rank, column_id) for rank, column_id in rows]


def _apply(ch: Change, order: Sequence[Ranked], column_id: UUID, slot: Slot) -> int:
    """The rank of `slot`; the other columns that were renumbered for it are each told as moved."""
    ranks = {item.id: item.rank for item in slot.renumbered if item.id != column_id and item not in order}
    for column in Column.objects.filter(id__in=ranks).order_by("rank", "id"):
        column.rank = ranks[column.id]
        column.save(update_fields=["rank"])
        ch.append(ColumnMoved(column=ColumnObject.of(column)), StreamKey.board(column.board_id))
    return slot.rank
