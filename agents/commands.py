"""The commands that concern runs, on sessions and on boards, and the tables of them."""

from uuid import UUID

from django.utils.html import escape

from agents.access import access_request, access_run, runs_with_names
from agents.answers import Held
from agents.models import Request, Run
from agents.payloads import (
    AnswerRequest,
    CancelRun,
    DeleteSession,
    HandOverCard,
    ProvideToolResult,
    RunCommand,
    SendUserMessage,
    StopSession,
)
from agents.services import requests, runs, talk
from agents.services.closing import Rendered
from agents.services.reach import check_approver
from agents.services.reports import report_card
from agents.services.requests import Answer
from agents.services.sessions import stop_session
from agents.services.talk import Said
from agents.staff import choose_agent
from agents.wire import RequestObject, RunObject
from boards.access import access_card, require_card
from boards.services.cards import assign_card
from project.accounts.models import User
from project.errors import Busy, Forbidden, Invalid
from project.limits import limits
from project.realtime.change import Change
from project.realtime.commands import CommandSpec, CommandTable, Reply
from project.realtime.streams import StreamKey
from sessions.access import access_session, streams_of
from sessions.models import WorkSession
from sessions.services import SessionDraft, delete_session, start_session
from sessions.wire import MessageObject, SessionObject, dump

Streams = tuple[StreamKey, ...]

# -- messages and sessions -------------------------------------------------------------------------------------------------


def _authorise_message(user: User, scope: UUID, payload: SendUserMessage) -> Streams:
    del payload
    return streams_of(access_session(user, scope, "editor"))


def _send(ch: Change, scope: UUID, payload: SendUserMessage) -> Reply:
    session = access_session(ch.principal, scope, "editor")
    said = Said(
        payload.content,
        payload.html,
        workflow=payload.workflow,
        effort=payload.reasoning_effort or "",
        during_run=payload.during_run,
        rendered=payload.rendered,
    )
    message, run = talk.send_message(ch=ch, session=session, said=said)
    return {
        "message": dump(MessageObject.of(message)),
        "run": dump(RunObject.of(run)) if run else None,
        "handled_by": message.handled_by,
    }


def _authorise_session(user: User, scope: UUID, payload: StopSession) -> Streams:
    del payload
    return streams_of(access_session(user, scope, "editor"))


def _stop(ch: Change, scope: UUID, payload: StopSession) -> Reply:
    session = access_session(ch.principal, scope, "editor")
    stop_session(ch=ch, session=session, rendered=payload.rendered)
    return {"session": dump(SessionObject.of(session))}


def _authorise_delete(user: User, scope: UUID, payload: DeleteSession) -> Streams:
    del payload
    session = access_session(user, scope)
    if session.owner_id != user.id:
        raise Forbidden("Only its owner can delete a session.")
    return streams_of(session)


def _delete(ch: Change, scope: UUID, payload: DeleteSession) -> Reply:
    session = access_session(ch.principal, scope)
    stop_session(ch=ch, session=session, rendered=payload.rendered)
    delete_session(ch=ch, session=session)
    report_card(ch=ch, session=session)
    return {"id": str(session.id)}


# -- runs ------------------------------------------------------------------------------------------------------------------


def _authorise_run(user: User, scope: UUID, payload: RunCommand) -> Streams:
    del scope
    return streams_of(access_run(user, payload.run, "editor").session)


def _cancel(ch: Change, scope: UUID, payload: CancelRun) -> Reply:
    del scope
    run = access_run(ch.principal, payload.run, "editor")
    runs.cancel_run(ch=ch, run=run, rendered=payload.rendered)
    return {"run": dump(RunObject.of(run))}


def _retry(ch: Change, scope: UUID, payload: RunCommand) -> Reply:
    del scope
    run = access_run(ch.principal, payload.run, "editor")
    return {"run": dump(RunObject.of(talk.retry_run(ch=ch, run=run)))}


# -- requests --------------------------------------------------------------------------------------------------------------


def _authorise_answer(user: User, scope: UUID, payload: AnswerRequest | ProvideToolResult) -> Streams:
    del scope
    request = access_request(user, payload.request, "editor")
    if user.is_agent:
        raise Forbidden("Agents never answer requests.")
    return streams_of(request.session)


def _answer(ch: Change, scope: UUID, payload: AnswerRequest) -> Reply:
    del scope
    request = _access_to_answer(ch, payload)
    answer = Answer(
        decision=payload.decision,
        shown_hash=payload.hash,
        arguments=payload.held.take_arguments(),
        result=payload.result,
        misfit=payload.held.misfit,
        note=payload.note or "",
    )
    if payload.decision == "approve":
        check_approver(request, ch.actor, answer.arguments)
    requests.answer_request(ch=ch, request=request, user=ch.actor, answer=answer)
    return {"request": dump(RequestObject.of(request))}


def _provide(ch: Change, scope: UUID, payload: ProvideToolResult) -> Reply:
    del scope
    request = _access_to_answer(ch, payload)
    if request.kind != Request.Kind.CLIENT_TOOL:
        raise Invalid("This request isn't for a client tool.", fields={"request": ["Answer it with answer_request."]})
    answer = Answer("answer", request.hash, result=payload.result, is_error=payload.is_error, misfit=payload.held.misfit)
    requests.answer_request(ch=ch, request=request, user=ch.actor, answer=answer)
    return {"request": dump(RequestObject.of(request))}


def _access_to_answer(ch: Change, payload: AnswerRequest | ProvideToolResult) -> Request:
    # An agent has its starter's rights, but nobody's word.
    if ch.actor.is_agent:
        raise Forbidden("Agents never answer requests.")
    return access_request(ch.principal, payload.request, "editor")


# -- handing a card over ---------------------------------------------------------------------------------------------------


def _authorise_hand_over(user: User, scope: UUID, payload: HandOverCard) -> Streams:
    del scope
    board = StreamKey.board(require_card(user, payload.card, "editor"))
    busy = runs_with_names().filter(session__card=payload.card, status__in=Run.UNFINISHED).order_by("created").first()
    if busy is not None:
        raise Busy("An agent is already working on this card.", data=runs.busy_data(busy, busy.session))
    session = _open_session(payload.card)
    return (board, StreamKey.session(session.id)) if session else (board,)


def _hand_over(ch: Change, scope: UUID, payload: HandOverCard) -> Reply:
    del scope
    card = access_card(ch.principal, payload.card, "editor")
    session = _open_session(card.id)
    workflow = payload.workflow or (session.workflow if session else WorkSession.Workflow.RESOLVE)
    agent = choose_agent(workflow, payload.agent)
    assign_card(ch=ch, card=card, assignee_id=agent.id)
    if session is None:
        session = start_session(ch=ch, draft=SessionDraft(title=card.title, board_id=card.board_id, card=card, workflow=workflow))
    content = talk.card_request(card, payload.instructions or "")
    html = payload.html if payload.instructions else f"<p>{escape(card.title)}</p>\n{card.html}"
    said = Said(content, html, workflow=workflow, agent_id=agent.id)
    message, run = talk.start_run(ch=ch, session=session, said=said)
    return {"session": dump(SessionObject.of(session)), "message": dump(MessageObject.of(message)), "run": dump(RunObject.of(run))}


def _open_session(card_id: UUID) -> WorkSession | None:
    """The card's newest work session that takes messages."""
    open_ones = WorkSession.objects.select_related("owner").filter(card_id=card_id, status=WorkSession.Status.ACTIVE, deleted__isnull=True)
    return open_ones.order_by("-created", "-id").first()


def _messages_per_min() -> int:
    return limits().messages_per_min


def _render_message(scope: UUID, payload: SendUserMessage) -> str:
    payload.render(scope)
    return payload.html


def _render_instructions(scope: UUID, payload: HandOverCard) -> str:
    del scope
    return payload.html


def _render_open(scope: UUID, payload: CancelRun) -> Rendered:
    del scope
    return payload.rendered


def _render_ending(scope: UUID, payload: StopSession | DeleteSession) -> None:
    payload.render(scope)


def _hold(scope: UUID, payload: AnswerRequest | ProvideToolResult) -> Held:
    del scope
    return payload.held


SEND_USER_MESSAGE = CommandSpec(
    "send_user_message",
    SendUserMessage,
    _authorise_message,
    _send,
    is_scoped=True,
    per_minute=_messages_per_min,
    prepare=_render_message,
)
STOP_SESSION = CommandSpec("stop_session", StopSession, _authorise_session, _stop, is_scoped=True, is_wide=True, prepare=_render_ending)
DELETE_SESSION = CommandSpec("delete_session", DeleteSession, _authorise_delete, _delete, is_scoped=True, prepare=_render_ending)
CANCEL_RUN = CommandSpec("cancel_run", CancelRun, _authorise_run, _cancel, is_wide=True, prepare=_render_open)
RETRY_RUN = CommandSpec("retry_run", RunCommand, _authorise_run, _retry, is_wide=True)
ANSWER_REQUEST = CommandSpec("answer_request", AnswerRequest, _authorise_answer, _answer, is_wide=True, prepare=_hold)
PROVIDE_TOOL_RESULT = CommandSpec("provide_tool_result", ProvideToolResult, _authorise_answer, _provide, is_wide=True, prepare=_hold)
HAND_OVER_CARD = CommandSpec("hand_over_card", HandOverCard, _authorise_hand_over, _hand_over, prepare=_render_instructions)

SESSION_COMMANDS: CommandTable = {
    spec.name: spec for spec in (SEND_USER_MESSAGE, CANCEL_RUN, RETRY_RUN, ANSWER_REQUEST, PROVIDE_TOOL_RESULT, STOP_SESSION)
}
BOARD_COMMANDS: CommandTable = {HAND_OVER_CARD.name: HAND_OVER_CARD}
