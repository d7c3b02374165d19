"""Where a write of a run happens: the open change, the run as it is under the lock, and the step it belongs to."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.events import FIVE
from agents.models import Run
from project.realtime.change import Change
from project.realtime.events import EventData
from project.realtime.streams import StreamKey


@dataclass(frozen=True)
class Step:
    """One piece of work of an agent: `role` is what it does there, `subtask` which part of the plan, if any."""

    id: UUID
    role: str
    subtask: str | None = None


@dataclass(frozen=True)
class Scope:
    """An open change on a run whose fence has been checked."""

    ch: Change
    run: Run

    @property
    def stream(self) -> StreamKey:
        return StreamKey.session(self.run.session_id)

    def who(self, step: Step) -> dict[str, Any]:
        """What every event of a step says of it."""
        run = self.run
        return {"run": run.id, "agent": run.agent.username, "step": step.id, "subtask": step.subtask, "attempt": run.attempt}

    def tell(self, event: EventData, *, key: str | None = None) -> bool:
        """Append an event of the run's agent; False when `key` was told before. The five go to the board's watchers too."""
        if self.ch.append(event, self.stream, subject=self.run.id, key=key, actor=self.run.agent) is None:
            return False
        if event.event_type in FIVE:
            session = self.run.session
            show_on_board(self.ch, Where(self.run.id, session.id, session.board_id, session.card_id))
        return True


@dataclass(frozen=True)
class Where:
    """The run, its session, and the board and card that session belongs to."""

    run_id: UUID
    session_id: UUID
    board_id: UUID | None
    card_id: UUID | None


def show_on_board(ch: Change, where: Where) -> None:
    """Show the session's event appended last to whoever has only the board open."""
    if where.board_id is None:
        return
    data = {
        "session": str(where.session_id),
        "run": str(where.run_id),
        "card": str(where.card_id) if where.card_id else None,
        "event": json.loads(ch.last_event(StreamKey.session(where.session_id))),
    }
    ch.notify(StreamKey.board(where.board_id), {"type": "agent_activity", "data": data})
