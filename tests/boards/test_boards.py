import pytest

from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


def test_create_gives_four_columns_and_an_owner(room: Room) -> None:
    state = room.snapshot()["state"]
    assert [column["name"] for column in state["columns"]] == ["To do", "In progress", "Review", "Done"]
    assert [(member["user"]["username"], member["role"]) for member in state["members"]] == [
        ("alice", "owner"),
        ("bob", "editor"),
        ("vera", "viewer"),
    ]
