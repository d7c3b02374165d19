"""Cards: create, edit, assign, move, archive, restore, delete."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from boards.access import get_column
from boards.events import CardArchived, CardCreated, CardDeleted, CardEdited, CardMoved, CardRestored, RanksRenumbered
from boards.models import Board, Card, Membership
from boards.ordering import Place, Ranked, Slot, insert, put, put_back
from boards.payloads import ChecklistItem, CreateCard, EditCard
from boards.services.checks import check_room_for_card, check_size, check_unarchived, check_version, check_wip
from boards.statements import CardAndTarget, store_move
from boards.wire import CardObject
from project.accounts.models import User
from project.errors import Invalid, NotFound
from project.ids import new_id
from project.realtime.change import Change
from project.realtime.events import EventData
from project.realtime.streams import StreamKey


def create_card(*, ch: Change, board: Board, new: CreateCard) -> Card:
    """The new card at its place in an open column."""
    column, order = get_column(new.column, board.id)
    check_room_for_card(board)
    check_wip(column, count=len(order))
    card = Card(
        board=board,
        column=column,
        number=board.next_number,
        title=new.title,
        description=new.description or "",
        html=new.html,
        assignee=_get_assignee(board.id, new.assignee),
        labels=new.labels or [],
        due=new.due,
        checklist=_checklist(new.checklist),
        created=ch.now,
        updated=ch.now,
        updated_by=ch.actor,
        column_since=ch.now,
    )
    card.search = _search_text(card)
    card.rank = _apply(ch, card, insert(order, card.id, new.place))
    check_size(card)
    card.save(force_insert=True)
    board.next_number += 1
    board.save(update_fields=["next_number"])
    _tell(ch, card, CardCreated(card=CardObject.of(card)))
    return card


def edit_card(*, ch: Change, card: Card, edit: EditCard) -> Card:
    """The card with what `edit` names changed; StaleVersion for an old version, nothing told when nothing differs."""
    check_unarchived(card)
    check_version(card, edit.version)
    changed = {name: value for name, value in _wanted(card, edit).items() if getattr(card, name) != value}
    return _rewrite(ch, card, changed)


def assign_card(*, ch: Change, card: Card, assignee_id: UUID | None) -> Card:
    """The card given to somebody, or to nobody; nothing told when it is theirs already."""
    check_unarchived(card)
    if card.assignee_id == assignee_id:
        return card
    return _rewrite(ch, card, {"assignee": _get_assignee(card.board_id, assignee_id)})


def move_card(*, ch: Change, found: CardAndTarget, place: Place, version: int | None = None) -> Card:
    """The card at its place in that column; a full column takes no card from another. Nothing told when it stands there."""
    card, column, order = found.card, found.column, found.order
    check_unarchived(card)
    check_version(card, version)
    if column is None:
        raise NotFound
    is_new_here = card.column_id != column.id
    if is_new_here:
        check_wip(column, count=len(order))
    slot = put(order, card.id, place)
    if slot is None:
        return card
    from_column = card.column_id
    card.column = column
    card.rank = _apply(ch, card, slot)
    card.version += 1
    if is_new_here:
        card.column_since = ch.now
    store_move(card)
    _tell(ch, card, CardMoved(card=card.id, column=column.id, from_column=from_column, rank=card.rank, version=card.version))
    return card


def archive_card(*, ch: Change, card: Card, version: int | None = None) -> Card:
    """The card put away: out of its column's order and count, read-only until restored."""
    if card.archived:
        return card
    check_version(card, version)
    return _set_archived(ch, card, is_archived=True)


def restore_card(*, ch: Change, card: Card, version: int | None = None) -> Card:
    """The card back in its column, where its rank puts it; right behind the card that took that rank meanwhile."""
    if not card.archived:
        return card
    check_version(card, version)
    check_room_for_card(card.board)
    column, order = get_column(card.column_id, card.board_id)
    check_wip(column, count=len(order))
    card.rank = _apply(ch, card, put_back(order, Ranked(card.rank, card.id)))
    return _set_archived(ch, card, is_archived=False)


def delete_card(*, ch: Change, card: Card, version: int | None = None) -> UUID:
    """Delete the card and its comments for good; its id."""
    check_version(card, version)
    card_id = card.id
    _tell(ch, card, CardDeleted(card=card_id))
    card.delete()
    return card_id


def _rewrite(ch: Change, card: Card, changed: dict[str, Any]) -> Card:
    """Store new content of a card and tell it; nothing without changes."""
    if not changed:
        return card
    for name, value in changed.items():
        setattr(card, name, value)
    card.search = _search_text(card)
    check_size(card)
    _touch(ch, card)
    card.save(update_fields=[*changed, "search", "version", "updated", "updated_by"])
    _tell(ch, card, CardEdited(card=CardObject.of(card)))
    return card


def _set_archived(ch: Change, card: Card, *, is_archived: bool) -> Card:
    card.archived = is_archived
    _touch(ch, card)
    card.save(update_fields=["archived", "rank", "version", "updated", "updated_by"])
    event = CardArchived if is_archived else CardRestored
    _tell(ch, card, event(card=CardObject.of(card)))
    return card


def _touch(ch: Change, card: Card) -> None:
    card.version += 1
    card.updated = ch.now
    card.updated_by = ch.actor


def _tell(ch: Change, card: Card, event: EventData) -> None:
    ch.append(event, StreamKey.board(card.board_id), subject=card.id)


def _wanted(card: Card, edit: EditCard) -> dict[str, Any]:
    """The values of the fields that were sent, by column of the table: null clears, absent ones are left out."""
    given = edit.model_fields_set
    wanted: dict[str, Any] = {}
    if edit.title is not None:
        wanted["title"] = edit.title
    if "description" in given and (edit.description or "") != card.description:
        wanted |= {"description": edit.description or "", "html": edit.html}
    if "assignee" in given and edit.assignee != card.assignee_id:
        wanted["assignee"] = _get_assignee(card.board_id, edit.assignee)
    if "labels" in given:
        wanted["labels"] = edit.labels or []
    if "due" in given:
        wanted["due"] = edit.due
    if "checklist" in given:
        wanted["checklist"] = _checklist(edit.checklist)
    return wanted


def _checklist(items: Sequence[ChecklistItem] | None) -> list[dict[str, Any]]:
    return [{"id": str(item.id or new_id()), "text": item.text, "done": item.done} for item in items or []]


def _get_assignee(board_id: UUID, user_id: UUID | None) -> User | None:
    """The user a card may be given to: any active agent, or an active member of the board."""
    if user_id is None:
        return None
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None or not (user.is_agent or Membership.objects.filter(board_id=board_id, user=user).exists()):
        message = "Choose a member of this board or an agent."
        raise Invalid(message, fields={"assignee": [message]})
    return user


def _search_text(card: Card) -> str:
    return f"{card.title}\n{card.description}".casefold()


def _apply(ch: Change, card: Card, slot: Slot) -> int:
    """The rank of `slot`; where the gaps have run out, the card's column is renumbered first and that is told."""
    if slot.renumbered:
        rows = [Card(id=item.id, rank=item.rank) for item in slot.renumbered]
        Card.objects.bulk_update(rows, ["rank"], batch_size=200)
        ch.append(RanksRenumbered(column=card.column_id), StreamKey.board(card.board_id))
    return slot.rank
