"""The REST views of cards and comments. A view names its command or its read; rules live below."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from boards import commands, selectors
from boards.access import access_card, require_board, require_card
from boards.payloads import Day
from boards.wire import CardObject, CardSummary, CommentObject, to_wire
from project.accounts.describe import Operation, Shape, list_of
from project.errors import Conflict, StaleVersion, WipLimit
from project.realtime.api import ListQuery, command, list_response, user_of
from project.realtime.view import StrictView
from project.wire import Id, Payload

CARD: Shape = {"card": CardObject, "seq": int}
COMMENT: Shape = {"comment": CommentObject, "seq": int}
GONE: Shape = {"id": UUID, "seq": int}
EVENT: Shape = dict[str, Any]


class DeleteCardQuery(Payload):
    version: int | None = None


class CardsQuery(ListQuery):
    """Filters of the list of cards; `archived` false unless given."""

    column: Id | None = None
    assignee: Id | None = None
    label: str | None = None
    due_before: Day | None = None
    archived: bool = False
    q: str | None = Field(default=None, max_length=300)


class CardListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Cards of a board, by column and rank", query=CardsQuery, reply=list_of(CardSummary)),
        "POST": Operation("Create a card", body=commands.CREATE_CARD, reply=CARD, status=201, errors=(Conflict, WipLimit)),
    }

    def get(self, request: Request, board_id: UUID) -> Response:
        require_board(user_of(request), board_id, "viewer")
        query = self.query_as(CardsQuery)
        only = selectors.CardFilter(query.column, query.assignee, query.label, query.due_before, query.archived, query.q)
        cards = selectors.list_cards(board_id, only)
        return list_response(query, cards, selectors.CARD_ORDER, lambda rows: [to_wire(CardSummary.of(card)) for card in rows])

    def post(self, request: Request, board_id: UUID) -> Response:
        return command(request, commands.CREATE_CARD, status=201, scope=board_id)


class CardView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("A card in full", reply=CardObject),
        "PATCH": Operation("Edit a card", body=commands.EDIT_CARD, from_path=("card",), reply=CARD, errors=(Conflict, StaleVersion)),
        "DELETE": Operation(
            "Delete a card and its comments for good",
            body=commands.DELETE_CARD,
            from_path=("card",),
            query=DeleteCardQuery,
            reply=GONE,
            errors=(StaleVersion,),
        ),
    }

    def get(self, request: Request, card_id: UUID) -> Response:
        return Response(to_wire(CardObject.of(access_card(user_of(request), card_id))))

    def patch(self, request: Request, card_id: UUID) -> Response:
        return command(request, commands.EDIT_CARD, card=card_id)

    def delete(self, request: Request, card_id: UUID) -> Response:
        given = self.query_as(DeleteCardQuery).model_dump(exclude_unset=True)
        return command(request, commands.DELETE_CARD, card=card_id, **given)


class MoveCardView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation(
            "Move a card", body=commands.MOVE_CARD, from_path=("card",), reply=CARD, errors=(Conflict, StaleVersion, WipLimit)
        )
    }

    def post(self, request: Request, card_id: UUID) -> Response:
        return command(request, commands.MOVE_CARD, card=card_id)


class ArchiveCardView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("Archive a card", body=commands.ARCHIVE_CARD, from_path=("card",), reply=CARD, errors=(StaleVersion,))
    }

    def post(self, request: Request, card_id: UUID) -> Response:
        return command(request, commands.ARCHIVE_CARD, card=card_id)


class RestoreCardView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation(
            "Restore a card", body=commands.RESTORE_CARD, from_path=("card",), reply=CARD, errors=(Conflict, StaleVersion, WipLimit)
        )
    }

    def post(self, request: Request, card_id: UUID) -> Response:
        return command(request, commands.RESTORE_CARD, card=card_id)


class ActivityView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Events about a card, newest first", query=ListQuery, reply=list_of(EVENT))
    }

    def get(self, request: Request, card_id: UUID) -> Response:
        events = selectors.list_activity(access_card(user_of(request), card_id))
        return list_response(self.query_as(ListQuery), events, ["-seq"], lambda rows: [json.loads(row.text) for row in rows])


class CommentListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Comments on a card, oldest first", query=ListQuery, reply=list_of(CommentObject)),
        "POST": Operation(
            "Comment on a card", body=commands.COMMENT_CARD, from_path=("card",), reply=COMMENT, status=201, errors=(Conflict,)
        ),
    }

    def get(self, request: Request, card_id: UUID) -> Response:
        require_card(user_of(request), card_id, "viewer")
        comments = selectors.list_comments(card_id)
        order = ["created", "id"]
        return list_response(self.query_as(ListQuery), comments, order, lambda rows: [to_wire(CommentObject.of(row)) for row in rows])

    def post(self, request: Request, card_id: UUID) -> Response:
        return command(request, commands.COMMENT_CARD, status=201, card=card_id)


class CommentView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "PATCH": Operation("Edit a comment", body=commands.EDIT_COMMENT, from_path=("comment",), reply=COMMENT, errors=(Conflict,)),
        "DELETE": Operation("Delete a comment", body=commands.DELETE_COMMENT, from_path=("comment",), reply=GONE, errors=(Conflict,)),
    }

    def patch(self, request: Request, comment_id: UUID) -> Response:
        return command(request, commands.EDIT_COMMENT, comment=comment_id)

    def delete(self, request: Request, comment_id: UUID) -> Response:
        return command(request, commands.DELETE_COMMENT, comment=comment_id)
