"""What the tools share: boards, cards, columns and people as a model names them, found with the starter's rights.

A work session's own board is open to its tools. Any other board of the starter's is so only by the starter's approval: what is read
there is shown to everybody in the session, and what is written there to everybody on that board.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from agents.tools.base import ToolClass, ToolContext, ToolResult
from boards.access import access_board
from boards.models import Board, Card, Column
from boards.selectors import BOARD_ORDER, list_boards, list_members
from project.accounts.models import User
from project.clock import db_now
from project.errors import AppError, Forbidden, Invalid, NotFound
from project.wire import Payload

CardNumber = Annotated[int, Field(ge=1, le=2**31 - 1, description="The card's number on its board, 12 for #12.")]

_ALIASES = {"todo": "to do", "to-do": "to do", "doing": "in progress"}


class Reaching(Payload, ABC):
    """Arguments of a tool that may reach beyond the session's board."""

    @abstractmethod
    def reaches_beyond(self, context: ToolContext) -> bool:
        """Whether these do."""


class OnBoard(Reaching):
    """Arguments of a tool that works on a board."""

    board: (
        Annotated[str, Field(max_length=300, description="Another board, by name or id; without it the board of this work session.")] | None
    ) = None

    def reaches_beyond(self, context: ToolContext) -> bool:
        return self.board is not None and not _is_home(context, self.board)


class OnCard(OnBoard):
    """Arguments of a tool that works on a card; without a number on that of the work session."""

    number: CardNumber | None = None


def on_board(tool_class: ToolClass) -> Callable[[ToolContext, OnBoard], ToolClass]:
    """The class of each call of a board tool: on the session's own board `tool_class`, elsewhere unsafe.

    A session without a board is seen by its owner alone, so reading asks nobody there.
    """

    def class_of_call(context: ToolContext, arguments: OnBoard) -> ToolClass:
        if not arguments.reaches_beyond(context):
            return tool_class
        return "read" if tool_class == "read" and context.board_id is None else "unsafe"

    return class_of_call


def check_approval(context: ToolContext) -> None:
    """Forbidden unless whoever's rights it takes has let this very call reach beyond the session's board."""
    if context.approver is None:
        raise Forbidden("Nobody has allowed reaching beyond this session's board.")
    if context.approver != context.principal:
        raise Forbidden(f"Only {context.principal.username}, whose rights it takes, can allow reaching beyond this session's board.")


@dataclass(frozen=True)
class Scene:
    """A board as a tool sees it at one moment. Cards in the last of several columns count as finished."""

    board: Board
    columns: tuple[Column, ...]
    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def finished(self) -> Column | None:
        return self.columns[-1] if len(self.columns) > 1 else None

    def is_overdue(self, card: Card) -> bool:
        """Whether the card's day has passed and it isn't finished."""
        return card.due is not None and card.due < self.today and not self.is_finished(card)

    def is_finished(self, card: Card) -> bool:
        return self.finished is not None and card.column_id == self.finished.id

    def link(self, card: Card) -> str:
        return f"/boards/{self.board.id}/cards/{card.number}/"

    def short(self, card: Card) -> dict[str, Any]:
        """A card in a list."""
        return {
            "number": card.number,
            "title": card.title,
            "link": self.link(card),
            "column": card.column.name,
            "assignee": card.assignee.username if card.assignee else None,
            "due": card.due.isoformat() if card.due else None,
            "days_overdue": (self.today - card.due).days if card.due and self.is_overdue(card) else 0,
            "labels": list(card.labels),
            "days_in_column": max(0, (self.now - card.column_since).days),
            "in_column_since": minute(card.column_since),
            "is_finished": self.is_finished(card),
        }


def access_scene(context: ToolContext, named: str | None = None) -> Scene:
    """The board of that name or id, else the work session's, for the one the agent works for.

    Invalid where none is named and the session has none, Forbidden for another board that needs an approval and has none.
    """
    board = access_board(context.principal, _find_board(context, named))
    if context.board_id not in (None, board.id):
        check_approval(context)
    columns = tuple(Column.objects.filter(board=board).order_by("rank", "id"))
    return Scene(board, columns, db_now())


def _find_board(context: ToolContext, named: str | None) -> UUID:
    if named is None:
        if context.board_id is None:
            raise Invalid(f"This work session belongs to no board. Say which: {_board_names(context)}.")
        return context.board_id
    wanted, home = _plain(named), context.board_id
    boards = [member.board for member in list_boards(context.principal)]
    found = [board.id for board in boards if wanted in (str(board.id), _plain(board.name))]
    if home is not None and home in found:
        return home
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(f"Several boards are called “{named}”. Say which by its id: {', '.join(map(str, found))}.")
    # Which boards somebody has is nobody else's business: their names are told where nobody else is.
    more = f" Boards: {_board_names(context)}." if home is None else ""
    raise NotFound(f"There is no board called “{named}”.{more}")


def _board_names(context: ToolContext) -> str:
    return ", ".join(member.board.name for member in list_boards(context.principal).order_by(*BOARD_ORDER)) or "there is none"


def _is_home(context: ToolContext, named: str) -> bool:
    return context.board_id is not None and _plain(named) in (str(context.board_id), _plain(context.board_name))


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def find_card(context: ToolContext, scene: Scene, number: int | None) -> Card:
    """The card of that number, or the work session's own; NotFound names the number."""
    cards = Card.objects.select_related("column", "assignee", "updated_by").filter(board=scene.board)
    if number is not None:
        card = cards.filter(number=number).first()
    elif context.card_id is not None and scene.board.id == context.board_id:
        card = cards.filter(id=context.card_id).first()
    else:
        raise Invalid("Say which card: this work session has none of its own there.")
    if card is None:
        raise NotFound(f"There is no card #{number} on this board." if number else "The card of this work session isn't here any more.")
    return card


def card_subject(context: ToolContext, arguments: OnCard) -> str:
    """The card a call is about, by its number and the title it has now.

    The room reads it before anybody has allowed anything: it learns neither what is on another board, nor whether there is one.
    """
    number = f"#{arguments.number}" if arguments.number else "the card of this session"
    elsewhere = f"{number} on another board" if arguments.number else ""
    if context.board_id is not None and arguments.reaches_beyond(context):
        return elsewhere
    try:
        card = find_card(context, access_scene(context, arguments.board), arguments.number)
    except Forbidden:
        return elsewhere
    except AppError as missing:
        return f"{number} ({missing.message[:1].lower()}{missing.message[1:].rstrip('.')})"
    return f"#{card.number} {card.title}"


def find_column(scene: Scene, name: str) -> Column:
    """The column of that name, case aside; NotFound lists those there are."""
    wanted = " ".join(name.split()).casefold()
    wanted = _ALIASES.get(wanted, wanted)
    column = next((column for column in scene.columns if column.name.casefold() == wanted), None)
    if column is None:
        names = ", ".join(column.name for column in scene.columns) or "none"
        raise NotFound(f"There is no column “{name}” on this board. Its columns: {names}.")
    return column


def find_person(context: ToolContext, scene: Scene, name: str) -> User:
    """The member or agent of that name, case aside; `me` is whom the agent works for."""
    wanted = name.strip().removeprefix("@").casefold()
    if wanted == "me":
        return context.principal
    people = [member.user for member in list_members(scene.board.id)]
    people += [user for user in User.objects.filter(kind=User.Kind.AGENT, is_active=True) if user not in people]
    found = next((user for user in people if user.username.casefold() == wanted), None)
    if found is None:
        raise NotFound(f"Nobody called “{name}” works on this board.")
    return found


def answer(data: Mapping[str, object], summary: str) -> ToolResult:
    """A result of this data."""
    return ToolResult(json.dumps(data, ensure_ascii=False), summary)


def minute(moment: datetime) -> str:
    """A moment to the minute, in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M")


def counted(number: int, noun: str) -> str:
    """`1 card`, `3 cards`."""
    return f"{number} {noun if number == 1 else noun + 's'}"
