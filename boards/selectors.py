"""Reads: what screens, agents and lists of boards need. Rights are checked by the caller or by `boards.access`."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower
from django.db.models.sql.compiler import SQLCompiler

from boards import whole
from boards.access import get_role
from boards.models import Card, Comment, Membership
from boards.wire import BoardObject, BoardRow, BoardSnapshot, BoardState, CardSummary, ColumnObject, MemberObject, MySelf
from project.accounts.models import User
from project.accounts.wire import UserObject
from project.realtime.log import read_head
from project.realtime.models import Event
from project.realtime.snapshot import read_snapshot
from project.realtime.streams import StreamKey

ACTIVE_RUN = ("queued", "running", "waiting", "cancelling")

BOARD_ORDER = ("sort_name", "board_id")
CARD_ORDER = ("column__rank", "column_id", "rank", "id")


def read_board_snapshot(user: User, board_id: UUID) -> BoardSnapshot:
    """The board as of one moment and the seq that moment has; NotFound for strangers."""
    with read_snapshot():
        role = get_role(user, board_id)
        head, epoch = read_head(board_id)
        state = BoardState(
            board=BoardObject.of(whole.read_board(board_id)),
            columns=[ColumnObject.of(column) for column in whole.read_columns(board_id)],
            cards=[CardSummary.of(card) for card in whole.read_cards(board_id)],
            members=[MemberObject.of(member) for member in whole.read_members(board_id)],
        )
    me = MySelf(user=UserObject.of(user), role=role)
    return BoardSnapshot(stream=str(StreamKey.board(board_id)), epoch=epoch, seq=head, me=me, state=state)


def list_boards(user: User) -> QuerySet[Membership]:
    """The memberships of a user, by their boards' names (order: BOARD_ORDER)."""
    mine = Membership.objects.filter(user=user, board__deleted__isnull=True).select_related("board")
    return mine.annotate(sort_name=Lower("board__name"))


def board_rows(memberships: Sequence[Membership]) -> list[BoardRow]:
    """Rows of the boards list: each board with the asker's role and what goes on there."""
    ids = [member.board_id for member in memberships]
    counts = dict(Card.objects.filter(board_id__in=ids, archived=False).values_list("board_id").annotate(Count("id")))
    runs, requests = _count_work(ids)
    return [
        BoardRow(
            **BoardObject.of(member.board).model_dump(),
            role=member.role,
            card_count=counts.get(member.board_id, 0),
            active_runs=runs[member.board_id],
            open_requests=requests[member.board_id],
        )
        for member in memberships
    ]


@dataclass(frozen=True)
class Work:
    """Active runs and open requests, by board."""

    runs: Counter[UUID]
    requests: Counter[UUID]


CountWork = Callable[[Sequence[UUID]], Work]

_count_other_work: list[CountWork] = [lambda _: Work(Counter(), Counter())]


def register_work(count: CountWork) -> None:
    """Called by the app of the agents at start: `count(boards)` tells of the work on these boards that no card shows."""
    _count_other_work[:] = [count]


def _count_work(board_ids: Sequence[UUID]) -> tuple[Counter[UUID], Counter[UUID]]:
    """Active runs and open requests by board: those that its cards show, and those that none does."""
    other = _count_other_work[0](board_ids)
    runs, requests = other.runs.copy(), other.requests.copy()
    worked = Card.objects.filter(board_id__in=board_ids, run__status__in=ACTIVE_RUN).values_list("board_id", "run")
    for board_id, run in worked:
        runs[board_id] += 1
        requests[board_id] += (run or {}).get("open_requests") or 0
    return runs, requests


def list_members(board_id: UUID) -> QuerySet[Membership]:
    """The memberships of a board."""
    return Membership.objects.filter(board_id=board_id).select_related("user")


@dataclass(frozen=True)
class CardFilter:
    """What narrows a list of cards; None means whatever. `text` is looked for in title and description, case aside."""

    column: UUID | None = None
    assignee: UUID | None = None
    label: str | None = None
    due_before: date | None = None
    archived: bool = False
    text: str | None = None


def list_cards(board_id: UUID, only: CardFilter | None = None) -> QuerySet[Card]:
    """The cards of a board that pass `only`: the unarchived ones unless it says otherwise (order: CARD_ORDER)."""
    only = only or CardFilter()
    # Prefetched, columns and people are made once and not once per card: half the time of a full board.
    cards = Card.objects.prefetch_related("column", "assignee", "updated_by").defer("html", "search")
    cards = cards.filter(board_id=board_id, archived=only.archived)
    if only.column is not None:
        cards = cards.filter(column_id=only.column)
    if only.assignee is not None:
        cards = cards.filter(assignee_id=only.assignee)
    if only.label is not None:
        cards = cards.filter(_HasLabel(F("labels"), Value(only.label, output_field=TextField())))
    if only.due_before is not None:
        cards = cards.filter(due__lt=only.due_before)
    if only.text is not None:
        cards = cards.filter(search__contains=only.text.casefold())
    return cards


class _HasLabel(Func):
    """Whether a JSON list of strings holds a string."""

    output_field = BooleanField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") WHERE value = ")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template="jsonb_exists(%(expressions)s)")


def list_comments(card_id: UUID) -> QuerySet[Comment]:
    """The comments on a card."""
    return Comment.objects.filter(card_id=card_id).select_related("author")


def list_activity(card: Card) -> QuerySet[Event]:
    """The events about a card."""
    return Event.objects.filter(stream_id=card.board_id, subject=card.id)


def list_known_users(user: User, text: str) -> QuerySet[User]:
    """Active users whose name holds `text`: those of the user's own boards, and whoever has exactly that name."""
    boards = Membership.objects.filter(user=user, board__deleted__isnull=True).values("board")
    known = Q(id__in=Membership.objects.filter(board__in=boards).values("user"), username__icontains=text)
    return User.objects.filter(known | Q(username=text) | Q(id=user.id, username__icontains=text), is_active=True)
