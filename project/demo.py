"""The demo: four users and the board Launch, made by the commands that people use. Made twice it stays as it is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings

from agents.models import Agent
from boards.commands import ADD_MEMBER, COMMENT_CARD, CREATE_BOARD, CREATE_CARD, EDIT_COLUMN, MOVE_CARD
from boards.models import Board, Column
from boards.payloads import AddMember, ChecklistItem, CommentCard, CreateBoard, CreateCard, EditColumn, MoveCard
from project.accounts import services as accounts
from project.accounts.models import User
from project.clock import db_now
from project.demo_cards import PRICES_TITLE, REVIEW, SEEDS, TICKED, TODO, Seed, price_table
from project.errors import Conflict, Invalid
from project.ids import derived_id
from project.realtime.commands import CommandSpec, Reply, perform
from project.realtime.models import Command
from project.wire import Payload

P = TypeVar("P", bound=Payload)

BOARD = "Launch"
DEFAULT_PASSWORD = "workroom-demo"  # noqa: S105 - public on purpose, and refused outside development
REVIEW_LIMIT = 3
_FILLED_WITHIN = timedelta(days=1)

# Fixed ids tell the demo's own users from others of the same name.
_PEOPLE = {
    "alice": UUID("019a9d6e-0000-7000-8000-0000000a11ce"),
    "bob": UUID("019a9d6e-0000-7000-8000-000000000b0b"),
    "charlie": UUID("019a9d6e-0000-7000-8000-0000000c4a11"),
}
_AGENT = "robo"


@dataclass(frozen=True)
class Demo:
    """The board, and whether it was made just now."""

    board: Board
    is_new: bool


def choose_password(given: str | None) -> str:
    """The password for the demo's people; Invalid outside development without one of its own."""
    password = given or settings.WORKROOM_DEMO_PASSWORD
    if not password:
        raise Invalid("Give the demo users a password: manage.py demo --password … (or WORKROOM_DEMO_PASSWORD).")
    if password == DEFAULT_PASSWORD and not settings.WORKROOM_IS_DEVELOPMENT:
        raise Invalid("The default demo password is for development only. Choose another one.")
    return password


def make_demo(*, password: str, resets_passwords: bool = False) -> Demo:
    """Make what is missing of the demo. Conflict when a demo name belongs to somebody else.

    Users that are there keep their passwords unless `resets_passwords`.
    """
    for name in (*_PEOPLE, _AGENT):
        _check_name(name)
    people = {name: _make_person(name, password, resets_passwords) for name in _PEOPLE}
    _make_agent()
    board = Board.objects.filter(name=BOARD, deleted__isnull=True, memberships__user=people["alice"]).order_by("created").first()
    is_new = board is None
    if board is None:
        made = perform(
            CREATE_BOARD, actor=people["alice"], payload=CreateBoard(name=BOARD, description="Two weeks to the opening of the shop.")
        )
        board = Board.objects.get(id=made["board"]["id"])
    _Filling(board, people).fill()
    return Demo(board, is_new)


def _check_name(name: str) -> None:
    user = User.objects.filter(username=name).first()
    is_ours = user is None or (user.is_agent if name == _AGENT else user.id == _PEOPLE[name])
    if not is_ours:
        raise Conflict(f"There is a user {name} who isn't of the demo. The demo changes no one else's account.")


def _make_person(name: str, password: str, resets_password: bool) -> User:
    is_admin = name == "alice"
    user, is_new = User.objects.get_or_create(username=name, defaults={"id": _PEOPLE[name], "is_staff": is_admin, "is_superuser": is_admin})
    if is_new:
        user.set_password(password)
        user.save(update_fields=["password"])
    elif resets_password and not user.check_password(password):  # the same one again would sign out whoever is in
        accounts.set_password(user=user, password=password)
    return user


def _make_agent() -> None:
    user = User.objects.filter(username=_AGENT).first()
    if user is None:
        user = User(username=_AGENT, kind=User.Kind.AGENT)
        user.set_unusable_password()
        user.save()
    Agent.objects.get_or_create(user=user)


class _Filling:
    """Fills a board by steps, each under an id derived from the board's: cut off in the middle, it goes on where it was."""

    def __init__(self, board: Board, people: dict[str, User]) -> None:
        self._board = board
        self._people = people
        self._today = board.created.date()
        self._columns = {column.name: column.id for column in Column.objects.filter(board=board)}

    def fill(self) -> None:
        """All steps that are not done yet. A board that was full once is left alone, whatever people have made of it since."""
        is_full = Command.objects.filter(user=self._people["alice"], ref=self._id("limit")).exists()
        if is_full or db_now() - self._board.created > _FILLED_WITHIN:
            return
        self._do("alice", ADD_MEMBER, AddMember(username="bob", role="editor"), "bob")
        for seed in SEEDS:
            self._make_card(seed)
        self._do("alice", EDIT_COLUMN, EditColumn(column=self._columns[REVIEW], wip_limit=REVIEW_LIMIT), "limit")

    def _make_card(self, seed: Seed) -> None:
        card = UUID(self._do(seed.by, CREATE_CARD, self._payload(seed), seed.title)["card"]["id"])
        for column in seed.way:
            self._do("bob", MOVE_CARD, MoveCard(card=card, column=self._columns[column]), seed.title, column)
        for number, (who, content) in enumerate(seed.comments):
            self._do(who, COMMENT_CARD, CommentCard(card=card, content=content), seed.title, "comment", number)

    def _payload(self, seed: Seed) -> CreateCard:
        items = [ChecklistItem(text=text.removeprefix(TICKED), done=text.startswith(TICKED)) for text in seed.checklist]
        return CreateCard(
            column=self._columns[TODO],
            title=seed.title,
            description=price_table(self._today) if seed.title == PRICES_TITLE else seed.description,
            assignee=self._people[seed.assignee].id if seed.assignee else None,
            labels=list(seed.labels),
            due=None if seed.due_in is None else self._today + timedelta(days=seed.due_in),
            checklist=items,
        )

    def _do(self, who: str, spec: CommandSpec[P], payload: P, *step: object) -> Reply:
        return perform(spec, actor=self._people[who], payload=payload, scope=self._board.id, command_id=self._id(*step))

    def _id(self, *step: object) -> UUID:
        return derived_id(self._board.id, "demo", *step)
