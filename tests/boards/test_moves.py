from typing import Any

import pytest

from boards.models import Card
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ids(room: Room) -> dict[str, str]:
    """Cards A, B and C in the first column, X in the second, old (archived) in the first."""
    found = {title: room.card(title)["id"] for title in ("A", "B", "old", "C")} | {"X": room.card("X", 1)["id"]}
    room.editor.ok("post", f"/api/cards/{found['old']}/archive/")
    return found


def move(room: Room, card: str, column: int = 0, /, **place: Any) -> dict[str, Any]:
    result: dict[str, Any] = room.editor.ok("post", f"/api/cards/{card}/move/", {"column": room.columns[column], **place})
    return result


@pytest.mark.parametrize(
    ("card", "place", "expected"),
    [
        ("C", {"before": "B"}, "ACB"),
        ("A", {"after": "B"}, "BAC"),
        ("C", {"after": None}, "CAB"),
        ("A", {"before": None}, "BCA"),
        ("A", {}, "BCA"),
        ("A", {"before": "A"}, "BCA"),
        ("A", {"after": "A"}, "BCA"),
        ("A", {"before": "old"}, "BCA"),
        ("A", {"after": "old"}, "BCA"),
        ("A", {"before": "X"}, "BCA"),
        ("C", {"after": "X", "before": "B"}, "ACB"),
        ("C", {"after": "A", "before": "B"}, "ACB"),
        ("X", {"before": "A"}, "XABC"),
        ("X", {"after": "B"}, "ABXC"),
        ("X", {"after": None}, "XABC"),
        ("X", {}, "ABCX"),
    ],
)
def test_place_by_neighbours(room: Room, ids: dict[str, str], card: str, place: dict[str, str | None], expected: str) -> None:
    named = {side: None if title is None else ids[title] for side, title in place.items()}
    move(room, ids[card], **named)
    assert "".join(room.order()) == expected


def test_move_tells_what_changed(room: Room, ids: dict[str, str]) -> None:
    reply = move(room, ids["A"], 1, before=ids["X"], version=1)
    event = room.events()[-1]
    card = reply["card"]
    assert (event["type"], event["seq"], event["actor"]["username"]) == ("card_moved", reply["seq"], "bob")
    assert event["data"] == {
        "card": ids["A"],
        "column": room.columns[1],
        "from_column": room.columns[0],
        "rank": card["rank"],
        "version": 2,
    }
    assert (card["column"], card["version"]) == (room.columns[1], 2)
    assert room.order(1) == ["A", "X"]


@pytest.mark.parametrize(
    ("card", "place"), [("B", {"after": "A"}), ("B", {"before": "C"}), ("A", {"after": None}), ("C", {}), ("C", {"before": "unknown"})]
)
def test_move_to_where_it_stands_tells_nothing(room: Room, ids: dict[str, str], card: str, place: dict[str, str | None]) -> None:
    before = room.snapshot()
    unknown = "01900000-0000-7000-8000-000000000000"
    reply = move(room, ids[card], **{side: title and ids.get(title, unknown) for side, title in place.items()})
    assert (reply["seq"], reply["card"]["version"]) == (before["seq"], 1)
    assert room.snapshot() == before


def test_full_column_takes_no_card_from_another(room: Room, ids: dict[str, str]) -> None:
    room.editor.ok("patch", f"/api/columns/{room.columns[1]}/", {"wip_limit": 1})
    refusals = [
        room.editor.refused("post", f"/api/cards/{ids['A']}/move/", {"column": room.columns[1]}),
        room.editor.refused("post", f"{room.path}cards/", {"column": room.columns[1], "title": "New"}),
    ]
    for status, error in refusals:
        assert (status, error["code"]) == (409, "wip_limit")
        assert error["data"] == {"column": room.columns[1], "limit": 1, "count": 1}
    assert (room.order(0), room.order(1)) == (["A", "B", "C"], ["X"])


def test_moving_inside_a_full_column_is_allowed(room: Room, ids: dict[str, str]) -> None:
    room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"wip_limit": 1})
    move(room, ids["C"], after=None)
    assert room.order() == ["C", "A", "B"]


def test_full_column_takes_no_restored_card(room: Room, ids: dict[str, str]) -> None:
    room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"wip_limit": 3})
    status, error = room.editor.refused("post", f"/api/cards/{ids['old']}/restore/")
    assert (status, error["code"], error["data"]["count"]) == (409, "wip_limit", 3)


def test_archived_cards_do_not_count(room: Room, ids: dict[str, str]) -> None:
    room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"wip_limit": 3})
    room.editor.ok("post", f"/api/cards/{ids['A']}/archive/")
    move(room, ids["X"])
    assert room.order() == ["B", "C", "X"]


def test_exhausted_gap_renumbers_before_the_move(room: Room, ids: dict[str, str]) -> None:
    for number, title in enumerate(("A", "B", "C")):
        Card.objects.filter(id=ids[title]).update(rank=number)
    seq = room.snapshot()["seq"]
    move(room, ids["X"], after=ids["A"])
    events = room.events(seq)
    assert [event["type"] for event in events] == ["ranks_renumbered", "card_moved"]
    assert events[0]["data"] == {"column": room.columns[0]}
    cards = [card for card in room.snapshot()["state"]["cards"] if card["column"] == room.columns[0]]
    assert [(card["title"], card["rank"], card["version"]) for card in cards] == [
        ("A", 65_536, 1),
        ("X", 98_304, 2),
        ("B", 131_072, 1),
        ("C", 196_608, 1),
    ]


def test_create_into_an_exhausted_gap_renumbers_first(room: Room, ids: dict[str, str]) -> None:
    for title in ("A", "B", "C"):
        Card.objects.filter(id=ids[title]).update(rank=7)
    seq = room.snapshot()["seq"]
    room.card("New", before=ids["B"])
    assert [event["type"] for event in room.events(seq)] == ["ranks_renumbered", "card_created"]
    assert "".join(room.order()) == "ANewBC"


def test_sixty_inserts_at_one_place_keep_their_order(room: Room, ids: dict[str, str]) -> None:
    for number in range(60):
        room.card(str(number), after=ids["A"])
    assert room.order() == ["A", *(str(number) for number in reversed(range(60))), "B", "C"]
    assert "ranks_renumbered" in {event["type"] for event in room.events()}
