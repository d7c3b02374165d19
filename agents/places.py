"""Where something in a work session comes from, by name: what objects of PROTOCOL §5 give as ids only."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from boards.models import Board, Card
from project.wire import WireObject
from sessions.models import WorkSession


class BoardName(WireObject):
    id: UUID
    name: str

    @classmethod
    def of(cls, board: Board) -> Self:
        return cls(id=board.id, name=board.name)


class CardName(WireObject):
    id: UUID
    number: int
    title: str

    @classmethod
    def of(cls, card: Card) -> Self:
        return cls(id=card.id, number=card.number, title=card.title)


class SessionName(WireObject):
    id: UUID
    title: str

    @classmethod
    def of(cls, session: WorkSession) -> Self:
        return cls(id=session.id, title=session.title)


class Place(WireObject):
    """A session and what it belongs to. `card` is null as well where it has been deleted while its session went on."""

    board: BoardName | None
    card: CardName | None
    session: SessionName


def name_places(sessions: Iterable[WorkSession]) -> dict[UUID, Place]:
    """The places of these sessions, whose boards are loaded, by the session's id."""
    by_id = {session.id: session for session in sessions}
    cards = Card.objects.in_bulk([session.card_id for session in by_id.values() if session.card_id])
    return {key: _place(session, cards) for key, session in by_id.items()}


def _place(session: WorkSession, cards: dict[UUID, Card]) -> Place:
    card = cards.get(session.card_id) if session.card_id else None
    return Place(
        board=BoardName.of(session.board) if session.board else None,
        card=CardName.of(card) if card else None,
        session=SessionName.of(session),
    )
