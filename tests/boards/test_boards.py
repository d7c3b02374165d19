from uuid import uuid4

import pytest

from boards.models import Board, Card
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


def test_create_gives_four_columns_and_an_owner(room: Room) -> None:
    state = room.snapshot()["state"]
    assert [column["name"] for column in state["columns"]] == ["To do", "In progress", "Review", "Done"]
    assert [column["rank"] for column in state["columns"]] == [65_536, 131_072, 196_608, 262_144]
    assert [(member["user"]["username"], member["role"]) for member in state["members"]] == [
        ("alice", "owner"),
        ("bob", "editor"),
        ("vera", "viewer"),
    ]


def test_create_takes_other_columns_or_none(room: Room) -> None:
    for names in (["Ideas", "Ideas"], []):
        board = room.owner.ok("post", "/api/boards/", {"name": "Other", "columns": names})["board"]
        state = room.owner.ok("get", f"/api/boards/{board['id']}/snapshot/")["state"]
        assert [column["name"] for column in state["columns"]] == names


def test_create_answers_201_with_the_board_and_its_seq(room: Room) -> None:
    response = room.owner.call("post", "/api/boards/", {"name": " Trim me ", "description": None})
    body = response.json()
    assert response.status_code == 201
    assert body["seq"] == 6
    assert set(body["board"]) == {"id", "name", "description", "created", "updated"}
    assert (body["board"]["name"], body["board"]["description"]) == ("Trim me", "")


BAD_BODIES: tuple[tuple[dict[str, object], str], ...] = (
    ({}, "name"),
    ({"name": ""}, "name"),
    ({"name": "  "}, "name"),
    ({"name": None}, "name"),
    ({"name": "n" * 301}, "name"),
    ({"name": 5}, "name"),
    ({"name": "ok", "description": "d" * 16_001}, "description"),
    ({"name": "ok", "columns": ["c"] * 51}, "columns"),
    ({"name": "ok", "columns": [""]}, "columns.0"),
    ({"name": "ok", "color": "red"}, "color"),
)


def test_create_refuses_bad_fields_and_stores_nothing(room: Room) -> None:
    for body, field in BAD_BODIES:
        status, error = room.owner.refused("post", "/api/boards/", body)
        assert (status, error["code"]) == (400, "invalid"), body
        assert field in error["fields"], body
    assert Board.objects.count() == 1


def test_titles_count_code_points_not_bytes(room: Room) -> None:
    name = "👩" * 300
    assert room.owner.ok("post", "/api/boards/", {"name": name})["board"]["name"] == name


def test_text_is_normalised_to_nfc_and_lf(room: Room) -> None:
    board = room.owner.ok("patch", room.path, {"name": "Cafe\u0301", "description": "a\r\nb\rc"})["board"]
    assert (board["name"], board["description"]) == ("Café", "a\nb\nc")


def test_get_adds_the_role_of_the_asker(room: Room) -> None:
    assert room.viewer.ok("get", room.path)["role"] == "viewer"
    assert room.owner.ok("get", room.path)["role"] == "owner"


def test_rows_add_role_and_what_goes_on(room: Room) -> None:
    card = room.card("Worked")["id"]
    room.card("Idle")
    archived = room.card("Archived")["id"]
    room.editor.ok("post", f"/api/cards/{archived}/archive/")
    Card.objects.filter(id=card).update(run={"id": str(uuid4()), "status": "waiting", "open_requests": 2})
    Card.objects.filter(id=archived).update(run={"id": str(uuid4()), "status": "completed", "open_requests": 0})
    row = room.viewer.ok("get", "/api/boards/")["results"][0]
    assert (row["role"], row["card_count"], row["active_runs"], row["open_requests"]) == ("viewer", 2, 1, 2)
    assert set(row) == {"id", "name", "description", "created", "updated", "role", "card_count", "active_runs", "open_requests"}


def test_boards_are_listed_by_name_in_pages(room: Room) -> None:
    for name in ("beta", "Alpha", "gamma", "Launch"):
        room.owner.ok("post", "/api/boards/", {"name": name})
    names, path = [], "/api/boards/?limit=2"
    while path:
        page = room.owner.ok("get", path)
        assert len(page["results"]) <= 2
        names += [row["name"] for row in page["results"]]
        path = f"/api/boards/?limit=2&cursor={page['next']}" if page["next"] else ""
    assert names == ["Alpha", "beta", "gamma", "Launch", "Launch"]


def test_edit_changes_what_is_named_and_null_clears(room: Room) -> None:
    assert room.owner.ok("patch", room.path, {"description": "Why"})["board"]["description"] == "Why"
    board = room.owner.ok("patch", room.path, {"name": "New", "description": None})["board"]
    assert (board["name"], board["description"]) == ("New", "")
    status, error = room.owner.refused("patch", room.path, {"name": None})
    assert (status, "name" in error["fields"]) == (400, True)


def test_edit_that_changes_nothing_tells_nothing(room: Room) -> None:
    before = room.snapshot()
    assert room.owner.ok("patch", room.path, {"name": "Launch"})["seq"] == before["seq"]
    assert room.owner.ok("patch", room.path, {})["board"]["updated"] == before["state"]["board"]["updated"]
    assert room.snapshot() == before


def test_deleted_board_is_gone_for_everybody(room: Room) -> None:
    card = room.card()["id"]
    reply = room.owner.ok("delete", room.path)
    assert reply["id"] == room.id
    for path in (room.path, f"{room.path}snapshot/", f"{room.path}events/", f"{room.path}cards/", f"/api/cards/{card}/"):
        assert room.owner.refused("get", path)[0] == 404
    assert room.owner.ok("get", "/api/boards/")["results"] == []
    assert room.owner.refused("patch", f"/api/cards/{card}/", {"version": 1, "title": "x"})[0] == 404


def test_snapshot_says_who_i_am_and_where_the_stream_stands(room: Room) -> None:
    card = room.card("Full", description="text", checklist=[{"text": "a", "done": True}, {"text": "b"}])
    snapshot = room.viewer.ok("get", f"{room.path}snapshot/")
    assert snapshot["stream"] == f"board:{room.id}"
    assert snapshot["seq"] == room.events()[-1]["seq"]
    assert (snapshot["me"]["user"]["username"], snapshot["me"]["role"]) == ("vera", "viewer")
    summary = snapshot["state"]["cards"][0]
    assert "description" not in summary
    assert (summary["has_description"], summary["checklist_done"], summary["checklist_total"]) == (True, 1, 2)
    assert summary.keys() == (card.keys() - {"description", "html", "checklist"}) | {
        "has_description",
        "checklist_done",
        "checklist_total",
    }


@pytest.mark.parametrize("body", ["[]", "null", "0", '""', "false"])
def test_bodies_that_are_no_objects_are_refused_even_where_no_field_is_needed(room: Room, body: str) -> None:
    response = room.viewer.client.post("/api/sessions/", body, content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
