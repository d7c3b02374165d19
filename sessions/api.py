"""The REST views of work sessions that concern no run: list, start, look, edit, what was said."""

from collections.abc import Mapping
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from project.accounts.describe import Operation, Shape, list_of
from project.errors import NotFound, RateLimited
from project.realtime.api import ListQuery, command, list_response, user_of
from project.realtime.view import StrictView
from project.wire import Id
from sessions import commands
from sessions.access import access_session, visible_sessions
from sessions.models import Message
from sessions.selectors import messages_to_wire
from sessions.wire import MessageObject, SessionObject, dump

SESSION: Shape = {"session": SessionObject, "seq": int}


class SessionsQuery(ListQuery):
    """Filters of the list of sessions; `q` looks in titles."""

    board: Id | None = None
    card: Id | None = None
    status: Literal["active", "stopped"] | None = None
    q: str | None = Field(default=None, max_length=300)


class SessionListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Work sessions I may see, newest first", query=SessionsQuery, reply=list_of(SessionObject)),
        "POST": Operation("Start a work session", body=commands.START_SESSION, reply=SESSION, status=201, errors=(NotFound, RateLimited)),
    }

    def get(self, request: Request) -> Response:
        query = self.query_as(SessionsQuery)
        rows = visible_sessions(user_of(request)).select_related("owner")
        wanted = {"board": query.board, "card": query.card, "status": query.status, "title__icontains": query.q}
        rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
        return list_response(query, rows, ["-created", "-id"], lambda page: [dump(SessionObject.of(row)) for row in page])

    def post(self, request: Request) -> Response:
        return command(request, commands.START_SESSION, status=201)


class SessionView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("A work session", reply=SessionObject),
        "PATCH": Operation("Rename a work session", body=commands.EDIT_SESSION, reply=SESSION),
    }

    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(dump(SessionObject.of(access_session(user_of(request), session_id))))

    def patch(self, request: Request, session_id: UUID) -> Response:
        return command(request, commands.EDIT_SESSION, scope=session_id)


class MessageListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("What was said, newest first", query=ListQuery, reply=list_of(MessageObject)),
    }

    def get(self, request: Request, session_id: UUID) -> Response:
        session = access_session(user_of(request), session_id)
        rows = Message.objects.select_related("author").filter(session=session)
        order = ["-created", "-id"]
        return list_response(self.query_as(ListQuery), rows, order, lambda page: [dump(each) for each in messages_to_wire(page)])
