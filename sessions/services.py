"""Writes of work sessions and messages. Each acts through an open change that holds the lock of the session's stream."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from boards.models import Card
from project.accounts.models import User
from project.accounts.shares import hold_user
from project.errors import Conflict, RateLimited
from project.limits import limits
from project.realtime.change import Change
from project.realtime.streams import StreamKey
from project.text import render_markdown
from sessions.events import MessageAdded, MessageCompleted, SessionEdited, SessionStarted, SessionStopped
from sessions.models import Message, WorkSession
from sessions.wire import MessageObject, SessionObject, dump

StopReason = Literal["completed", "stopped", "timeout", "error"]


@dataclass(frozen=True)
class SessionDraft:
    """What a new work session is made of."""

    title: str
    board_id: UUID | None = None
    card: Card | None = None
    workflow: str = WorkSession.Workflow.CHAT
    instructions: str = ""
    review_plan: bool = False
    tools: tuple[dict[str, Any], ...] = ()


def start_session(*, ch: Change, draft: SessionDraft) -> WorkSession:
    """A new work session of the acting user, its stream opened."""
    most = limits().sessions_per_user
    hold_user(ch.principal)
    if WorkSession.objects.filter(owner=ch.principal, status=WorkSession.Status.ACTIVE, deleted__isnull=True).count() >= most:
        raise RateLimited(f"You have {most} open sessions. Stop some before you start more.", retry_after_s=60)
    session = WorkSession(
        title=draft.title,
        board_id=draft.board_id,
        card=draft.card,
        owner=ch.principal,
        workflow=draft.workflow,
        instructions=draft.instructions,
        review_plan=draft.review_plan,
        tools=list(draft.tools),
        created=ch.now,
        updated=ch.now,
        active=ch.now,
    )
    ch.open_stream(StreamKey.session(session.id))
    session.save(force_insert=True)
    ch.append(SessionStarted(session=SessionObject.of(session)), StreamKey.session(session.id))
    return session


def rename_session(*, ch: Change, session: WorkSession, title: str) -> None:
    """Give the session another title; the same one changes nothing."""
    if title != session.title:
        session.title = title
        _tell_edited(ch, session, "title")


def set_phase(*, ch: Change, session: WorkSession, phase: str) -> None:
    """Say what the session is doing; the same phase changes nothing."""
    if phase != session.phase:
        session.phase = phase
        _tell_edited(ch, session, "phase")


def touch(*, ch: Change, session: WorkSession) -> None:
    """Something happened here: the idle time begins anew."""
    session.active = ch.now
    session.save(update_fields=["active"])


def close_session(*, ch: Change, session: WorkSession, reason: StopReason) -> None:
    """End the session; questions still unanswered stay so, for nothing is said after its end. Its runs are the caller's business."""
    Message.objects.filter(session=session, awaits_reply=True).update(awaits_reply=False)
    session.status = WorkSession.Status.STOPPED
    session.phase = WorkSession.Phase.IDLE
    session.updated = ch.now
    session.save(update_fields=["status", "phase", "updated"])
    ch.append(SessionStopped(session=SessionObject.of(session), reason=reason), StreamKey.session(session.id))


def delete_session(*, ch: Change, session: WorkSession) -> None:
    """Take the session away from everybody; whoever watches it is shown out."""
    session.deleted = ch.now
    session.save(update_fields=["deleted"])
    ch.access_changed(stream=StreamKey.session(session.id))


def require_active(session: WorkSession) -> None:
    """Refuse with Conflict what only an open session takes."""
    if session.status != WorkSession.Status.ACTIVE:
        raise Conflict("This session is closed. Start a new one.", data={"session": dump(SessionObject.of(session))})


def say(*, ch: Change, session: WorkSession, content: str, html: str, author: User, **fields: Any) -> Message:
    """Store a whole message and tell of it. `fields` are further fields of Message."""
    message = Message(session=session, role=Message.Role.USER, author=author, via=Message.Via.USER, created=ch.now)
    message.content, message.html = content, html
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(force_insert=True)
    ch.append(MessageAdded(message=MessageObject.of(message)), StreamKey.session(session.id), subject=message.run, actor=author)
    return message


def complete_message(*, ch: Change, message: Message, content: str, html: str | None = None, interrupted: bool = False) -> None:
    """Write down the final content of a streamed message and tell of it."""
    message.content = content
    message.html = render_markdown(content) if html is None else html
    message.complete = True
    message.interrupted = interrupted
    message.save(update_fields=["content", "html", "complete", "interrupted"])
    ch.append(
        MessageCompleted(message=MessageObject.of(message)),
        StreamKey.session(message.session_id),
        subject=message.run,
        actor=message.author,
    )


def _tell_edited(ch: Change, session: WorkSession, field: str) -> None:
    session.updated = ch.now
    session.save(update_fields=[field, "updated"])
    ch.append(SessionEdited(session=SessionObject.of(session)), StreamKey.session(session.id))
