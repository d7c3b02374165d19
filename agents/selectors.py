"""Reads of runs and everything in them: the session's snapshot, and a run in full."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from agents.access import requests_with_names, runs_with_names
from agents.events import AgentThinking
from agents.models import AgentOutput, Request, Run, ToolCall
from agents.wire import OutputObject, RequestObject, RunObject, ThoughtObject, ToolCallObject
from boards.models import Card
from boards.selectors import Work
from project.accounts.models import User
from project.accounts.wire import UserObject
from project.realtime.log import read_head
from project.realtime.models import Event
from project.realtime.snapshot import read_snapshot
from project.realtime.streams import Role, StreamKey
from project.wire import WireObject
from sessions.access import access_session, get_role
from sessions.selectors import messages_to_wire, newest_messages
from sessions.wire import MessageObject, SessionObject

SNAPSHOT_RUNS = 20
SNAPSHOT_THOUGHTS = 200


class SessionState(WireObject):
    """Everything a room shows. `has_older` says that there are messages before these."""

    session: SessionObject
    messages: list[MessageObject]
    has_older: bool
    runs: list[RunObject]
    outputs: list[OutputObject]
    tool_calls: list[ToolCallObject]
    thoughts: list[ThoughtObject]
    requests: list[RequestObject]


class MyPlace(WireObject):
    user: UserObject
    role: Role


class SessionSnapshot(WireObject):
    """The work session as of `seq`, everything oldest first."""

    stream: str
    epoch: str
    seq: int
    me: MyPlace
    state: SessionState


class WholeRun(RunObject):
    """A run with what it made."""

    agent_outputs: list[OutputObject]
    tool_calls: list[ToolCallObject]
    thoughts: list[ThoughtObject]


def read_session_snapshot(user: User, session_id: UUID) -> SessionSnapshot:
    """The session as `user` sees it, all of it as of one moment."""
    with read_snapshot():
        session = access_session(user, session_id)
        head, epoch = read_head(session_id)
        messages, has_older = newest_messages(session_id)
        runs = _shown_runs(session_id)
        state = SessionState(
            session=SessionObject.of(session),
            messages=messages_to_wire(messages),
            has_older=has_older,
            runs=[RunObject.of(run) for run in runs],
            outputs=_outputs(runs),
            tool_calls=_tool_calls(runs),
            thoughts=_thoughts(session_id, runs),
            requests=[RequestObject.of(row) for row in requests_with_names().filter(run__in=runs).order_by("created", "id")],
        )
        me = MyPlace(user=UserObject.of(user), role=get_role(user, session_id))
    return SessionSnapshot(stream=str(StreamKey.session(session_id)), epoch=epoch, seq=head, me=me, state=state)


def read_whole_run(run: Run) -> WholeRun:
    """The run with its outputs, tool calls and thoughts."""
    fields = {name: getattr(shown, name) for shown in [RunObject.of(run)] for name in RunObject.model_fields}
    thoughts = _thoughts(run.session_id, [run])
    return WholeRun(**fields, agent_outputs=_outputs([run]), tool_calls=_tool_calls([run]), thoughts=thoughts)


def count_cardless_work(board_ids: Sequence[UUID]) -> Work:
    """The unfinished runs and open requests of these boards' sessions that belong to no card, or to one that is gone."""
    cards = Card.objects.filter(board__in=board_ids).values("id")
    runs = Run.objects.filter(session__board__in=board_ids, status__in=Run.UNFINISHED).exclude(session__card__in=cards)
    requests = Request.objects.filter(run__in=runs, status=Request.Status.OPEN)
    return Work(Counter(runs.values_list("session__board", flat=True)), Counter(requests.values_list("session__board", flat=True)))


def count_thoughts(session_id: UUID, run_id: UUID) -> Counter[UUID]:
    """How many thoughts each step of the run has had."""
    texts = _thinking(session_id, [run_id]).values_list("text", flat=True)
    return Counter(UUID(json.loads(text)["data"]["step"]) for text in texts)


def _shown_runs(session_id: UUID) -> list[Run]:
    """The newest runs and every unfinished one, oldest first."""
    runs = runs_with_names().filter(session_id=session_id)
    newest = {run.id: run for run in runs.order_by("-number")[:SNAPSHOT_RUNS]}
    unfinished = {run.id: run for run in runs.filter(status__in=Run.UNFINISHED)}
    return sorted((newest | unfinished).values(), key=lambda run: run.number)


def _outputs(runs: Sequence[Run]) -> list[OutputObject]:
    rows = AgentOutput.objects.select_related("run__agent").filter(run__in=runs).order_by("created", "id")
    return [OutputObject.of(row) for row in rows]


def _tool_calls(runs: Sequence[Run]) -> list[ToolCallObject]:
    rows = ToolCall.objects.select_related("run__agent").filter(run__in=runs).order_by("created", "id")
    return [ToolCallObject.of(row) for row in rows]


def _thoughts(session_id: UUID, runs: Iterable[Run]) -> list[ThoughtObject]:
    """The newest thoughts of these runs, oldest first. The log holds them, and nothing else does."""
    rows = _thinking(session_id, [run.id for run in runs])
    return [_thought(row) for row in reversed(rows.order_by("-seq")[:SNAPSHOT_THOUGHTS])]


def _thinking(session_id: UUID, run_ids: Sequence[UUID]) -> QuerySet[Event]:
    return Event.objects.filter(stream_id=session_id, type=AgentThinking.event_type, subject__in=run_ids)


def _thought(row: Event) -> ThoughtObject:
    data: dict[str, Any] = json.loads(row.text)["data"]
    return ThoughtObject(
        id=row.id, run=UUID(data["run"]), step=UUID(data["step"]), agent=data["agent"], thought=data["thought"], created=row.created
    )
