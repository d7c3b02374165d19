"""The only way in from outside: each function fetches and authorises in one, so that nobody learns what isn't theirs to see."""

from typing import TypeVar
from uuid import UUID

from boards import statements
from boards.models import Board, Card, Column, Comment
from boards.ordering import Ranked
from boards.statements import CardAndTarget, Standing, Thing
from project.accounts.models import User
from project.errors import Forbidden, NotFound
from project.realtime.streams import Role

T = TypeVar("T")

_POWER: dict[Role, int] = {"viewer": 0, "editor": 1, "owner": 2}


def get_role(user: User, board_id: UUID) -> Role:
    """The user's role on a board; NotFound for strangers and for boards that are not there."""
    return _require(user, "viewer", "board", board_id)[1]


def require_board(user: User, board_id: UUID, need: Role) -> UUID:
    """The board's id, once the user is known to have the role `need` or more there."""
    return _require(user, need, "board", board_id)[0]


def require_column(user: User, column_id: UUID, need: Role) -> UUID:
    """As `require_board`, for the board of a column."""
    return _require(user, need, "column", column_id)[0]


def require_card(user: User, card_id: UUID, need: Role) -> UUID:
    """As `require_board`, for the board of a card."""
    return _require(user, need, "card", card_id)[0]


def require_comment(user: User, comment_id: UUID, *, to_change: bool = False) -> UUID:
    """As `require_board`, for the board of a comment; changing it is for its author and the owners."""
    board_id, role = _require(user, "editor" if to_change else "viewer", "comment", comment_id)
    if to_change and role != "owner" and not Comment.objects.filter(id=comment_id, author=user).exists():
        raise Forbidden("Only its author and owners of the board can change a comment.")
    return board_id


def access_board(user: User, board_id: UUID) -> Board:
    """The board, for its members; NotFound for strangers."""
    return Board.objects.get(id=require_board(user, board_id, "viewer"))


def access_card(user: User, card_id: UUID, need: Role = "viewer") -> Card:
    """The card with its assignee and who updated it, for a user with the role `need` or more; NotFound for strangers."""
    require_card(user, card_id, need)
    return get_card(card_id)


def get_card(card_id: UUID) -> Card:
    """The card with its assignee and who updated it, for callers that have checked the right; NotFound when it is gone."""
    return _found(statements.find_card(card_id))


def access_move(user: User, card_id: UUID, column_id: UUID) -> CardAndTarget:
    """As `access_card` for somebody who may edit, together with the column the card is to go to."""
    found = _found(statements.find_card_and_target(user.id, card_id, column_id))
    _check_power(found.role, "editor")
    return found


def access_standing(user: User, card_id: UUID) -> Standing:
    """What a new comment on the card depends on, for somebody who may edit."""
    found = _found(statements.find_standing(user.id, card_id))
    _check_power(found.role, "editor")
    return found


def get_comment(comment_id: UUID) -> Comment:
    """The comment with its card and author, for callers that have checked the right; NotFound when it is gone."""
    return _found(Comment.objects.select_related("author", "card").filter(id=comment_id).first())


def get_column(column_id: UUID, board_id: UUID) -> tuple[Column, list[Ranked]]:
    """The column with its unarchived cards in order, if it is one of this board's, else NotFound."""
    return _found(statements.find_column(column_id, board_id))


def _found(thing: T | None) -> T:
    if thing is None:
        raise NotFound
    return thing


def _require(user: User, need: Role, thing: Thing, thing_id: UUID) -> tuple[UUID, Role]:
    board_id, role = _found(statements.find_role(user.id, thing, thing_id))
    _check_power(role, need)
    return board_id, role


def _check_power(role: Role, need: Role) -> None:
    if _POWER[role] < _POWER[need]:
        raise Forbidden("Only owners of the board can do this." if need == "owner" else "You can read this board but not change it.")
