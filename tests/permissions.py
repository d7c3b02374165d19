"""What the permission matrix is about: a board with everything on it, the people around it, and every route and command there is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

from agents.models import AgentOutput, PerformanceReport, Request, Run, ToolCall
from agents.services.requests import hash_shown
from boards.commands import ADD_MEMBER, ARCHIVE_CARD, COMMENT_CARD, CREATE_BOARD, CREATE_CARD
from boards.models import Column
from project.accounts.models import User
from project.clock import db_now
from project.gate import validate
from project.ids import new_id
from project.realtime.commands import NO_SCOPE, CommandSpec, perform
from project.realtime.models import Stream
from sessions.commands import START_SESSION
from sessions.models import Message, WorkSession
from tests.conftest import make_user

MEASURED = {"target": "slow_board", "measured": [], "verdicts": [], "findings": []}
PRINCIPALS = ("anonymous", "stranger", "viewer", "editor", "owner", "agent")
METHODS = ("get", "post", "put", "patch", "delete")

People = Mapping[str, User | None]


def make_people() -> People:
    """The users of the matrix by what they are to the board."""
    return {
        "anonymous": None,
        "stranger": make_user("charlie"),
        "viewer": make_user("vera"),
        "editor": make_user("bob"),
        "owner": make_user("alice"),
        "agent": make_user("robo", kind=User.Kind.AGENT),
    }


@dataclass
class World:
    """A board with one of everything; `ids` are what rows of the matrix name as `$name` or in a path."""

    people: People
    ids: dict[str, str]

    def fill(self, value: Any) -> Any:
        """`value` with every `"$name"` in it replaced by that id."""
        if isinstance(value, dict):
            return {key: self.fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        return self.ids[value[1:]] if isinstance(value, str) and value.startswith("$") else value

    def heads(self) -> int:
        """How many events there are in all streams together: more of them than before means that something has changed."""
        return sum(Stream.objects.values_list("head", flat=True))


def make_world(people: People) -> World:
    """A fresh board of these people: a card with comment, work session and runs, and spare cards and columns to take away."""
    alice, bob = people["owner"], people["editor"]
    assert alice
    assert bob
    board = _do(CREATE_BOARD, alice, name="Launch")["board"]["id"]
    for name, role in (("bob", "editor"), ("vera", "viewer"), ("robo", "editor")):
        _do(ADD_MEMBER, alice, board, username=name, role=role)
    first, *_, last = Column.objects.filter(board_id=board).order_by("rank")
    cards = [_do(CREATE_CARD, bob, board, column=str(first.id), title=title)["card"] for title in ("Worked on", "Spare", "Put away")]
    _do(ARCHIVE_CARD, bob, board, card=cards[2]["id"])
    comment = _do(COMMENT_CARD, bob, board, card=cards[0]["id"], content="Hello")["comment"]
    session = _do(START_SESSION, bob, card=cards[0]["id"])["session"]["id"]
    ids = {
        "board_id": board,
        "column_id": str(first.id),
        "empty_column_id": str(last.id),
        "card_id": cards[0]["id"],
        "number": cards[0]["number"],
        "bare_card_id": cards[1]["id"],
        "archived_card_id": cards[2]["id"],
        "comment_id": comment["id"],
        "user_id": str(people["viewer"].id) if people["viewer"] else "",
        "session_id": session,
    }
    return World(people, ids | _make_runs(people, UUID(session)))


def _do(spec: CommandSpec[Any], actor: User, scope: str = "", /, **data: Any) -> dict[str, Any]:
    return perform(spec, actor=actor, payload=validate(spec.payload, data), scope=UUID(scope) if scope else NO_SCOPE)


def _make_runs(people: People, session_id: UUID) -> dict[str, str]:
    """A run that failed, and one that waits for an approval and a client's tool, with an output and a tool call."""
    now = db_now()
    message = Message.objects.create(session_id=session_id, role="user", author=people["editor"], via="user", content="Go", created=now)
    shared = {"session_id": session_id, "agent": people["agent"], "started_by": people["editor"], "message": message, "created": now}
    about = {"model": {"adapter": "rules", "name": None}, "budget": {"tokens": 1, "cost_usd": None, "steps": 1, "seconds": 1}}
    failed = Run.objects.create(number=1, workflow=WorkSession.Workflow.CHAT, status="failed", finished=now, **about, **shared)
    run = Run.objects.create(number=2, workflow=WorkSession.Workflow.CHAT, status="waiting", **about, **shared)
    made = {"run": run, "step": new_id(), "created": now}
    output = AgentOutput.objects.create(kind="report", title="Report", content="Done", key="output", **made)
    measured = {"owner": people["editor"], "output": output, "target": "slow_board", "report": MEASURED, "created": now}
    report = PerformanceReport.objects.create(**measured)
    call = ToolCall.objects.create(tool_name="delete_card", tool_class="unsafe", status="waiting", key="call", **made)
    asked = {"session_id": session_id, "title": "Delete?", "expires": now + timedelta(days=1), **made}
    approval = Request(kind="approval", call=call.id, tool_name="delete_card", parameters={}, key="approval", **asked)
    tool = Request(kind="client_tool", tool_name="open_file", parameters={}, key="tool", **asked)
    for request in (approval, tool):
        request.hash = hash_shown(request)
        request.save(force_insert=True)
    return {
        "failed_run_id": str(failed.id),
        "run_id": str(run.id),
        "output_id": str(output.id),
        "report_id": str(report.id),
        "call_id": str(call.id),
        "request_id": str(approval.id),
        "request_hash": approval.hash,
        "tool_request_id": str(tool.id),
    }


def routes(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the URLconf, its parameters in braces."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address), pattern


def view_of(pattern: URLPattern) -> Any:
    """The view class behind a route, None for a plain function."""
    return getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)


def methods_of(pattern: URLPattern) -> list[str]:
    """The methods a route serves; a plain function is taken to serve GET alone, which a test checks."""
    view = view_of(pattern)
    return ["get"] if view is None else [name for name in METHODS if name in view.http_method_names and hasattr(view, name)]
