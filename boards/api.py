"""The REST views of boards, their members and columns. A view names its command or its read; rules live below."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from boards import commands, selectors
from boards.access import access_board, get_role, require_board
from boards.wire import (
    BoardObject,
    BoardRow,
    BoardSnapshot,
    BoardWithRole,
    ColumnObject,
    MemberObject,
    UserObject,
    to_wire,
)
from project.accounts.describe import Operation, Shape, list_of
from project.accounts.models import User
from project.errors import Conflict, WipLimit
from project.realtime.api import ListQuery, command, list_response, user_of
from project.realtime.view import StrictView
from project.wire import Id, Payload

BOARD: Shape = {"board": BoardObject, "seq": int}
MEMBER: Shape = {"member": MemberObject, "seq": int}
COLUMN: Shape = {"column": ColumnObject, "seq": int}
GONE: Shape = {"id": UUID, "seq": int}


class UsersQuery(ListQuery):
    q: str = Field(default="", max_length=150)


class DeleteColumnQuery(Payload):
    move_cards_to: Id | None = None


class UsersView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Users of my boards by part of their name, anybody by the whole", query=UsersQuery, reply=list_of(UserObject))
    }

    def get(self, request: Request) -> Response:
        query = self.query_as(UsersQuery)
        users = selectors.list_known_users(user_of(request), query.q)
        return list_response(query, users, ["-id"], lambda rows: [to_wire(UserObject.of(user)) for user in rows])


class BoardListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("My boards, by name", query=ListQuery, reply=list_of(BoardRow)),
        "POST": Operation("Create a board", body=commands.CREATE_BOARD, reply=BOARD, status=201),
    }

    def get(self, request: Request) -> Response:
        return boards_page(user_of(request), self.query_as(ListQuery))

    def post(self, request: Request) -> Response:
        return command(request, commands.CREATE_BOARD, status=201)


def boards_page(user: User, query: ListQuery) -> Response:
    """One page of the boards list."""
    memberships = selectors.list_boards(user)
    return list_response(query, memberships, selectors.BOARD_ORDER, lambda rows: [to_wire(row) for row in selectors.board_rows(rows)])


class BoardView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("A board", reply=BoardWithRole),
        "PATCH": Operation("Edit a board", body=commands.EDIT_BOARD, reply=BOARD),
        "DELETE": Operation("Delete a board", body=commands.DELETE_BOARD, reply=GONE),
    }

    def get(self, request: Request, board_id: UUID) -> Response:
        board = access_board(user_of(request), board_id)
        role = get_role(user_of(request), board_id)
        return Response(to_wire(BoardObject.of(board)) | {"role": role})

    def patch(self, request: Request, board_id: UUID) -> Response:
        return command(request, commands.EDIT_BOARD, scope=board_id)

    def delete(self, request: Request, board_id: UUID) -> Response:
        return command(request, commands.DELETE_BOARD, scope=board_id)


class SnapshotView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("The whole board as of one seq", reply=BoardSnapshot)}

    def get(self, request: Request, board_id: UUID) -> Response:
        return Response(to_wire(selectors.read_board_snapshot(user_of(request), board_id)))


class MemberListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("The members of a board, newest first", query=ListQuery, reply=list_of(MemberObject)),
        "POST": Operation("Add a member", body=commands.ADD_MEMBER, reply=MEMBER, status=201),
    }

    def get(self, request: Request, board_id: UUID) -> Response:
        require_board(user_of(request), board_id, "viewer")
        members = selectors.list_members(board_id)
        order = ["-created", "-id"]
        return list_response(self.query_as(ListQuery), members, order, lambda rows: [to_wire(MemberObject.of(row)) for row in rows])

    def post(self, request: Request, board_id: UUID) -> Response:
        return command(request, commands.ADD_MEMBER, status=201, scope=board_id)


class MemberView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "PATCH": Operation("Change a member's role", body=commands.CHANGE_MEMBER, from_path=("user",), reply=MEMBER, errors=(Conflict,)),
        "DELETE": Operation("Remove a member", body=commands.REMOVE_MEMBER, from_path=("user",), reply=MEMBER, errors=(Conflict,)),
    }

    def patch(self, request: Request, board_id: UUID, user_id: UUID) -> Response:
        return command(request, commands.CHANGE_MEMBER, scope=board_id, user=user_id)

    def delete(self, request: Request, board_id: UUID, user_id: UUID) -> Response:
        return command(request, commands.REMOVE_MEMBER, scope=board_id, user=user_id)


class ColumnListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("Create a column", body=commands.CREATE_COLUMN, reply=COLUMN, status=201, errors=(Conflict,))
    }

    def post(self, request: Request, board_id: UUID) -> Response:
        return command(request, commands.CREATE_COLUMN, status=201, scope=board_id)


class ColumnView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "PATCH": Operation("Edit a column", body=commands.EDIT_COLUMN, from_path=("column",), reply=COLUMN),
        "DELETE": Operation(
            "Delete a column; its cards go to `move_cards_to`",
            body=commands.DELETE_COLUMN,
            from_path=("column", "move_cards_to"),
            query=DeleteColumnQuery,
            reply=GONE,
            errors=(Conflict, WipLimit),
        ),
    }

    def patch(self, request: Request, column_id: UUID) -> Response:
        return command(request, commands.EDIT_COLUMN, column=column_id)

    def delete(self, request: Request, column_id: UUID) -> Response:
        given = self.query_as(DeleteColumnQuery).model_dump(exclude_unset=True)
        return command(request, commands.DELETE_COLUMN, column=column_id, **given)


class MoveColumnView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("Move a column", body=commands.MOVE_COLUMN, from_path=("column",), reply=COLUMN)
    }

    def post(self, request: Request, column_id: UUID) -> Response:
        return command(request, commands.MOVE_COLUMN, column=column_id)
