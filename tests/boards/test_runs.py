"""What agents report of their work on a card, and what a hand-over asks of boards."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from boards.access import get_card
from boards.services.cards import assign_card
from boards.services.runs import report_run
from project.accounts.models import User
from project.errors import Conflict
from project.realtime.change import Call, Change
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change
from tests.boards.conftest import Room
from tests.boards.scenarios import RUN
from tests.boards.test_sync import read_log

pytestmark = pytest.mark.django_db(transaction=True)


def under_change(room: Room, actor: User, work: Callable[[Change], object]) -> None:
    run_change(Call(actor=actor, name="report"), [StreamKey.board(UUID(room.id))], work)


def report(room: Room, robo: User, card: str, run: dict[str, Any] | None, session_count: int) -> None:
    under_change(room, robo, lambda ch: report_run(ch=ch, card_id=UUID(card), run=run, session_count=session_count))


def test_report_shows_on_the_card_and_is_told_once(room: Room, robo: User) -> None:
    card = room.card()
    for _ in range(2):
        report(room, robo, card["id"], {**RUN}, 1)
    events = room.events(room.snapshot()["seq"] - 1)
    assert [(event["type"], event["data"]) for event in events] == [("run_changed", {"card": card["id"], "session_count": 1, "run": RUN})]
    shown = room.viewer.ok("get", f"/api/cards/{card['id']}/")
    assert (shown["run"], shown["session_count"], shown["version"], shown["updated"]) == (RUN, 1, 1, card["updated"])
    assert room.viewer.ok("get", f"/api/cards/{card['id']}/activity/")["results"][0]["type"] == "run_changed"


def test_report_on_a_deleted_card_is_dropped(room: Room, robo: User) -> None:
    seq = room.snapshot()["seq"]
    report(room, robo, str(uuid4()), {**RUN}, 1)
    assert room.snapshot()["seq"] == seq


def test_nothing_is_told_after_a_boards_deletion(room: Room, robo: User) -> None:
    card = room.card()["id"]
    room.owner.ok("delete", room.path)
    report(room, robo, card, {**RUN}, 1)
    assert read_log(room, 0)[-1]["type"] == "board_deleted"


def test_assigning_tells_an_edited_card_once(room: Room, robo: User, alice: User) -> None:
    card = room.card()["id"]
    for _ in range(2):
        under_change(room, alice, lambda ch: assign_card(ch=ch, card=get_card(UUID(card)), assignee_id=robo.id))
    event = room.events()[-1]
    assert (event["type"], event["data"]["card"]["assignee"]["username"], event["data"]["card"]["version"]) == ("card_edited", "robo", 2)
    assert room.snapshot()["seq"] == event["seq"]


def test_archived_card_cannot_be_assigned(room: Room, robo: User, alice: User) -> None:
    card = room.card()["id"]
    room.editor.ok("post", f"/api/cards/{card}/archive/")
    with pytest.raises(Conflict):
        under_change(room, alice, lambda ch: assign_card(ch=ch, card=get_card(UUID(card)), assignee_id=robo.id))
