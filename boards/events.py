"""What happens on boards: one class per event of PROTOCOL §3, its fields being the event's `data`."""

from typing import Any, ClassVar, Self
from uuid import UUID

from boards.wire import BoardObject, CardObject, ColumnObject, CommentObject, MemberObject
from project.realtime.events import EventData


class _AboutCard(EventData):
    card: CardObject

    def cut(self) -> Self:
        return self.model_copy(update={"card": self.card.model_copy(update={"html": None})})


class CardCreated(_AboutCard):
    event_type: ClassVar[str] = "card_created"


class CardEdited(_AboutCard):
    event_type: ClassVar[str] = "card_edited"


class CardArchived(_AboutCard):
    event_type: ClassVar[str] = "card_archived"


class CardRestored(_AboutCard):
    event_type: ClassVar[str] = "card_restored"


class CardMoved(EventData):
    event_type: ClassVar[str] = "card_moved"

    card: UUID
    column: UUID
    from_column: UUID
    rank: int
    version: int


class CardDeleted(EventData):
    event_type: ClassVar[str] = "card_deleted"

    card: UUID


class RanksRenumbered(EventData):
    """The column's unarchived cards, sorted by (rank, id), now have the ranks 65,536 · 1, 2, …; versions stay."""

    event_type: ClassVar[str] = "ranks_renumbered"

    column: UUID


class RunChanged(EventData):
    event_type: ClassVar[str] = "run_changed"

    card: UUID
    session_count: int
    run: dict[str, Any] | None


class _AboutComment(EventData):
    comment: CommentObject

    def cut(self) -> Self:
        return self.model_copy(update={"comment": self.comment.model_copy(update={"html": None})})


class CommentAdded(_AboutComment):
    event_type: ClassVar[str] = "comment_added"


class CommentEdited(_AboutComment):
    event_type: ClassVar[str] = "comment_edited"


class CommentDeleted(_AboutComment):
    event_type: ClassVar[str] = "comment_deleted"


class _AboutColumn(EventData):
    column: ColumnObject


class ColumnCreated(_AboutColumn):
    event_type: ClassVar[str] = "column_created"


class ColumnEdited(_AboutColumn):
    event_type: ClassVar[str] = "column_edited"


class ColumnMoved(_AboutColumn):
    event_type: ClassVar[str] = "column_moved"


class ColumnDeleted(EventData):
    """The column's cards follow in order behind the last of `moved_to`, rank + 65,536 each, version + 1."""

    event_type: ClassVar[str] = "column_deleted"

    column: UUID
    moved_to: UUID | None


class _AboutMember(EventData):
    member: MemberObject


class MemberAdded(_AboutMember):
    event_type: ClassVar[str] = "member_added"


class MemberChanged(_AboutMember):
    event_type: ClassVar[str] = "member_changed"


class MemberRemoved(_AboutMember):
    event_type: ClassVar[str] = "member_removed"


class BoardEdited(EventData):
    """The board as it is now; also the first event of its stream."""

    event_type: ClassVar[str] = "board_edited"

    board: BoardObject


class BoardDeleted(EventData):
    event_type: ClassVar[str] = "board_deleted"

    board: UUID
