"""What the tools share: board, cards, columns and people as a model names them, found with the starter's rights."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from agents.tools.base import ToolContext, ToolResult
from boards.access import access_board
from boards.models import Board, Card, Column
from boards.selectors import list_members
from project.accounts.models import User
from project.clock import db_now
from project.errors import Invalid, NotFound

CardNumber = Annotated[int, Field(ge=1, le=2**31 - 1, description="The card's number on its board, 12 for #12.")]

_ALIASES = {"todo": "to do", "to-do": "to do", "doing": "in progress"}


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


def access_scene(context: ToolContext) -> Scene:
    """The board of the work session, for the one the agent works for; Invalid where there is none."""
    if context.board_id is None:
        raise Invalid("This work session belongs to no board.")
    board = access_board(context.principal, context.board_id)
    columns = tuple(Column.objects.filter(board=board).order_by("rank", "id"))
    return Scene(board, columns, db_now())


def find_card(context: ToolContext, scene: Scene, number: int | None) -> Card:
    """The card of that number, or the work session's own; NotFound names the number."""
    cards = Card.objects.select_related("column", "assignee", "updated_by").filter(board=scene.board)
    if number is not None:
        card = cards.filter(number=number).first()
    elif context.card_id is not None:
        card = cards.filter(id=context.card_id).first()
    else:
        raise Invalid("Say which card: this work session has none of its own.")
    if card is None:
        raise NotFound(f"There is no card #{number} on this board." if number else "The card of this work session isn't here any more.")
    return card


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
