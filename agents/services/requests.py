"""What a run asks of people or clients: opened, answered once, expired."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from agents.access import requests_with_names
from agents.canonical import canonical
from agents.events import RequestAnswered, RequestExpired, RequestOpened
from agents.launchers.wake import wake
from agents.models import Request, Run
from agents.services.reports import report_card
from agents.services.scope import Scope, Step
from agents.wire import RequestObject
from project.accounts.models import User
from project.errors import AlreadyAnswered, Conflict, Invalid, RequestChanged
from project.limits import limits
from project.realtime.change import Change
from project.realtime.streams import StreamKey
from sessions.wire import dump

TITLE_CHARS = 300

Decision = Literal["approve", "deny", "answer"]

OUTCOMES: dict[str, dict[str, str]] = {
    Request.Kind.APPROVAL: {"approve": Request.Status.APPROVED, "deny": Request.Status.DENIED},
    Request.Kind.PLAN_REVIEW: {"approve": Request.Status.APPROVED, "deny": Request.Status.DENIED},
    Request.Kind.QUESTION: {"answer": Request.Status.ANSWERED},
    Request.Kind.CLIENT_TOOL: {"answer": Request.Status.ANSWERED},
}
"""Which decisions a request of each kind takes, and what it is afterwards."""


@dataclass(frozen=True)
class RequestDraft:
    """What is asked. `call` is the tool call it is about."""

    key: str
    kind: str
    title: str
    reason: str = ""
    call: UUID | None = None
    tool_name: str = ""
    tool_class: str = ""
    parameters: dict[str, Any] | None = None
    schema: dict[str, Any] | None = None
    choices: list[str] | None = None


@dataclass(frozen=True)
class Answer:
    """What somebody answers; `arguments` are checked already, and `misfit` says what is wrong with the result by its schema."""

    decision: Decision
    shown_hash: str
    arguments: dict[str, Any] | None = None
    result: Any = None
    is_error: bool = False
    note: str = ""
    misfit: Invalid | None = None


def open_request(*, scope: Scope, step: Step, draft: RequestDraft) -> Request:
    """The request under this key, told when it is new. The change has locked the board's stream too."""
    run, ch = scope.run, scope.ch
    known = requests_with_names().filter(run=run, key=draft.key).first()
    if known is not None:
        return known
    request = Request(
        run=run,
        session=run.session,
        step=step.id,
        key=draft.key,
        kind=draft.kind,
        title=draft.title[:TITLE_CHARS],
        reason=draft.reason,
        call=draft.call,
        tool_name=draft.tool_name,
        tool_class=draft.tool_class,
        parameters=canonical(draft.parameters),
        schema=canonical(draft.schema),
        choices=draft.choices,
        expires=ch.now + timedelta(days=limits().request_days),
        created=ch.now,
    )
    request.hash = hash_shown(request)
    request.save(force_insert=True)
    scope.tell(RequestOpened(request=RequestObject.of(request)))
    report_card(ch=ch, session=run.session)
    return request


def hash_shown(request: Request) -> str:
    """What binds an answer to exactly what was shown."""
    shown = {
        "run": str(request.run_id),
        "call": str(request.call),
        "kind": request.kind,
        "title": request.title,
        "reason": request.reason,
        "tool_name": request.tool_name,
        "parameters": request.parameters,
        "choices": request.choices,
    }
    # Sorted, because PostgreSQL keeps the keys of stored JSON in an order of its own.
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def answer_request(*, ch: Change, request: Request, user: User, answer: Answer) -> Request:
    """The request with its one answer; the run goes on. The first answer wins, over what was shown and nothing else."""
    _check_answerable(ch, request, answer)
    request.status = OUTCOMES[request.kind][answer.decision]
    request.answered_by = user
    request.note = answer.note
    request.answer = {"arguments": answer.arguments, "result": answer.result, "is_error": answer.is_error}
    request.ended = ch.now
    request.save(update_fields=["status", "answered_by", "note", "answer", "ended"])
    event = RequestAnswered(request=RequestObject.of(request), with_changes=is_changed(request))
    ch.append(event, StreamKey.session(request.session_id), subject=request.run_id)
    _let_run_go_on(ch, request)
    return request


def is_changed(request: Request) -> bool:
    """Whether the request was approved with other arguments than it asked for."""
    return request.answer.get("arguments") not in (None, request.parameters)


def expire_request(*, ch: Change, request: Request) -> None:
    """Nobody has answered in time, which counts as a denial."""
    request.status = Request.Status.EXPIRED
    request.ended = ch.now
    request.save(update_fields=["status", "ended"])
    event = RequestExpired(request=RequestObject.of(request), reason="expired")
    ch.append(event, StreamKey.session(request.session_id), subject=request.run_id, actor=request.run.agent)
    _let_run_go_on(ch, request)


def _check_answerable(ch: Change, request: Request, answer: Answer) -> None:
    shown = {"request": dump(RequestObject.of(request))}
    if request.status == Request.Status.EXPIRED or (request.status == Request.Status.OPEN and request.expires <= ch.now):
        raise Conflict("This request has expired.", data=shown)
    if request.status == Request.Status.CANCELLED:
        raise Conflict("The run that asked for this has ended.", data=shown)
    if request.status != Request.Status.OPEN:
        who = request.answered_by.username if request.answered_by else "Somebody"
        raise AlreadyAnswered(f"{who} answered this first.", data=shown)
    if answer.shown_hash != request.hash:
        raise RequestChanged(data=shown)
    if answer.decision not in OUTCOMES[request.kind]:
        allowed = " or ".join(OUTCOMES[request.kind])
        raise Invalid("This request takes another decision.", fields={"decision": [f"Use {allowed}."]})
    _check_result(request, answer)


def _check_result(request: Request, answer: Answer) -> None:
    if request.kind == Request.Kind.QUESTION and request.choices and answer.result not in request.choices:
        raise Invalid("This isn't one of the choices.", fields={"result": [f"Send one of: {', '.join(request.choices)}."]})
    if request.kind == Request.Kind.QUESTION and not (isinstance(answer.result, str) and answer.result.strip()):
        raise Invalid("Say what the answer is.", fields={"result": ["Send your answer as text."]})
    if answer.misfit is not None:
        raise answer.misfit


def _let_run_go_on(ch: Change, request: Request) -> None:
    Run.objects.filter(id=request.run_id, status=Run.Status.WAITING).update(is_ready=True)
    report_card(ch=ch, session=request.session)
    ch.after_commit(wake)
