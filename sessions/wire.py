"""The objects of PROTOCOL §5 that work sessions own, as they are sent."""

from typing import Any, Self
from uuid import UUID

from project.accounts.wire import UserObject
from project.wire import Time, WireObject
from sessions.models import Message, WorkSession


class SessionObject(WireObject):
    id: UUID
    title: str
    board: UUID | None
    card: UUID | None
    owner: UserObject
    workflow: str
    status: str
    phase: str
    instructions: str
    review_plan: bool
    tools: list[dict[str, Any]]
    created: Time
    updated: Time

    @classmethod
    def of(cls, session: WorkSession) -> Self:
        return cls(
            id=session.id,
            title=session.title,
            board=session.board_id,
            card=session.card_id,
            owner=UserObject.of(session.owner),
            workflow=session.workflow,
            status=session.status,
            phase=session.phase,
            instructions=session.instructions,
            review_plan=session.review_plan,
            tools=session.tools,
            created=session.created,
            updated=session.updated,
        )


class MessageObject(WireObject):
    """A message. `html` is null only in events that would be too large with it."""

    id: UUID
    session: UUID
    role: str
    author: UserObject | None
    agent: str | None
    via: str
    refines: UUID | None
    handled_by: str | None
    content: str
    html: str | None
    complete: bool
    interrupted: bool
    run: UUID | None
    created: Time

    @classmethod
    def of(cls, message: Message, *, streamed: str | None = None) -> Self:
        """The message; `streamed` is the text so far of one that isn't complete."""
        return cls(
            id=message.id,
            session=message.session_id,
            role=message.role,
            author=UserObject.of(message.author) if message.author else None,
            agent=message.agent or None,
            via=message.via,
            refines=message.refines,
            handled_by=message.handled_by or None,
            content=message.content if streamed is None else streamed,
            html=message.html,
            complete=message.complete,
            interrupted=message.interrupted,
            run=message.run,
            created=message.created,
        )


def dump(thing: WireObject) -> dict[str, Any]:
    """A wire object as plain JSON values."""
    return thing.model_dump(mode="json")
