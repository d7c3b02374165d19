"""The REST views of runs, requests and agents, and those of sessions that start, stop or show runs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal
from uuid import UUID

from django.db import close_old_connections
from django.http import HttpResponseBase
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from agents import commands
from agents.access import access_output, access_run, access_tool_call, visible_requests, visible_runs
from agents.events import RunQueued
from agents.ids import reply_id
from agents.models import Run
from agents.selectors import SessionSnapshot, WholeRun, read_session_snapshot, read_whole_run
from agents.staff import agents_to_wire
from agents.wire import ModelObject, OutputObject, RequestObject, RunObject, ToolCallObject
from project.accounts.describe import Operation, Shape, list_of
from project.errors import AlreadyAnswered, Busy, Conflict, Invalid, RateLimited, RequestChanged
from project.realtime.api import ListQuery, command, list_response, user_of
from project.realtime.events import event_types
from project.realtime.log import Item
from project.realtime.models import Event
from project.realtime.sse import open_stream
from project.realtime.streams import StreamKey, access_stream
from project.realtime.view import StrictView
from project.wire import Id, WireObject
from sessions import api as sessions_api
from sessions.wire import MessageObject, SessionObject, dump

RUN: Shape = {"run": RunObject, "seq": int}
REQUEST: Shape = {"request": RequestObject, "seq": int}
SENT: Shape = {"message": MessageObject, "run": RunObject | None, "handled_by": str, "seq": int}
HANDED_OVER: Shape = {"session": SessionObject, "message": MessageObject, "run": RunObject, "seq": int}
GONE: Shape = {"id": UUID, "seq": int}

_LAST = {"run_completed", "run_failed", "run_cancelled"}


class AgentObject(WireObject):
    """An agent that can be asked; `reason` says why one is not available."""

    id: UUID
    username: str
    workflows: list[str]
    model: ModelObject
    available: bool
    reason: str | None


class EventTypeObject(WireObject):
    type: str
    stream: str
    category: str | None
    ui_hint: dict[str, Any] | None


class RunsQuery(ListQuery):
    session: Id | None = None
    status: Literal["queued", "running", "waiting", "cancelling", "completed", "failed", "cancelled"] | None = None


class RequestsQuery(ListQuery):
    session: Id | None = None
    status: Literal["open", "approved", "denied", "answered", "expired", "cancelled"] | None = None


# -- sessions --------------------------------------------------------------------------------------------------------------


class SessionView(sessions_api.SessionView):
    operations: ClassVar[Mapping[str, Operation]] = {
        **sessions_api.SessionView.operations,
        "DELETE": Operation("Delete a work session of one's own", body=commands.DELETE_SESSION, reply=GONE),
    }

    def delete(self, request: Request, session_id: UUID) -> Response:
        return command(request, commands.DELETE_SESSION, scope=session_id)


class StopSessionView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("Stop a work session and its runs", body=commands.STOP_SESSION, reply=sessions_api.SESSION)
    }

    def post(self, request: Request, session_id: UUID) -> Response:
        return command(request, commands.STOP_SESSION, scope=session_id)


class SessionSnapshotView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("The whole session as of one seq", reply=SessionSnapshot)}

    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(dump(read_session_snapshot(user_of(request), session_id)))


class MessageListView(sessions_api.MessageListView):
    """Messages; a POST that accepts an event stream is answered by the events of what it set going."""

    operations: ClassVar[Mapping[str, Operation]] = {
        **sessions_api.MessageListView.operations,
        "POST": Operation(
            "Send a message; with `Accept: text/event-stream` the answer is the run's events, to its last",
            body=commands.SEND_USER_MESSAGE,
            reply=SENT,
            status=202,
            errors=(Busy, Conflict, RateLimited),
        ),
    }

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """JSON for whatever isn't streamed, refusals included."""
        del request, force
        return JSONRenderer(), "application/json"

    def post(self, request: Request, session_id: UUID) -> HttpResponseBase:
        reply = command(request, commands.SEND_USER_MESSAGE, status=202, scope=session_id)
        if "text/event-stream" not in request.headers.get("Accept", ""):
            return reply
        key = StreamKey.session(session_id)
        run = reply.data["run"]
        after = _before_run(session_id, UUID(run["id"])) if run else reply.data["seq"]
        role = access_stream(user_of(request), key)
        # Django would close it at the end of the response, which may be minutes away.
        close_old_connections()
        credential: Any = request.auth  # a Credential: CredentialAuthentication is the only way in
        return open_stream(credential, role, key, after=after, until=_is_last(run, reply.data["message"]))


def _before_run(session_id: UUID, run_id: UUID) -> int:
    """The seq right before the run's first event."""
    first = Event.objects.filter(stream_id=session_id, subject=run_id, type=RunQueued.event_type).order_by("seq")
    return (first.values_list("seq", flat=True).first() or 1) - 1


def _is_last(run: dict[str, Any] | None, message: dict[str, Any]) -> Callable[[Item], bool]:
    """Whether an event is the last of the run, or, without one, the clarifier's answer to this message or the session's end."""

    def is_last(item: Item) -> bool:
        event = json.loads(item.text)
        if run is None and event["type"] == "clarifier_replied":
            return bool(event["data"]["message"] == str(reply_id(UUID(message["id"]))))
        if run is None:
            return bool(event["type"] == "session_stopped")
        return event["type"] in _LAST and bool(event["data"]["run"]["id"] == run["id"])

    return is_last


class HandOverView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation(
            "Hand a card to an agent",
            body=commands.HAND_OVER_CARD,
            from_path=("card",),
            reply=HANDED_OVER,
            status=202,
            errors=(Busy, Conflict, RateLimited),
        )
    }

    def post(self, request: Request, card_id: UUID) -> Response:
        return command(request, commands.HAND_OVER_CARD, status=202, card=card_id)


# -- runs ------------------------------------------------------------------------------------------------------------------


class RunListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Runs I may see, newest first", query=RunsQuery, reply=list_of(RunObject))
    }

    def get(self, request: Request) -> Response:
        query = self.query_as(RunsQuery)
        wanted = {"session": query.session, "status": query.status}
        rows = visible_runs(user_of(request)).filter(**{name: value for name, value in wanted.items() if value is not None})
        return list_response(query, rows, ["-created", "-id"], lambda page: [dump(RunObject.of(run)) for run in page])


class RunView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("A run with what it made", reply=WholeRun)}

    def get(self, request: Request, run_id: UUID) -> Response:
        run: Run = access_run(user_of(request), run_id)
        return Response(dump(read_whole_run(run)))


class CancelRunView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation("Stop a run", body=commands.CANCEL_RUN, from_path=("run",), reply=RUN, errors=(Conflict,))
    }

    def post(self, request: Request, run_id: UUID) -> Response:
        return command(request, commands.CANCEL_RUN, run=run_id)


class RetryRunView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation(
            "Do a finished run again",
            body=commands.RETRY_RUN,
            from_path=("run",),
            reply=RUN,
            status=202,
            errors=(Busy, Conflict, RateLimited),
        )
    }

    def post(self, request: Request, run_id: UUID) -> Response:
        return command(request, commands.RETRY_RUN, status=202, run=run_id)


class OutputView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("An output, whole", reply=OutputObject)}

    def get(self, request: Request, output_id: UUID) -> Response:
        return Response(dump(OutputObject.of(access_output(user_of(request), output_id), most=None)))


class ToolCallView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("A tool call, whole", reply=ToolCallObject)}

    def get(self, request: Request, call_id: UUID) -> Response:
        return Response(dump(ToolCallObject.of(access_tool_call(user_of(request), call_id), most=None)))


# -- requests --------------------------------------------------------------------------------------------------------------


class RequestListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Requests of runs I may see, newest first", query=RequestsQuery, reply=list_of(RequestObject))
    }

    def get(self, request: Request) -> Response:
        query = self.query_as(RequestsQuery)
        wanted = {"session": query.session, "status": query.status}
        rows = visible_requests(user_of(request)).filter(**{name: value for name, value in wanted.items() if value is not None})
        return list_response(query, rows, ["-created", "-id"], lambda page: [dump(RequestObject.of(row)) for row in page])


class AnswerRequestView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "POST": Operation(
            "Answer a request",
            body=commands.ANSWER_REQUEST,
            from_path=("request",),
            reply=REQUEST,
            errors=(AlreadyAnswered, RequestChanged, Conflict),
        )
    }

    def post(self, request: Request, request_id: UUID) -> Response:
        return command(request, commands.ANSWER_REQUEST, request=request_id)


# -- what there is ---------------------------------------------------------------------------------------------------------


class AgentListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("The agents that can be asked, by name", query=ListQuery, reply=list_of(AgentObject))
    }

    def get(self, request: Request) -> Response:
        del request
        return memory_page(self.query_as(ListQuery), agents_to_wire())


class EventTypeListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Every event type, by name", query=ListQuery, reply=list_of(EventTypeObject))
    }

    def get(self, request: Request) -> Response:
        del request
        rows = [
            {"type": name, "stream": each.stream_kind, "category": each.category, "ui_hint": each.ui_hint}
            for name, each in sorted(event_types().items())
        ]
        return memory_page(self.query_as(ListQuery), rows)


def memory_page(query: ListQuery, rows: Sequence[Mapping[str, object]]) -> Response:
    """One page of a list that is in memory; the cursor is the place of its first row."""
    cursor = query.cursor or "0"
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 7):
        raise Invalid("This cursor isn't one of this list's.", fields={"cursor": ["Use `next` of the page before."]})
    end = int(cursor) + query.limit
    return Response({"results": list(rows[int(cursor) : end]), "next": str(end) if end < len(rows) else None})
