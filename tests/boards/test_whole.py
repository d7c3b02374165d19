"""The plain SQL of a whole board reads what the ORM reads."""

from uuid import UUID

import pytest
from django.db.models import Model

from boards import whole
from boards.models import Board, Card, Column, Membership
from boards.selectors import CARD_ORDER, list_cards, list_members
from project.accounts.models import User
from project.ids import new_id
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


def shown(row: Model) -> dict[str, object]:
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in row.get_deferred_fields()
    }


def person(user: User | None) -> tuple[object, ...]:
    return (user.id, user.username, user.is_agent) if user else ()


def test_whole_board_in_plain_sql_is_the_orms(room: Room) -> None:
    board_id = UUID(room.id)
    for number in range(6):
        room.card(f"Card {number}", number % 3, assignee=[None, str(room.editor_id)][number % 2], labels=["a", "b"][: number % 3])
    left = room.card("Left out")
    room.owner.ok("post", f"/api/cards/{left['id']}/archive/", {})
    assert shown(whole.read_board(board_id)) == shown(Board.objects.get(id=board_id))
    columns = Column.objects.filter(board=board_id).order_by("rank", "id")
    assert [shown(column) for column in whole.read_columns(board_id)] == [shown(column) for column in columns]
    cards: list[Card] = whole.read_cards(board_id)
    wanted = list(list_cards(board_id).order_by(*CARD_ORDER))
    assert [shown(card) for card in cards] == [shown(card) for card in wanted]
    assert [(person(card.assignee), person(card.updated_by)) for card in cards] == [
        (person(card.assignee), person(card.updated_by)) for card in wanted
    ]
    assert len(cards) == 6
    members: list[Membership] = whole.read_members(board_id)
    ours = list(list_members(board_id).order_by("user_id"))
    assert [(shown(member), person(member.user)) for member in members] == [(shown(member), person(member.user)) for member in ours]


def test_board_that_is_gone_does_not_exist() -> None:
    with pytest.raises(Board.DoesNotExist):
        whole.read_board(new_id())
