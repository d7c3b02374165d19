"""The pages of a work session, of the inbox and of the console: a template, and the data its island starts from."""

from typing import Any
from uuid import UUID

from agents.inbox_api import InboxQuery, inbox_page
from agents.selectors import read_session_snapshot
from boards.pages import IslandPage, list_agents
from project.accounts.models import User
from sessions.access import visible_sessions
from sessions.models import WorkSession
from sessions.selectors import find_card
from sessions.wire import dump

SESSIONS_OFFERED = 20


class RoomPage(IslandPage):
    """One work session."""

    template_name = "sessions/room.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        session_id: UUID = kwargs["session_id"]
        snapshot = dump(read_session_snapshot(user, session_id))
        session = WorkSession.objects.select_related("board").get(id=session_id)
        card = find_card(session)
        return {
            "snapshot": snapshot,
            "board_name": session.board.name if session.board else None,
            "card": {"id": str(card.id), "number": card.number, "title": card.title} if card else None,
            "agents": list_agents(user),
        }


class InboxPage(IslandPage):
    """The requests that wait, and those that ended of late."""

    template_name = "agents/inbox.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        del kwargs
        return {state: inbox_page(user, InboxQuery(limit=200, state=state)).data for state in ("open", "ended")}


class ConsolePage(IslandPage):
    """The socket of a work session by hand; it offers the sessions that had something new last."""

    template_name = "agents/console.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        del kwargs
        newest = visible_sessions(user).order_by("-updated")[:SESSIONS_OFFERED]
        return {"sessions": [{"id": str(session.id), "title": session.title} for session in newest]}
