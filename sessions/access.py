"""The only way in from outside: a session with a board is open to that board's members, one without only to its owner."""

from uuid import UUID

from django.db.models import Q, QuerySet

from project.accounts.models import User
from project.errors import Forbidden, NotFound
from project.realtime.streams import Role, StreamKey, access_stream
from sessions.models import WorkSession

_POWER: dict[Role, int] = {"viewer": 0, "editor": 1, "owner": 2}


def access_session(user: User, session_id: UUID, need: Role = "viewer") -> WorkSession:
    """The work session, for a user with the role `need` or more; NotFound for strangers, Forbidden with too little."""
    session = WorkSession.objects.select_related("owner").filter(id=session_id, deleted__isnull=True).first()
    if session is None:
        raise NotFound
    if _POWER[_role_in(user, session)] < _POWER[need]:
        raise Forbidden("You can watch this session but not take part in it.")
    return session


def get_role(user: User, session_id: UUID) -> Role:
    """The user's role in a session; NotFound for strangers and for sessions that are not there."""
    return _role_in(user, access_session(user, session_id))


def visible_sessions(user: User, need: Role = "viewer") -> QuerySet[WorkSession]:
    """Every work session in which this user has the role `need` or more."""
    roles = [role for role, power in _POWER.items() if power >= _POWER[need]]
    of_boards = Q(board__memberships__user=user, board__memberships__role__in=roles, board__deleted__isnull=True)
    return WorkSession.objects.filter(of_boards | Q(board__isnull=True, owner=user), deleted__isnull=True)


def streams_of(session: WorkSession) -> tuple[StreamKey, ...]:
    """The streams that whatever happens to runs of this session is written to, the session's own first."""
    own = StreamKey.session(session.id)
    return (own, StreamKey.board(session.board_id)) if session.board_id else (own,)


def _role_in(user: User, session: WorkSession) -> Role:
    if session.board_id:
        return access_stream(user, StreamKey.board(session.board_id))
    if session.owner_id != user.id:
        raise NotFound
    return "owner"
