"""The statements of the commonest commands, moves and comments above all, as SQL (see project/sql.py)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from uuid import UUID

from django.db import connection

from boards.models import Card, Column, Comment
from boards.ordering import Ranked
from project.accounts.models import User
from project.realtime.streams import Role
from project.sql import Columns, as_id, fetch_all, fetch_one, run

Thing: TypeAlias = Literal["board", "column", "card", "comment"]

_TO_THING: dict[Thing, str] = {
    "board": "WHERE b.id = %s",
    "column": "JOIN boards_column t ON t.board_id = b.id WHERE t.id = %s",
    "card": "JOIN boards_card t ON t.board_id = b.id WHERE t.id = %s",
    "comment": "JOIN boards_card c ON c.board_id = b.id JOIN boards_comment t ON t.card_id = c.id WHERE t.id = %s",
}
_ROLE = "SELECT b.id, m.role FROM boards_membership m JOIN boards_board b ON b.id = m.board_id"
_ROLES = {thing: f"{_ROLE} {to_thing} AND m.user_id = %s AND b.deleted IS NULL" for thing, to_thing in _TO_THING.items()}

_card = Columns(Card, "c")
_column = Columns(Column, "c")
# What the wire shows of somebody.
_assignee, _updater = (Columns(User, alias, "id", "username", "kind") for alias in ("a", "u"))
_CARD = (
    f"SELECT {_card.sql}, {_assignee.sql}, {_updater.sql} FROM boards_card c"  # noqa: S608 - column names of our own models; every value is a parameter
    " LEFT JOIN accounts_user a ON a.id = c.assignee_id JOIN accounts_user u ON u.id = c.updated_by_id WHERE c.id = %s"
)
_COLUMN = (
    f'SELECT {_column.sql}, t."rank", t.id FROM boards_column c'  # noqa: S608 - column names of our own models; every value is a parameter
    " LEFT JOIN boards_card t ON t.column_id = c.id AND NOT t.archived"
    ' WHERE c.id = %s AND c.board_id = %s ORDER BY t."rank", t.id'
)
# The cards of a column in order, as JSON, since they come beside what there is one of.
_ORDER = {
    "postgresql": 'SELECT json_agg(json_build_array(o."rank", o.id) ORDER BY o."rank", o.id) FROM boards_card o'
    " WHERE o.column_id = %s AND NOT o.archived",
    "sqlite": 'SELECT json_group_array(json_array("rank", id)) FROM (SELECT "rank", id FROM boards_card'
    ' WHERE column_id = %s AND NOT archived ORDER BY "rank", id)',
}
_target = Columns(Column, "t")
_CARD_AND_TARGET = (
    f"SELECT m.role, {{order}}, {_card.sql}, {_assignee.sql}, {_updater.sql}, {_target.sql} FROM boards_card c"  # noqa: S608 - column names of our own models; every value is a parameter
    " JOIN boards_board b ON b.id = c.board_id AND b.deleted IS NULL"
    " JOIN boards_membership m ON m.board_id = b.id AND m.user_id = %s"
    " LEFT JOIN accounts_user a ON a.id = c.assignee_id JOIN accounts_user u ON u.id = c.updated_by_id"
    " LEFT JOIN boards_column t ON t.id = %s AND t.board_id = c.board_id WHERE c.id = %s"
)
_STANDING = (
    "SELECT m.role, c.board_id, c.archived FROM boards_card c JOIN boards_board b ON b.id = c.board_id AND b.deleted IS NULL"
    " JOIN boards_membership m ON m.board_id = b.id AND m.user_id = %s WHERE c.id = %s"
)
_ADD_COMMENT = "INSERT INTO boards_comment (id, card_id, author_id, content, html, created, updated) VALUES (%s, %s, %s, %s, %s, %s, %s)"
_COUNT_COMMENT = "UPDATE boards_card SET comment_count = comment_count + 1 WHERE id = %s"
_MOVE = 'UPDATE boards_card SET column_id = %s, "rank" = %s, version = %s, column_since = %s WHERE id = %s'


def find_role(user_id: UUID, thing: Thing, thing_id: UUID) -> tuple[UUID, Role] | None:
    """The board the thing belongs to and the user's role there; None for strangers and where there is no such thing."""
    row = fetch_one(_ROLES[thing], thing_id, user_id)
    return (as_id(row[0]), row[1]) if row else None


def find_card(card_id: UUID) -> Card | None:
    """The card with its assignee and who updated it."""
    row = fetch_one(_CARD, card_id)
    return _read_card(row) if row else None


def _read_card(row: Sequence[Any]) -> Card:
    card = _card.instance(row)
    people = row[len(_card) :]
    card.assignee = _assignee.instance(people) if card.assignee_id else None
    card.updated_by = _updater.instance(people[len(_assignee) :])
    return card


def find_column(column_id: UUID, board_id: UUID) -> tuple[Column, list[Ranked]] | None:
    """The column, if it is one of this board's, with its unarchived cards in order."""
    rows = fetch_all(_COLUMN, column_id, board_id)
    if not rows:
        return None
    width = len(_column)
    return _column.instance(rows[0]), [Ranked(row[width], as_id(row[width + 1])) for row in rows if row[width] is not None]


@dataclass(frozen=True)
class CardAndTarget:
    """A card, the user's role on its board, and the column it is to go to, None if that is none of the board's."""

    role: Role
    card: Card
    column: Column | None
    order: list[Ranked]


def find_card_and_target(user_id: UUID, card_id: UUID, column_id: UUID) -> CardAndTarget | None:
    """All that a move reads, in one journey; None for strangers and where there is no such card."""
    row = fetch_one(_CARD_AND_TARGET.format(order=f"({_ORDER[connection.vendor]})"), column_id, user_id, column_id, card_id)
    if row is None:
        return None
    role, order, *rest = row
    target = rest[len(_card) + len(_assignee) + len(_updater) :]
    column = _target.instance(target) if target[0] is not None else None
    ranks = (json.loads(order) if isinstance(order, str) else order) or []
    return CardAndTarget(role, _read_card(rest), column, [Ranked(rank, as_id(each)) for rank, each in ranks])


def store_move(card: Card) -> None:
    """Store where the card stands now."""
    run(_MOVE, card.column_id, card.rank, card.version, card.column_since, card.id)


@dataclass(frozen=True)
class Standing:
    """What a card's comments depend on: the user's role on its board, and whether it is put away."""

    role: Role
    card_id: UUID
    board_id: UUID
    is_archived: bool


def find_standing(user_id: UUID, card_id: UUID) -> Standing | None:
    """How a card stands for somebody; None for strangers and where there is no such card."""
    row = fetch_one(_STANDING, user_id, card_id)
    return Standing(row[0], card_id, as_id(row[1]), bool(row[2])) if row else None


def store_comment(new: Comment) -> None:
    """Store a new comment and count it on its card."""
    run(_ADD_COMMENT, new.id, new.card_id, new.author_id, new.content, new.html, new.created, new.updated)
    run(_COUNT_COMMENT, new.card_id)
