import pytest

from boards.models import Column
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


def names(room: Room) -> list[str]:
    return [column["name"] for column in room.snapshot()["state"]["columns"]]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({}, ["To do", "In progress", "Review", "Done", "New"]),
        ({"before": None}, ["To do", "In progress", "Review", "Done", "New"]),
        ({"after": None}, ["New", "To do", "In progress", "Review", "Done"]),
        ({"before": 1}, ["To do", "New", "In progress", "Review", "Done"]),
        ({"after": 1}, ["To do", "In progress", "New", "Review", "Done"]),
    ],
)
def test_create_puts_it_at_its_place(room: Room, place: dict[str, int | None], expected: list[str]) -> None:
    named = {side: None if index is None else room.columns[index] for side, index in place.items()}
    response = room.editor.call("post", f"{room.path}columns/", {"name": "New", **named})
    assert response.status_code == 201
    assert set(response.json()["column"]) == {"id", "board", "name", "rank", "wip_limit"}
    assert names(room) == expected


def test_create_refuses_a_limit_that_is_none(room: Room) -> None:
    for limit in (0, -1, 10_001, 1.5, "3", True):
        status, error = room.editor.refused("post", f"{room.path}columns/", {"name": "New", "wip_limit": limit})
        assert (status, "wip_limit" in error["fields"]) == (400, True), limit


def test_edit_changes_what_is_named_and_null_clears(room: Room) -> None:
    path = f"/api/columns/{room.columns[0]}/"
    assert room.editor.ok("patch", path, {"wip_limit": 3})["column"]["wip_limit"] == 3
    column = room.editor.ok("patch", path, {"name": "Later"})["column"]
    assert (column["name"], column["wip_limit"]) == ("Later", 3)
    assert room.editor.ok("patch", path, {"wip_limit": None})["column"]["wip_limit"] is None
    assert room.editor.refused("patch", path, {"name": None})[0] == 400


def test_edit_that_changes_nothing_tells_nothing(room: Room) -> None:
    seq = room.snapshot()["seq"]
    assert room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"name": "To do", "wip_limit": None})["seq"] == seq


def test_limit_below_the_count_is_allowed(room: Room) -> None:
    room.card("One")
    room.card("Two")
    assert room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"wip_limit": 1})["column"]["wip_limit"] == 1


def test_move_changes_the_order(room: Room) -> None:
    room.editor.ok("post", f"/api/columns/{room.columns[3]}/move/", {"before": room.columns[1]})
    assert names(room) == ["To do", "Done", "In progress", "Review"]


def test_move_to_where_it_stands_tells_nothing(room: Room) -> None:
    seq = room.snapshot()["seq"]
    assert room.editor.ok("post", f"/api/columns/{room.columns[3]}/move/", {})["seq"] == seq


def test_moves_go_on_when_the_gaps_have_run_out(room: Room) -> None:
    for number, column in enumerate(room.columns):
        Column.objects.filter(id=column).update(rank=number)
    room.editor.ok("post", f"/api/columns/{room.columns[3]}/move/", {"after": room.columns[0]})
    assert names(room) == ["To do", "Done", "In progress", "Review"]
    room.editor.ok("post", f"{room.path}columns/", {"name": "New", "after": room.columns[0]})
    assert names(room) == ["To do", "New", "Done", "In progress", "Review"]


def test_column_with_cards_is_not_deleted_without_saying_where_they_go(room: Room) -> None:
    room.card()
    status, error = room.editor.refused("delete", f"/api/columns/{room.columns[0]}/")
    assert (status, error["code"], error["data"]["column"]["id"]) == (409, "conflict", room.columns[0])


def test_column_with_archived_cards_only_counts_as_filled(room: Room) -> None:
    card = room.card()["id"]
    room.editor.ok("post", f"/api/cards/{card}/archive/")
    status, error = room.editor.refused("delete", f"/api/columns/{room.columns[0]}/")
    assert (status, error["code"], "archived" in error["message"]) == (409, "conflict", True)


def test_deleted_columns_cards_follow_in_order(room: Room) -> None:
    room.card("Here", 1)
    cards = [room.card(title) for title in ("One", "Two", "Three")]
    room.editor.ok("post", f"/api/cards/{cards[1]['id']}/archive/")
    reply = room.editor.ok("delete", f"/api/columns/{room.columns[0]}/?move_cards_to={room.columns[1]}")
    assert reply["id"] == room.columns[0]
    assert room.order(1) == ["Here", "One", "Three"]
    moved = room.snapshot()["state"]["cards"]
    assert [(card["rank"], card["version"]) for card in moved] == [(65_536, 1), (131_072, 2), (196_608, 2)]
    assert room.events()[-1]["data"] == {"column": room.columns[0], "moved_to": room.columns[1]}
    assert room.editor.ok("post", f"/api/cards/{cards[1]['id']}/restore/")["card"]["column"] == room.columns[1]


def test_cards_do_not_go_into_a_column_they_would_overfill(room: Room) -> None:
    for column in (0, 0, 1):
        room.card("Card", column)
    room.editor.ok("patch", f"/api/columns/{room.columns[1]}/", {"wip_limit": 2})
    status, error = room.editor.refused("delete", f"/api/columns/{room.columns[0]}/?move_cards_to={room.columns[1]}")
    assert (status, error["code"]) == (409, "wip_limit")
    assert error["data"] == {"column": room.columns[1], "limit": 2, "count": 1}


def test_empty_column_is_deleted_alone(room: Room) -> None:
    room.editor.ok("delete", f"/api/columns/{room.columns[3]}/")
    assert names(room) == ["To do", "In progress", "Review"]
    assert room.events()[-1]["data"] == {"column": room.columns[3], "moved_to": None}


def test_cards_go_to_another_column_of_the_same_board_only(room: Room) -> None:
    room.card()
    other = room.editor.ok("post", "/api/boards/", {"name": "Other"})["board"]["id"]
    foreign = room.editor.ok("get", f"/api/boards/{other}/snapshot/")["state"]["columns"][0]["id"]
    path = f"/api/columns/{room.columns[0]}/"
    assert room.editor.refused("delete", f"{path}?move_cards_to={foreign}")[0] == 404
    assert room.editor.refused("delete", f"{path}?move_cards_to={room.columns[0]}")[0] == 400
    assert room.editor.refused("delete", f"{path}?move_cards_to=nonsense")[0] == 400
    assert room.editor.refused("delete", f"{path}?cards=1")[0] == 400
    assert room.order(0) == ["Card"]
