"""The commands about boards: who may ask for each, and what it does. `BOARD_COMMANDS` are those that a board's socket takes."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from boards import payloads as asked
from boards.access import access_move, access_standing, get_card, get_comment, require_board, require_card, require_column, require_comment
from boards.models import Board, Card, Column, Membership
from boards.services import boards, cards, columns, comments, members
from boards.wire import BoardObject, CardObject, ColumnObject, CommentObject, MemberObject, to_wire
from project.accounts.models import User
from project.realtime.change import Change
from project.realtime.commands import CommandSpec, CommandTable, Reply
from project.realtime.streams import Role, StreamKey


class _AboutColumn(Protocol):
    @property
    def column(self) -> UUID: ...


class _AboutCard(Protocol):
    @property
    def card(self) -> UUID: ...


class _Rendered(Protocol):
    @property
    def html(self) -> str: ...


class _AboutComment(Protocol):
    @property
    def comment(self) -> UUID: ...


def _render(scope: UUID, payload: _Rendered) -> str:
    del scope
    return payload.html


# -- who may --------------------------------------------------------------------------------------------------------------


def _anybody(user: User, scope: UUID, payload: object) -> tuple[StreamKey, ...]:
    del user, scope, payload
    return ()


def _on_board(need: Role) -> Callable[[User, UUID, Any], tuple[StreamKey, ...]]:
    def authorise(user: User, scope: UUID, payload: object) -> tuple[StreamKey, ...]:
        del payload
        return (StreamKey.board(require_board(user, scope, need)),)

    return authorise


def _on_column(user: User, scope: UUID, payload: _AboutColumn) -> tuple[StreamKey, ...]:
    del scope
    return (StreamKey.board(require_column(user, payload.column, "editor")),)


def _on_card(user: User, scope: UUID, payload: _AboutCard) -> tuple[StreamKey, ...]:
    del scope
    return (StreamKey.board(require_card(user, payload.card, "editor")),)


def _on_own_comment(user: User, scope: UUID, payload: _AboutComment) -> tuple[StreamKey, ...]:
    del scope
    return (StreamKey.board(require_comment(user, payload.comment, to_change=True)),)


# -- replies --------------------------------------------------------------------------------------------------------------


def _board_reply(board: Board) -> Reply:
    return {"board": to_wire(BoardObject.of(board))}


def _member_reply(member: Membership) -> Reply:
    return {"member": to_wire(MemberObject.of(member))}


def _column_reply(column: Column) -> Reply:
    return {"column": to_wire(ColumnObject.of(column))}


def _card_reply(card: Card) -> Reply:
    return {"card": to_wire(CardObject.of(card))}


# -- what each does -------------------------------------------------------------------------------------------------------


def _create_board(ch: Change, scope: UUID, new: asked.CreateBoard) -> Reply:
    del scope
    return _board_reply(boards.create_board(ch=ch, new=new))


def _edit_board(ch: Change, scope: UUID, edit: asked.EditBoard) -> Reply:
    return _board_reply(boards.edit_board(ch=ch, board=Board.objects.get(id=scope), edit=edit))


def _delete_board(ch: Change, scope: UUID, _: asked.DeleteBoard) -> Reply:
    boards.delete_board(ch=ch, board=Board.objects.get(id=scope))
    return {"id": str(scope)}


def _add_member(ch: Change, scope: UUID, new: asked.AddMember) -> Reply:
    return _member_reply(members.add_member(ch=ch, board_id=scope, username=new.username, role=new.role))


def _change_member(ch: Change, scope: UUID, edit: asked.ChangeMember) -> Reply:
    return _member_reply(members.change_member(ch=ch, board_id=scope, user_id=edit.user, role=edit.role))


def _remove_member(ch: Change, scope: UUID, which: asked.RemoveMember) -> Reply:
    return _member_reply(members.remove_member(ch=ch, board_id=scope, user_id=which.user))


def _create_column(ch: Change, scope: UUID, new: asked.CreateColumn) -> Reply:
    return _column_reply(columns.create_column(ch=ch, board=Board.objects.get(id=scope), new=new))


def _edit_column(ch: Change, scope: UUID, edit: asked.EditColumn) -> Reply:
    del scope
    return _column_reply(columns.edit_column(ch=ch, column=Column.objects.get(id=edit.column), edit=edit))


def _move_column(ch: Change, scope: UUID, move: asked.MoveColumn) -> Reply:
    del scope
    return _column_reply(columns.move_column(ch=ch, column=Column.objects.get(id=move.column), place=move.place))


def _delete_column(ch: Change, scope: UUID, which: asked.DeleteColumn) -> Reply:
    del scope
    columns.delete_column(ch=ch, column=Column.objects.get(id=which.column), move_cards_to=which.move_cards_to)
    return {"id": str(which.column)}


def _create_card(ch: Change, scope: UUID, new: asked.CreateCard) -> Reply:
    return _card_reply(cards.create_card(ch=ch, board=Board.objects.get(id=scope), new=new))


def _edit_card(ch: Change, scope: UUID, edit: asked.EditCard) -> Reply:
    del scope
    return _card_reply(cards.edit_card(ch=ch, card=get_card(edit.card), edit=edit))


def _move_card(ch: Change, scope: UUID, move: asked.MoveCard) -> Reply:
    del scope
    found = access_move(ch.principal, move.card, move.column)
    ch.confirm((StreamKey.board(found.card.board_id),))
    return _card_reply(cards.move_card(ch=ch, found=found, place=move.place, version=move.version))


def _archive_card(ch: Change, scope: UUID, which: asked.CardCommand) -> Reply:
    del scope
    return _card_reply(cards.archive_card(ch=ch, card=get_card(which.card), version=which.version))


def _restore_card(ch: Change, scope: UUID, which: asked.CardCommand) -> Reply:
    del scope
    return _card_reply(cards.restore_card(ch=ch, card=get_card(which.card), version=which.version))


def _delete_card(ch: Change, scope: UUID, which: asked.CardCommand) -> Reply:
    del scope
    return {"id": str(cards.delete_card(ch=ch, card=get_card(which.card), version=which.version))}


def _comment_card(ch: Change, scope: UUID, new: asked.CommentCard) -> Reply:
    del scope
    found = access_standing(ch.principal, new.card)
    ch.confirm((StreamKey.board(found.board_id),))
    comment = comments.comment_card(ch=ch, found=found, content=new.content, html=new.html)
    return {"comment": to_wire(CommentObject.of(comment))}


def _edit_comment(ch: Change, scope: UUID, edit: asked.EditComment) -> Reply:
    del scope
    comment = comments.edit_comment(ch=ch, comment=get_comment(edit.comment), content=edit.content, html=edit.html)
    return {"comment": to_wire(CommentObject.of(comment))}


def _delete_comment(ch: Change, scope: UUID, which: asked.DeleteComment) -> Reply:
    del scope
    comments.delete_comment(ch=ch, comment=get_comment(which.comment))
    return {"id": str(which.comment)}


# -- the table ------------------------------------------------------------------------------------------------------------

_MANAGE, _EDIT = _on_board("owner"), _on_board("editor")

CREATE_BOARD = CommandSpec("create_board", asked.CreateBoard, _anybody, _create_board, opens=True)
DELETE_BOARD = CommandSpec("delete_board", asked.DeleteBoard, _MANAGE, _delete_board, is_scoped=True)
EDIT_BOARD = CommandSpec("edit_board", asked.EditBoard, _MANAGE, _edit_board, is_scoped=True)
ADD_MEMBER = CommandSpec("add_member", asked.AddMember, _MANAGE, _add_member, is_scoped=True)
CHANGE_MEMBER = CommandSpec("change_member", asked.ChangeMember, _MANAGE, _change_member, is_scoped=True)
REMOVE_MEMBER = CommandSpec("remove_member", asked.RemoveMember, _MANAGE, _remove_member, is_scoped=True)
CREATE_COLUMN = CommandSpec("create_column", asked.CreateColumn, _EDIT, _create_column, is_scoped=True)
EDIT_COLUMN = CommandSpec("edit_column", asked.EditColumn, _on_column, _edit_column)
MOVE_COLUMN = CommandSpec("move_column", asked.MoveColumn, _on_column, _move_column)
DELETE_COLUMN = CommandSpec("delete_column", asked.DeleteColumn, _on_column, _delete_column)
CREATE_CARD = CommandSpec("create_card", asked.CreateCard, _EDIT, _create_card, is_scoped=True, prepare=_render)
EDIT_CARD = CommandSpec("edit_card", asked.EditCard, _on_card, _edit_card, prepare=_render)
MOVE_CARD = CommandSpec("move_card", asked.MoveCard, _on_card, _move_card, checks_itself=True)
ARCHIVE_CARD = CommandSpec("archive_card", asked.CardCommand, _on_card, _archive_card)
RESTORE_CARD = CommandSpec("restore_card", asked.CardCommand, _on_card, _restore_card)
DELETE_CARD = CommandSpec("delete_card", asked.CardCommand, _on_card, _delete_card)
COMMENT_CARD = CommandSpec("comment_card", asked.CommentCard, _on_card, _comment_card, prepare=_render, checks_itself=True)
EDIT_COMMENT = CommandSpec("edit_comment", asked.EditComment, _on_own_comment, _edit_comment, prepare=_render)
DELETE_COMMENT = CommandSpec("delete_comment", asked.DeleteComment, _on_own_comment, _delete_comment)

BOARD_COMMANDS: CommandTable = {
    spec.name: spec
    for spec in (
        *(EDIT_BOARD, ADD_MEMBER, CHANGE_MEMBER, REMOVE_MEMBER),
        *(CREATE_COLUMN, EDIT_COLUMN, MOVE_COLUMN, DELETE_COLUMN),
        *(CREATE_CARD, EDIT_CARD, MOVE_CARD, ARCHIVE_CARD, RESTORE_CARD, DELETE_CARD),
        *(COMMENT_CARD, EDIT_COMMENT, DELETE_COMMENT),
    )
}
