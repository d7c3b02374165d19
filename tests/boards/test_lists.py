import base64
import json
from unittest.mock import Mock
from urllib.parse import quote

import pytest
from django.db import OperationalError

from project.accounts.models import User
from tests.boards.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled(room: Room, robo: User) -> Room:
    room.card("Write docs", labels=["docs", "v1"], due="2026-01-10", assignee=str(room.editor_id))
    room.card("Fix login", description="Ärger with 100% of tokens", labels=["bug"], due="2026-01-20", assignee=str(robo.id))
    room.card("Ship it", 1, labels=["v1"])
    old = room.card("Old docs", labels=["docs"])["id"]
    room.editor.ok("post", f"/api/cards/{old}/archive/")
    return room


def titles(room: Room, query: str = "") -> list[str]:
    return [card["title"] for card in room.viewer.ok("get", f"{room.path}cards/{query}")["results"]]


FILTERS: tuple[tuple[str, list[str]], ...] = (
    ("", ["Write docs", "Fix login", "Ship it"]),
    ("?archived=false", ["Write docs", "Fix login", "Ship it"]),
    ("?archived=true", ["Old docs"]),
    ("?label=docs", ["Write docs"]),
    ("?label=doc", []),
    ("?label=docs&archived=true", ["Old docs"]),
    ("?due_before=2026-01-20", ["Write docs"]),
    ("?due_before=2026-01-21", ["Write docs", "Fix login"]),
    ("?q=DOCS", ["Write docs"]),
    ("?q=ärger", ["Fix login"]),
    ("?q=ÄRGER", ["Fix login"]),
    ("?q=A\u0308rger", ["Fix login"]),
    ("?q=100%25", ["Fix login"]),
    ("?q=1_0", []),
    ("?q=i&label=v1", ["Write docs", "Ship it"]),
)


def test_filters(filled: Room) -> None:
    for query, expected in FILTERS:
        assert titles(filled, query) == expected, query


def test_filters_by_column_and_assignee(filled: Room, robo: User) -> None:
    assert titles(filled, f"?column={filled.columns[1]}") == ["Ship it"]
    assert titles(filled, f"?assignee={robo.id}") == ["Fix login"]
    assert titles(filled, f"?assignee={filled.editor_id}&column={filled.columns[1]}") == []


def test_cards_come_by_column_and_rank_through_every_page_size(filled: Room) -> None:
    filled.editor.ok("post", f"/api/columns/{filled.columns[1]}/move/", {"after": None})
    filled.card("First", after=None)
    expected = ["Ship it", "First", "Write docs", "Fix login"]
    for size in (1, 2, 3, 4, 200):
        seen, cursor = [], ""
        while True:
            page = filled.viewer.ok("get", f"{filled.path}cards/?limit={size}{cursor}")
            seen += [card["title"] for card in page["results"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert seen == expected


BAD_QUERIES = (
    *("?limit=0", "?limit=201", "?limit=x", "?limit=1&limit=2", "?page=2", "?archived=maybe", "?due_before=soon", "?column=1"),
    *("?cursor=%00", "?cursor=nonsense", "?q=%00", f"?q={'q' * 301}", "?assignee=bob", "?due_before=0"),
)


def test_bad_parameters_are_refused(room: Room) -> None:
    for query in BAD_QUERIES:
        status, error = room.viewer.refused("get", f"{room.path}cards/{query}")
        assert (status, error["code"]) == (400, "invalid"), query


@pytest.mark.parametrize(
    "values", [["x", "y", "z", "w"], [None] * 4, [1, -2, 3, -4], [1], "text", [1, "no-uuid", 1, "no-uuid"], [[], {}, 1, 1]]
)
def test_forged_cursors_are_refused(room: Room, values: object) -> None:
    room.card()
    cursor = quote(base64.urlsafe_b64encode(json.dumps(values).encode()).decode())
    assert room.viewer.refused("get", f"{room.path}cards/?cursor={cursor}")[0] == 400


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_forged_times_outside_the_calendar_are_no_defect(room: Room, moment: str) -> None:
    """SQLite can't compare them and refuses; PostgreSQL can, and finds everybody or nobody after them."""
    cursor = quote(base64.urlsafe_b64encode(json.dumps([moment, 1]).encode()).decode())
    assert room.viewer.call("get", f"{room.path}members/?cursor={cursor}").status_code in {200, 400}


def test_read_without_its_database_says_when_to_come_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boards.selectors.read_head", Mock(side_effect=OperationalError("the connection is closed")))
    response = room.viewer.call("get", f"{room.path}snapshot/")
    assert (response.status_code, response.json()["error"]["code"], response["Retry-After"]) == (503, "unavailable", "1")


def test_unknown_parameters_are_refused_on_every_read(room: Room) -> None:
    for path in ("", "snapshot/", "events/", "members/", "cards/"):
        status, error = room.viewer.refused("get", f"{room.path}{path}?nonsense=1")
        assert (status, list(error["fields"])) == (400, ["nonsense"]), path


def test_unknown_parameters_are_refused_on_writes(room: Room) -> None:
    assert room.editor.refused("post", f"{room.path}cards/?x=1", {"column": room.columns[0], "title": "x"})[0] == 400
    assert room.order() == []
