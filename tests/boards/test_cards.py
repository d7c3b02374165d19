from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from boards import payloads
from project.accounts.models import User
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)

FULL = {
    *("id", "board", "column", "number", "title", "description", "html", "assignee", "labels", "due", "checklist", "rank", "version"),
    *("archived", "comment_count", "session_count", "run", "created", "updated", "updated_by"),
}


def edit(room: Room, card: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"version": card["version"], **fields}
    result: dict[str, Any] = room.editor.ok("patch", f"/api/cards/{card['id']}/", body)["card"]
    return result


def test_create_with_everything(room: Room) -> None:
    item = str(uuid4())
    response = room.editor.call(
        "post",
        f"{room.path}cards/",
        {
            "column": room.columns[0],
            "title": " Write ",
            "description": "**bold** <script>",
            "assignee": str(room.editor_id),
            "labels": ["a", " b ", "a"],
            "due": "2026-12-24",
            "checklist": [{"id": item, "text": "One", "done": True}, {"text": "Two"}],
        },
    )
    card = response.json()["card"]
    assert response.status_code == 201
    assert set(card) == FULL
    assert (card["number"], card["version"], card["title"], card["labels"], card["due"]) == (1, 1, "Write", ["a", "b"], "2026-12-24")
    assert card["html"] == "<p><strong>bold</strong> &lt;script&gt;</p>\n"
    assert card["assignee"] == card["updated_by"] == {"id": str(room.editor_id), "username": "bob", "kind": "human"}
    assert [(one["text"], one["done"]) for one in card["checklist"]] == [("One", True), ("Two", False)]
    assert card["checklist"][0]["id"] == item
    assert room.viewer.ok("get", f"/api/cards/{card['id']}/") == card


def test_create_with_the_least(room: Room) -> None:
    card = room.card("Bare", description=None, assignee=None, labels=None, due=None, checklist=None)
    assert (card["description"], card["html"], card["labels"], card["checklist"]) == ("", "", [], [])
    assert (card["assignee"], card["due"], card["run"], card["rank"]) == (None, None, None, 65_536)


def test_numbers_count_per_board_and_are_not_used_again(room: Room) -> None:
    first = room.card()
    room.editor.ok("delete", f"/api/cards/{first['id']}/")
    assert room.card()["number"] == 2


BAD_FIELDS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"title": ""}, "title"),
    ({"title": "t" * 301}, "title"),
    ({"title": None}, "title"),
    ({"description": "d" * 16_001}, "description"),
    ({"labels": ["l"] * 21}, "labels"),
    ({"labels": ["l" * 41]}, "labels.0"),
    ({"labels": ["  "]}, "labels.0"),
    ({"labels": "a"}, "labels"),
    ({"due": "2026-13-01"}, "due"),
    ({"due": "2026-12-24T00:00:00Z"}, "due"),
    ({"due": 20261224}, "due"),
    ({"due": "0"}, "due"),
    ({"due": "1735689600"}, "due"),
    ({"checklist": [{"text": "x"}] * 101}, "checklist"),
    ({"checklist": [{"text": ""}]}, "checklist.0.text"),
    ({"checklist": [{"text": "x", "done": 1}]}, "checklist.0.done"),
    ({"checklist": [{"text": "x", "id": "1"}]}, "checklist.0.id"),
    ({"assignee": "bob"}, "assignee"),
    ({"assignee": str(uuid4())}, "assignee"),
    ({"column": "To do"}, "column"),
    ({"column": str(uuid4()).upper()}, "column"),
    ({"before": "x"}, "before"),
    ({"number": 7}, "number"),
)


def test_create_refuses_bad_fields(room: Room) -> None:
    for fields, path in BAD_FIELDS:
        status, error = room.editor.refused("post", f"{room.path}cards/", {"column": room.columns[0], "title": "ok", **fields})
        assert (status, error["code"]) == (400, "invalid"), fields
        assert path in error["fields"], fields
    assert room.order() == []


def test_column_of_another_board_is_not_found(room: Room) -> None:
    other = room.editor.ok("post", "/api/boards/", {"name": "Other"})["board"]["id"]
    foreign = room.editor.ok("get", f"/api/boards/{other}/snapshot/")["state"]["columns"][0]["id"]
    card = room.card()
    assert room.editor.refused("post", f"{room.path}cards/", {"column": foreign, "title": "x"})[0] == 404
    assert room.editor.refused("post", f"/api/cards/{card['id']}/move/", {"column": foreign})[0] == 404
    assert room.editor.refused("post", f"{room.path}cards/", {"column": str(uuid4()), "title": "x"})[0] == 404


def test_agents_may_be_assigned_and_strangers_may_not(room: Room, robo: User, charlie: User) -> None:
    card = room.card(assignee=str(robo.id))
    assert card["assignee"] == {"id": str(robo.id), "username": "robo", "kind": "agent"}
    status, error = room.editor.refused("patch", f"/api/cards/{card['id']}/", {"version": 1, "assignee": str(charlie.id)})
    assert (status, "assignee" in error["fields"]) == (400, True)


def test_inactive_agent_cannot_be_assigned(room: Room, robo: User) -> None:
    User.objects.filter(id=robo.id).update(is_active=False)
    card = room.card()
    assert room.editor.refused("patch", f"/api/cards/{card['id']}/", {"version": 1, "assignee": str(robo.id)})[0] == 400


def test_edit_changes_what_is_named_and_null_clears(room: Room) -> None:
    card = room.card(description="Old", labels=["x"], due="2026-01-01", assignee=str(room.editor_id), checklist=[{"text": "a"}])
    card = edit(room, card, title="New")
    assert (card["version"], card["title"], card["description"], card["labels"]) == (2, "New", "Old", ["x"])
    card = edit(room, card, description=None, labels=None, due=None, assignee=None, checklist=None)
    assert (card["version"], card["description"], card["html"], card["labels"], card["checklist"]) == (3, "", "", [], [])
    assert (card["due"], card["assignee"]) == (None, None)


def test_lists_replace_whole(room: Room) -> None:
    card = room.card(labels=["a", "b"], checklist=[{"text": "One"}, {"text": "Two"}])
    kept = card["checklist"][1]
    card = edit(room, card, labels=["c"], checklist=[{**kept, "done": True}])
    assert card["labels"] == ["c"]
    assert card["checklist"] == [{**kept, "done": True}]


def test_checklist_ids_are_unique(room: Room) -> None:
    card = room.card()
    twice = [{"id": str(uuid4()), "text": "a"}] * 2
    assert room.editor.refused("patch", f"/api/cards/{card['id']}/", {"version": 1, "checklist": twice})[0] == 400


def test_edit_that_changes_nothing_tells_nothing(room: Room) -> None:
    card = room.card(description="Same", labels=["x"], due="2026-01-01", assignee=str(room.editor_id), checklist=[{"text": "a"}])
    before = room.snapshot()
    same = {key: card[key] for key in ("title", "description", "labels", "due", "checklist")}
    assert edit(room, card, assignee=str(room.editor_id), **same) == card
    assert edit(room, card) == card
    assert room.snapshot() == before


def test_edit_needs_a_version(room: Room) -> None:
    card = room.card()
    status, error = room.editor.refused("patch", f"/api/cards/{card['id']}/", {"title": "x"})
    assert (status, "version" in error["fields"]) == (400, True)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("patch", "", {"version": 1, "title": "x"}),
        ("post", "move/", {"version": 1, "column": 1}),
        ("post", "archive/", {"version": 1}),
        ("delete", "?version=1", None),
        ("delete", "", {"version": 1}),
    ],
)
def test_stale_version_is_refused_with_the_current_card(room: Room, method: str, path: str, body: dict[str, Any] | None) -> None:
    card = edit(room, room.card(), title="Newer")
    if body and "column" in body:
        body = {**body, "column": room.columns[1]}
    status, error = room.editor.refused(method, f"/api/cards/{card['id']}/{path}", body)
    assert (status, error["code"]) == (409, "stale_version")
    assert error["data"]["card"] == card
    assert room.order() == ["Newer"]


def test_stale_restore_is_refused(room: Room) -> None:
    card = room.card()
    archived = room.editor.ok("post", f"/api/cards/{card['id']}/archive/", {"version": 1})["card"]
    status, error = room.editor.refused("post", f"/api/cards/{card['id']}/restore/", {"version": 1})
    assert (status, error["data"]["card"]) == (409, archived)
    assert room.editor.ok("post", f"/api/cards/{card['id']}/restore/", {"version": 2})["card"]["version"] == 3


def test_archived_card_is_read_only_until_restored(room: Room) -> None:
    card = room.card("Put away")
    comment = room.comment(card["id"])
    path = f"/api/cards/{card['id']}/"
    archived = room.editor.ok("post", f"{path}archive/")["card"]
    assert (archived["archived"], archived["version"]) == (True, 2)
    refusals = [
        room.editor.refused("patch", path, {"version": 2, "title": "x"}),
        room.editor.refused("patch", path, {"version": 1, "title": "x"}),
        room.editor.refused("post", f"{path}move/", {"column": room.columns[1]}),
        room.editor.refused("post", f"{path}comments/", {"content": "x"}),
        room.editor.refused("patch", f"/api/comments/{comment}/", {"content": "x"}),
        room.editor.refused("delete", f"/api/comments/{comment}/"),
    ]
    for status, error in refusals:
        assert (status, error["code"], error["data"]["card"]["archived"]) == (409, "conflict", True)
    assert room.order() == []
    assert room.editor.ok("get", path)["archived"] is True


def test_archiving_or_restoring_twice_tells_nothing(room: Room) -> None:
    card = room.card()
    path = f"/api/cards/{card['id']}/"
    assert room.editor.ok("post", f"{path}restore/")["card"] == card
    archived = room.editor.ok("post", f"{path}archive/")
    assert room.editor.ok("post", f"{path}archive/") == archived


def test_restore_brings_it_back_between_its_neighbours(room: Room) -> None:
    cards = [room.card(title) for title in ("One", "Two", "Three")]
    path = f"/api/cards/{cards[1]['id']}/"
    room.editor.ok("post", f"{path}archive/")
    assert room.order() == ["One", "Three"]
    card = room.editor.ok("post", f"{path}restore/")["card"]
    assert (card["archived"], card["version"], card["rank"]) == (False, 3, cards[1]["rank"])
    assert room.order() == ["One", "Two", "Three"]


def test_deleted_card_is_gone_with_its_comments(room: Room) -> None:
    card = room.card()
    comment = room.comment(card["id"])
    reply = room.editor.ok("delete", f"/api/cards/{card['id']}/?version=1")
    assert set(reply) == {"id", "seq"}
    assert reply["id"] == card["id"]
    assert room.editor.refused("get", f"/api/cards/{card['id']}/")[0] == 404
    assert room.editor.refused("delete", f"/api/cards/{card['id']}/")[0] == 404
    assert room.editor.refused("patch", f"/api/comments/{comment}/", {"content": "x"})[0] == 404


def test_archived_card_may_be_deleted(room: Room) -> None:
    card = room.card()
    room.editor.ok("post", f"/api/cards/{card['id']}/archive/")
    room.editor.ok("delete", f"/api/cards/{card['id']}/")
    assert room.events()[-1]["type"] == "card_deleted"


def test_activity_is_about_the_card_newest_first(room: Room) -> None:
    card = room.card("One")
    room.card("Other")
    edit(room, card, title="Two")
    room.comment(card["id"])
    room.editor.ok("post", f"/api/cards/{card['id']}/move/", {"column": room.columns[1]})
    path = f"/api/cards/{card['id']}/activity/"
    events = room.viewer.ok("get", path)["results"]
    assert [event["type"] for event in events] == ["card_moved", "comment_added", "card_edited", "card_created"]
    assert events == [event for event in reversed(room.events()) if card["id"] in str(event["data"])]
    page = room.viewer.ok("get", f"{path}?limit=3")
    assert len(page["results"]) == 3
    rest = room.viewer.ok("get", f"{path}?limit=3&cursor={page['next']}")
    assert ([event["type"] for event in rest["results"]], rest["next"]) == (["card_created"], None)


def test_markdown_is_rendered_before_the_transaction(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = []

    def render(source: str) -> str:
        assert not connection.in_atomic_block
        rendered.append(source)
        return f"<p>{source}</p>"

    monkeypatch.setattr(payloads, "render_markdown", render)
    card = edit(room, room.card(description="one"), description="two")
    comment = room.comment(card["id"], "three")
    room.editor.ok("patch", f"/api/comments/{comment}/", {"content": "four"})
    assert rendered == ["one", "two", "three", "four"]
