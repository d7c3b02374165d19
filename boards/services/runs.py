"""What a card shows of the agents' work; reported by them, for boards never look upward."""

from typing import Any
from uuid import UUID

from boards.events import RunChanged
from boards.models import Card
from project.realtime.change import Change
from project.realtime.streams import StreamKey


def report_run(*, ch: Change, card_id: UUID, run: dict[str, Any] | None, session_count: int) -> None:
    """Show the newest run (PROTOCOL §5, card) and the number of work sessions on the card; what is deleted shows nothing.

    The caller's change has locked the board's stream.
    """
    card = Card.objects.only("id", "board_id", "run", "session_count").filter(id=card_id, board__deleted__isnull=True).first()
    if card is None or (card.run == run and card.session_count == session_count):
        return
    card.run, card.session_count = run, session_count
    card.save(update_fields=["run", "session_count"])
    ch.append(RunChanged(card=card_id, session_count=session_count, run=run), StreamKey.board(card.board_id), subject=card_id)
