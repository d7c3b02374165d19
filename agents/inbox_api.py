"""The REST views of the inbox."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from rest_framework.request import Request
from rest_framework.response import Response

from agents.access import answerable_requests
from agents.inbox import InboxRow, WaitingObject, inbox_rows, list_ended, list_waiting
from project.accounts.describe import Operation, list_of
from project.accounts.models import User
from project.realtime.api import ListQuery, list_response, user_of
from project.realtime.view import StrictView
from sessions.wire import dump


class InboxQuery(ListQuery):
    state: Literal["open", "ended"] = "open"


def inbox_page(user: User, query: InboxQuery) -> Response:
    """One page of the user's inbox: what waits, longest first, or what has ended of late, newest first."""
    rows = (list_waiting(user) if query.state == "open" else list_ended(user)).select_related("session__board")
    order = ["created", "id"] if query.state == "open" else ["-ended", "-id"]
    return list_response(query, rows, order, lambda page: [dump(row) for row in inbox_rows(user, page)])


class InboxView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Open requests, oldest first, or those that ended in the last 24 hours", query=InboxQuery, reply=list_of(InboxRow))
    }

    def get(self, request: Request) -> Response:
        return inbox_page(user_of(request), self.query_as(InboxQuery))


class WaitingView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("How many requests wait for me", reply=WaitingObject)}

    def get(self, request: Request) -> Response:
        return Response(dump(WaitingObject(waiting=answerable_requests(user_of(request)).count())))
