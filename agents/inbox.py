"""The inbox: the requests a user may see with the places they come from, which objects of PROTOCOL §5 don't name."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from agents.access import visible_requests
from agents.models import Request
from agents.places import BoardName, CardName, Place, SessionName, name_places
from agents.services.requests import is_changed
from agents.wire import RequestObject
from project.accounts.models import User
from project.clock import db_now
from project.wire import Time, WireObject
from sessions.access import visible_sessions

KEPT = timedelta(hours=24)
"""How long an ended request stays in the inbox; the page shows those of the reader's day."""


class InboxRow(WireObject):
    """A request and where it comes from.

    `may_answer`: the asker may answer what is asked there. `ended`: since when it is over. `with_changes`: other arguments
    were approved than were asked for.
    """

    request: RequestObject
    board: BoardName | None
    card: CardName | None
    session: SessionName
    may_answer: bool
    ended: Time | None
    with_changes: bool


class WaitingObject(WireObject):
    """How many open requests the asker may answer."""

    waiting: int


def list_waiting(user: User) -> QuerySet[Request]:
    """The open requests this user may see."""
    return visible_requests(user).filter(status=Request.Status.OPEN)


def list_ended(user: User) -> QuerySet[Request]:
    """The requests this user may see that were over not long ago."""
    return visible_requests(user).filter(ended__gte=db_now() - KEPT)


def inbox_rows(user: User, requests: Sequence[Request]) -> list[InboxRow]:
    """These requests as rows of the user's inbox."""
    sessions = [request.session_id for request in requests]
    mine = set() if user.is_agent else set(visible_sessions(user, "editor").filter(id__in=sessions).values_list("id", flat=True))
    places = name_places(request.session for request in requests)
    return [_row(request, places[request.session_id], may_answer=request.session_id in mine) for request in requests]


def _row(request: Request, place: Place, *, may_answer: bool) -> InboxRow:
    return InboxRow(
        request=RequestObject.of(request),
        board=place.board,
        card=place.card,
        session=place.session,
        may_answer=may_answer,
        ended=request.ended,
        with_changes=is_changed(request),
    )
