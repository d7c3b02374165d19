"""What may be asked about boards: the data of every command of PROTOCOL §3. Absent fields are told by `model_fields_set`."""

import re
from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from boards.ordering import Place
from project.accounts.wire import Username
from project.limits import limits
from project.realtime.streams import Role
from project.text import render_markdown
from project.wire import Id, Payload, Said, Text, Title

MOST_WIP = 10_000

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _not_null(value: str | None) -> str | None:
    if value is None:
        raise ValueError("This can't be cleared.")
    return value


def _day(value: object) -> object:
    """Pydantic itself also takes a text of digits, for the seconds since 1970."""
    if not isinstance(value, str):
        return value
    if not _DAY.fullmatch(value):
        raise ValueError("This must be a day like 2026-12-24.")
    return date.fromisoformat(value)


def _label(value: str) -> str:
    label = value.strip()
    if not label:
        raise ValueError("A label must not be empty.")
    if len(label) > limits().label_chars:
        raise ValueError(f"A label has {limits().label_chars} characters at most.")
    return label


def _labels(value: list[str]) -> list[str]:
    if len(value) > limits().labels:
        raise ValueError(f"A card has {limits().labels} labels at most.")
    return list(dict.fromkeys(value))


class ChecklistItem(Payload):
    """An item of a checklist; without `id` it is a new one."""

    id: Id | None = None
    text: Title
    done: bool = False


def _checklist(value: list[ChecklistItem]) -> list[ChecklistItem]:
    if len(value) > limits().checklist_items:
        raise ValueError(f"A checklist has {limits().checklist_items} items at most.")
    ids = [item.id for item in value if item.id]
    if len(set(ids)) < len(ids):
        raise ValueError("Two items have the same id.")
    return value


def _column_names(value: list[str]) -> list[str]:
    if len(value) > limits().board_columns:
        raise ValueError(f"A board has {limits().board_columns} columns at most.")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Label = Annotated[str, AfterValidator(_label)]
Labels = Annotated[list[Label], AfterValidator(_labels)]
Checklist = Annotated[list[ChecklistItem], AfterValidator(_checklist)]
EditedTitle = Annotated[Title | None, AfterValidator(_not_null)]
"""A title that may be absent but not null."""
WipLimit = Annotated[int, Field(ge=1, le=MOST_WIP)]


class _WithPlace(Payload):
    before: Id | None = None
    after: Id | None = None

    @property
    def place(self) -> Place:
        return Place.of(after=self.after, before=self.before, given=self.model_fields_set)


class _WithDescription(Payload):
    description: Text | None = None

    @cached_property
    def html(self) -> str:
        """The description rendered; computed before the transaction (`CommandSpec.prepare`)."""
        return render_markdown(self.description or "")


class _WithContent(Payload):
    content: Said

    @cached_property
    def html(self) -> str:
        """The content rendered; computed before the transaction (`CommandSpec.prepare`)."""
        return render_markdown(self.content)


class DeleteBoard(Payload):
    """Nothing: the address says which."""


class CreateBoard(Payload):
    name: Title
    description: Text | None = None
    columns: Annotated[list[Title], AfterValidator(_column_names)] | None = None


class EditBoard(Payload):
    name: EditedTitle = None
    description: Text | None = None


class AddMember(Payload):
    username: Username
    role: Role


class ChangeMember(Payload):
    user: Id
    role: Role


class RemoveMember(Payload):
    user: Id


class CreateColumn(_WithPlace):
    name: Title
    wip_limit: WipLimit | None = None


class EditColumn(Payload):
    column: Id
    name: EditedTitle = None
    wip_limit: WipLimit | None = None


class MoveColumn(_WithPlace):
    column: Id


class DeleteColumn(Payload):
    column: Id
    move_cards_to: Id | None = None


class CreateCard(_WithPlace, _WithDescription):
    column: Id
    title: Title
    assignee: Id | None = None
    labels: Labels | None = None
    due: Day | None = None
    checklist: Checklist | None = None


class EditCard(_WithDescription):
    card: Id
    version: int
    title: EditedTitle = None
    assignee: Id | None = None
    labels: Labels | None = None
    due: Day | None = None
    checklist: Checklist | None = None


class CardCommand(Payload):
    """A command about a card as a whole: archive, restore, delete. `version` is checked when given."""

    card: Id
    version: int | None = None


class MoveCard(_WithPlace):
    card: Id
    column: Id
    version: int | None = None


class CommentCard(_WithContent):
    card: Id


class EditComment(_WithContent):
    comment: Id


class DeleteComment(Payload):
    comment: Id
