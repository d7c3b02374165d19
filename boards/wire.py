"""The board's objects of PROTOCOL §5, as they are sent."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from boards.models import Board, Card, Column, Comment, Membership
from project.accounts.wire import UserObject as UserObject
from project.realtime.streams import Role
from project.wire import Time, WireObject


class BoardObject(WireObject):
    id: UUID
    name: str
    description: str
    created: Time
    updated: Time

    @classmethod
    def of(cls, board: Board) -> Self:
        return cls(id=board.id, name=board.name, description=board.description, created=board.created, updated=board.updated)


class BoardWithRole(BoardObject):
    """The board as REST gives it to somebody: with their role."""

    role: Role


class BoardRow(BoardWithRole):
    """A row of the boards list."""

    card_count: int
    active_runs: int
    open_requests: int


class MemberObject(WireObject):
    user: UserObject
    role: Role
    created: Time

    @classmethod
    def of(cls, member: Membership) -> Self:
        return cls(user=UserObject.of(member.user), role=member.role, created=member.created)


class ColumnObject(WireObject):
    id: UUID
    board: UUID
    name: str
    rank: int
    wip_limit: int | None

    @classmethod
    def of(cls, column: Column) -> Self:
        return cls(id=column.id, board=column.board_id, name=column.name, rank=column.rank, wip_limit=column.wip_limit)


class ChecklistItemObject(WireObject):
    id: UUID
    text: str
    done: bool


class _CardObject(WireObject):
    """What the full card and its summary share."""

    id: UUID
    board: UUID
    column: UUID
    number: int
    title: str
    assignee: UserObject | None
    labels: list[str]
    due: date | None
    rank: int
    version: int
    archived: bool
    comment_count: int
    session_count: int
    run: dict[str, Any] | None  # the run as agents report it (PROTOCOL §5); boards pass it on and never look inside
    created: Time
    updated: Time
    updated_by: UserObject


class CardObject(_CardObject):
    """The full card. `html` is null only in events that would be too large with it."""

    description: str
    html: str | None
    checklist: list[ChecklistItemObject]

    @classmethod
    def of(cls, card: Card) -> Self:
        checklist = [ChecklistItemObject(**item) for item in card.checklist]
        return cls(**_shared(card), description=card.description, html=card.html, checklist=checklist)


class CardSummary(_CardObject):
    """The card as lists and snapshots show it."""

    has_description: bool
    checklist_done: int
    checklist_total: int

    @classmethod
    def of(cls, card: Card) -> Self:
        done = sum(1 for item in card.checklist if item["done"])
        return cls(**_shared(card), has_description=card.description != "", checklist_done=done, checklist_total=len(card.checklist))


def _shared(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "board": card.board_id,
        "column": card.column_id,
        "number": card.number,
        "title": card.title,
        "assignee": UserObject.of(card.assignee) if card.assignee else None,
        "labels": card.labels,
        "due": card.due,
        "rank": card.rank,
        "version": card.version,
        "archived": card.archived,
        "comment_count": card.comment_count,
        "session_count": card.session_count,
        "run": card.run,
        "created": card.created,
        "updated": card.updated,
        "updated_by": UserObject.of(card.updated_by),
    }


class CommentObject(WireObject):
    """A comment. `html` is null only in events that would be too large with it."""

    id: UUID
    card: UUID
    author: UserObject
    content: str
    html: str | None
    created: Time
    updated: Time

    @classmethod
    def of(cls, comment: Comment) -> Self:
        return cls(
            id=comment.id,
            card=comment.card_id,
            author=UserObject.of(comment.author),
            content=comment.content,
            html=comment.html,
            created=comment.created,
            updated=comment.updated,
        )


class MySelf(WireObject):
    """Who one is on a board."""

    user: UserObject
    role: Role


class BoardState(WireObject):
    board: BoardObject
    columns: list[ColumnObject]
    cards: list[CardSummary]
    members: list[MemberObject]


class BoardSnapshot(WireObject):
    """The board as of `seq`: columns by rank, cards by column and rank without archived ones, members by user id."""

    stream: str
    epoch: str
    seq: int
    me: MySelf
    state: BoardState


def to_wire(thing: WireObject) -> dict[str, Any]:
    """The JSON form of an object."""
    return thing.model_dump(mode="json")
