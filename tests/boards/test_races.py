"""Many at once, on real threads: limits hold, everybody ends with the same order, nothing that was deleted comes back."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from boards.commands import BOARD_COMMANDS
from project.accounts.models import User
from project.errors import AppError
from project.gate import validate
from project.realtime.commands import perform
from tests.boards.conftest import Room
from tests.boards.test_sync import read_log
from tests.fold import fold

pytestmark = pytest.mark.django_db(transaction=True)

Ask = Callable[[], str]


def asker(room: Room, user: User, name: str, data: dict[str, Any]) -> Ask:
    """A command that gives "ok" or the code it was refused with."""

    def ask() -> str:
        spec = BOARD_COMMANDS[name]
        try:
            perform(spec, actor=user, payload=validate(spec.payload, data), scope=UUID(room.id))
        except AppError as error:
            return error.code
        finally:
            connection.close()
        return "ok"

    return ask


def at_once(asks: Sequence[Ask], threads: int) -> Counter[str]:
    """How often each outcome came when `threads` ask at a time."""
    with ThreadPoolExecutor(threads) as pool:
        return Counter(future.result(timeout=50) for future in [pool.submit(ask) for ask in asks])


def check_log(room: Room, before: dict[str, Any]) -> list[dict[str, Any]]:
    """The events since `before`: dense, and folding to what the tables say."""
    events = read_log(room, before["seq"])
    after = room.snapshot()
    seqs = [before["seq"], *(event["seq"] for event in events)]
    assert all(next_seq == seq + 1 for seq, next_seq in pairwise(seqs))
    assert after["seq"] == seqs[-1]
    assert fold(before["state"], events) == after["state"]
    return events


def test_full_column_stays_full_whoever_pushes(room: Room, bob: User) -> None:
    room.editor.ok("patch", f"/api/columns/{room.columns[1]}/", {"wip_limit": 5})
    cards = [room.card(str(number))["id"] for number in range(20)]
    before = room.snapshot()
    outcomes = at_once([asker(room, bob, "move_card", {"card": card, "column": room.columns[1]}) for card in cards], threads=8)
    assert outcomes == {"ok": 5, "wip_limit": 15}
    assert len(room.order(1)) == 5
    assert len(check_log(room, before)) == 5


def test_concurrent_moves_converge(room: Room, alice: User, bob: User) -> None:
    dice = random.Random(22)
    cards = [room.card(str(number), number % 3)["id"] for number in range(12)]
    before = room.snapshot()
    asks = []
    for _ in range(120):
        side, neighbour = dice.choice([("before", dice.choice(cards)), ("after", dice.choice(cards)), ("after", None), ("before", None)])
        data = {"card": dice.choice(cards), "column": dice.choice(room.columns[:3]), side: neighbour}
        asks.append(asker(room, dice.choice([alice, bob]), "move_card", data))
    assert at_once(asks, threads=8) == {"ok": 120}
    events = check_log(room, before)
    assert {event["type"] for event in events} <= {"card_moved", "ranks_renumbered"}
    after = room.snapshot()["state"]["cards"]
    assert sorted(card["id"] for card in after) == sorted(cards)
    assert len({(card["column"], card["rank"]) for card in after}) == len(cards)


def test_one_gap_filled_by_many_at_once_keeps_every_card(room: Room, bob: User) -> None:
    first = room.card("First")["id"]
    room.card("Last")
    before = room.snapshot()
    data = {"column": room.columns[0], "after": first}
    asks = [asker(room, bob, "create_card", {**data, "title": str(number)}) for number in range(60)]
    assert at_once(asks, threads=4) == {"ok": 60}
    events = check_log(room, before)
    assert "ranks_renumbered" in {event["type"] for event in events}
    order = room.order()
    assert (order[0], order[-1], len(order)) == ("First", "Last", 62)


def test_delete_beats_everything_else(room: Room, alice: User, bob: User) -> None:
    dice = random.Random(26)
    cards = [room.card(str(number))["id"] for number in range(15)]
    before = room.snapshot()
    asks = []
    for card in cards:
        asks += [
            asker(room, alice, "delete_card", {"card": card}),
            asker(room, bob, "move_card", {"card": card, "column": room.columns[1]}),
            asker(room, bob, "edit_card", {"card": card, "version": 1, "title": "Edited"}),
            asker(room, bob, "archive_card", {"card": card}),
            asker(room, alice, "restore_card", {"card": card}),
        ]
    dice.shuffle(asks)
    outcomes = at_once(asks, threads=8)
    assert set(outcomes) <= {"ok", "not_found", "stale_version", "conflict"}
    check_log(room, before)
    assert room.snapshot()["state"]["cards"] == []


def test_edits_of_one_version_win_once(room: Room, bob: User) -> None:
    card = room.card()["id"]
    asks = [asker(room, bob, "edit_card", {"card": card, "version": 1, "title": str(number)}) for number in range(10)]
    assert at_once(asks, threads=8) == {"ok": 1, "stale_version": 9}


def test_last_owner_stays_when_both_leave_at_once(room: Room, alice: User, bob: User) -> None:
    room.owner.ok("patch", f"{room.path}members/{bob.id}/", {"role": "owner"})
    asks = [
        asker(room, alice, "remove_member", {"user": str(alice.id)}),
        asker(room, bob, "remove_member", {"user": str(bob.id)}),
    ]
    assert at_once(asks, threads=2) == {"ok": 1, "conflict": 1}
