"""The page of a work session: the room's island and the data it starts from."""

from typing import Any
from uuid import UUID

from agents.selectors import read_session_snapshot
from boards.pages import IslandPage, list_agents
from project.accounts.models import User
from sessions.models import WorkSession
from sessions.selectors import find_card
from sessions.wire import dump


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
