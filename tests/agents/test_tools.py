"""Every tool on a real board: what it returns, whose rights count, and that a repeated call has one effect."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from agents.tools.base import ToolContext, ToolResult
from agents.tools.lookup import OnBoard
from agents.tools.registry import get_tools
from boards.commands import ADD_MEMBER, COMMENT_CARD, CREATE_BOARD, CREATE_CARD, CREATE_COLUMN, EDIT_COLUMN, MOVE_CARD
from boards.models import Card, Column, Comment
from boards.payloads import AddMember, ChecklistItem, CommentCard, CreateBoard, CreateCard, CreateColumn, EditColumn, MoveCard
from project.accounts.models import User
from project.clock import db_now
from project.errors import AppError, Conflict, Forbidden, Invalid, NotFound, WipLimit
from project.gate import validate
from project.ids import new_id
from project.realtime.commands import perform
from project.realtime.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

PRICES = (
    "Sample data.\n\n| Month | Apple | Tesla |\n|---|---|---|\n| 2026-05 | 100 | 200 |\n| 2026-06 | 110 | 260 |\n| 2026-07 | 99 | 195 |"
)
READS = {"board_overview", "search_cards", "read_card", "board_activity", "read_table"}
BOARDLESS = {"date_arithmetic", "calculator", "search_sessions"}
WRITES = {"create_card", "comment_card", "move_card", "edit_checklist"}


class Desk:
    """The board Launch and an agent's calls on it."""

    def __init__(self, owner: User, robo: User) -> None:
        self.owner, self.robo = owner, robo
        self.board_id = UUID(perform(CREATE_BOARD, actor=owner, payload=CreateBoard(name="Launch"))["board"]["id"])
        self.columns = {column.name: column for column in Column.objects.filter(board_id=self.board_id)}
        self.today = db_now().date()

    def card(self, title: str, column: str = "To do", **fields: Any) -> Card:
        payload = CreateCard(column=self.columns[column].id, title=title, **fields)
        reply = perform(CREATE_CARD, actor=self.owner, payload=payload, scope=self.board_id)
        return Card.objects.get(id=reply["card"]["id"])

    def call(
        self, name: str, *, principal: User | None = None, card: Card | None = None, call_id: UUID | None = None, **arguments: Any
    ) -> tuple[dict[str, Any], str]:
        """The tool's data and its line for people."""
        context = ToolContext(self.robo, principal or self.owner, self.board_id, card.id if card else None, None, call_id or uuid4())
        return self.run(name, context, arguments)

    @staticmethod
    def run(name: str, context: ToolContext, arguments: dict[str, Any]) -> tuple[dict[str, Any], str]:
        tool = get_tools()[name]
        result: ToolResult = tool.run(context, validate(tool.arguments, arguments))
        return json.loads(result.result), result.summary

    def head(self) -> int:
        return Event.objects.filter(stream_id=self.board_id).count()


@pytest.fixture
def desk(alice: User, robo: User) -> Desk:
    return Desk(alice, robo)


def numbers(data: dict[str, Any]) -> list[int]:
    return [card["number"] for card in data["cards"]]


# --- the table -----------------------------------------------------------------------------------------------------------


def test_tools_have_the_classes_the_design_gives_them() -> None:
    classes = {name: tool.tool_class for name, tool in get_tools().items()}
    assert {name: classes[name] for name in READS | BOARDLESS} == dict.fromkeys(READS | BOARDLESS, "read")
    assert {name: classes[name] for name in WRITES} == dict.fromkeys(WRITES, "idempotent")
    assert (classes["delete_card"], classes["fetch_url"]) == ("unsafe", "unsafe")


def test_tools_are_picked_by_name_and_unknown_ones_refused() -> None:
    assert set(get_tools(["read_card", "move_card"])) == {"read_card", "move_card"}
    with pytest.raises(NotFound, match="no tool called rm"):
        get_tools(["read_card", "rm"])


def test_schemas_are_closed_objects() -> None:
    for tool in get_tools().values():
        assert tool.parameters["type"] == "object"
        assert tool.parameters["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("read_card", {"number": 0}), ("search_cards", {"nope": 1}), ("create_card", {"title": " "}), ("comment_card", {"content": " "})],
)
def test_arguments_that_do_not_fit_are_refused(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        validate(get_tools()[name].arguments, arguments)


# --- rights --------------------------------------------------------------------------------------------------------------

ARGUMENTS: dict[str, dict[str, Any]] = {
    "board_overview": {},
    "search_cards": {},
    "read_card": {"number": 1},
    "board_activity": {},
    "read_table": {},
    "create_card": {"title": "New"},
    "comment_card": {"number": 1, "content": "Hello"},
    "move_card": {"number": 1, "column": "Done"},
    "edit_checklist": {"number": 1, "add": ["One"]},
    "delete_card": {"number": 1},
}


def test_every_tool_about_a_board_is_in_the_rights_table() -> None:
    assert set(ARGUMENTS) == {name for name, tool in get_tools().items() if issubclass(tool.arguments, OnBoard)}


def refused(desk: Desk, error: type[AppError], names: Iterable[str], principal: User) -> None:
    """Each of these tools raises `error` for `principal` and tells nothing."""
    head = desk.head()
    for name in sorted(names):
        try:
            desk.call(name, principal=principal, **ARGUMENTS[name])
        except error:
            continue
        raise AssertionError(f"{name} was not refused")
    assert desk.head() == head


def test_a_stranger_finds_nothing(desk: Desk, charlie: User) -> None:
    desk.card("Prices", description=PRICES)
    refused(desk, NotFound, ARGUMENTS, charlie)


def test_a_viewer_may_read_but_not_write_through_an_agent(desk: Desk, bob: User) -> None:
    perform(ADD_MEMBER, actor=desk.owner, payload=AddMember(username="bob", role="viewer"), scope=desk.board_id)
    desk.card("Prices", description=PRICES)
    writes = {*WRITES, "delete_card"}
    refused(desk, Forbidden, writes, bob)
    for name in set(ARGUMENTS) - writes:
        assert desk.call(name, principal=bob, **ARGUMENTS[name])[1]


def test_without_a_board_tools_say_so(desk: Desk) -> None:
    context = ToolContext(desk.robo, desk.owner, None, None, None, uuid4())
    for name in sorted(ARGUMENTS):
        with pytest.raises(Invalid, match="belongs to no board"):
            desk.run(name, context, ARGUMENTS[name])


# --- reads ---------------------------------------------------------------------------------------------------------------


def test_overview_counts_what_is_on_the_board(desk: Desk, bob: User) -> None:
    perform(ADD_MEMBER, actor=desk.owner, payload=AddMember(username="bob", role="editor"), scope=desk.board_id)
    perform(EDIT_COLUMN, actor=desk.owner, payload=EditColumn(column=desk.columns["Review"].id, wip_limit=1))
    yesterday = desk.today - timedelta(days=1)
    desk.card("Late", due=yesterday, assignee=bob.id)
    desk.card("Reviewed", "Review", due=desk.today, assignee=bob.id)
    desk.card("Free")
    desk.card("Finished", "Done", due=yesterday)

    data, summary = desk.call("board_overview")

    assert (data["cards"], data["open_cards"], data["finished_column"]) == (4, 3, "Done")
    assert [(column["name"], column["cards"], column["is_full"]) for column in data["columns"]] == [
        ("To do", 2, False),
        ("In progress", 0, False),
        ("Review", 1, True),
        ("Done", 1, False),
    ]
    assert numbers(data["overdue"]) == [1]
    assert data["overdue"]["cards"][0]["days_overdue"] == 1
    assert numbers(data["due_soon"]) == [2]
    assert numbers(data["unassigned"]) == [3]
    assert data["assignees"] == [{"name": "bob", "cards": 2, "overdue": 1}]
    assert summary == "4 cards in 4 columns, 1 overdue"


def test_cards_say_how_long_they_have_been_in_their_column(desk: Desk) -> None:
    first, second = desk.card("First"), desk.card("Second")
    Card.objects.filter(id=first.id).update(column_since=db_now() - timedelta(days=3, hours=1))
    Card.objects.filter(id=second.id).update(column_since=db_now() - timedelta(days=9))
    data, _ = desk.call("search_cards", order="longest_in_column", is_open=True)
    assert [(card["number"], card["days_in_column"]) for card in data["cards"]] == [(2, 9), (1, 3)]
    perform(MOVE_CARD, actor=desk.owner, payload=MoveCard(card=second.id, column=desk.columns["Review"].id))
    data, _ = desk.call("search_cards", order="longest_in_column", is_open=True)
    assert [(card["number"], card["days_in_column"]) for card in data["cards"]] == [(1, 3), (2, 0)]


SEARCHES: list[tuple[dict[str, Any], list[int]]] = [
    ({"text": "BANNER"}, [1, 4]),
    ({"column": "review"}, [3]),
    ({"column": "todo"}, [1, 2]),
    ({"assignee": "Bob"}, [2]),
    ({"assignee": "me"}, [3]),
    ({"label": "urgent"}, [1]),
    ({"overdue": True}, [2]),
    ({"unassigned": True}, [1, 4]),
    ({"unassigned": True, "is_open": True}, [1]),
    ({"due_within_days": 0}, [3]),
    ({"text": "nowhere"}, []),
    ({"overdue": True, "assignee": "me"}, []),
]


def test_search_finds_what_fits_all_that_is_given(desk: Desk, bob: User) -> None:
    perform(ADD_MEMBER, actor=desk.owner, payload=AddMember(username="bob", role="editor"), scope=desk.board_id)
    yesterday = desk.today - timedelta(days=1)
    desk.card("Old banner", labels=["urgent"])
    desk.card("Copy", due=yesterday, assignee=bob.id)
    desk.card("Ship", "Review", due=desk.today, assignee=desk.owner.id)
    desk.card("Done", "Done", due=yesterday, description="the banner")
    for arguments, found in SEARCHES:
        data, summary = desk.call("search_cards", **arguments)
        assert (arguments, numbers(data)) == (arguments, found)
        assert data["count"] == len(found)
        assert summary == f"{len(found)} card{'' if len(found) == 1 else 's'}"


def test_search_gives_links_and_counts_beyond_its_limit(desk: Desk) -> None:
    for number in range(3):
        desk.card(f"Card {number}")
    data, _ = desk.call("search_cards", limit=2)
    assert data["count"] == 3
    assert [card["link"] for card in data["cards"]] == [f"/boards/{desk.board_id}/cards/{number}/" for number in (1, 2)]


def test_search_names_what_it_does_not_know(desk: Desk) -> None:
    with pytest.raises(NotFound, match="To do, In progress"):
        desk.call("search_cards", column="Nowhere")
    with pytest.raises(NotFound, match="Nobody called “nobody-here”"):
        desk.call("search_cards", assignee="nobody-here")


def test_a_card_is_read_whole_by_number_or_as_the_sessions_own(desk: Desk) -> None:
    card = desk.card("Ship", description="It is **time**", checklist=[ChecklistItem(text="Pack", done=True), ChecklistItem(text="Send")])
    perform(COMMENT_CARD, actor=desk.owner, payload=CommentCard(card=card.id, content="When?"))
    perform(MOVE_CARD, actor=desk.owner, payload=MoveCard(card=card.id, column=desk.columns["Review"].id))
    data, summary = desk.call("read_card", number=1)
    assert data == desk.call("read_card", card=card)[0]
    assert data["card"]["description"] == "It is **time**"
    assert data["card"]["checklist"] == [{"text": "Pack", "done": True}, {"text": "Send", "done": False}]
    assert [(comment["author"], comment["content"]) for comment in data["comments"]] == [("alice", "When?")]
    assert [(event["did"], event["how"], event["said"]) for event in data["history"]] == [
        ("moved", "from To do to Review", None),
        ("commented on", "", "When?"),
        ("created", "", None),
    ]
    assert summary == "#1 Ship, 1 comment"


def test_a_card_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no card #12"):
        desk.call("read_card", number=12)
    with pytest.raises(Invalid, match="Say which card"):
        desk.call("read_card")


def test_activity_is_told_from_the_log(desk: Desk) -> None:
    card, other = desk.card("Ship"), desk.card("Gone")
    perform(COMMENT_CARD, actor=desk.owner, payload=CommentCard(card=card.id, content="When?"))
    desk.call("delete_card", number=other.number)
    data, summary = desk.call("board_activity")
    assert data["counts"] == {"card_created": 2, "card_deleted": 1, "comment_added": 1}
    assert data["people"] == ["alice", "robo"]
    assert [(event["who"], event["did"]) for event in data["events"]] == [
        ("robo", "deleted"),
        ("alice", "commented on"),
        ("alice", "created"),
        ("alice", "created"),
    ]
    assert [event["card"] and event["card"]["number"] for event in data["events"]] == [None, 1, None, 1]
    assert summary.startswith("4 events since ")
    assert desk.call("board_activity", comments_only=True)[0]["count"] == 1


def test_activity_keeps_to_its_days(desk: Desk) -> None:
    card = desk.card("Ship")
    Event.objects.filter(subject=card.id).update(created=db_now() - timedelta(days=10))
    assert desk.call("board_activity", days=7)[0]["count"] == 0
    assert desk.call("board_activity", days=12)[0]["count"] == 1
    since, until = (desk.today - timedelta(days=11)).isoformat(), (desk.today - timedelta(days=9)).isoformat()
    assert desk.call("board_activity", since=since, until=until)[0]["count"] == 1
    with pytest.raises(Invalid, match="before the first"):
        desk.call("board_activity", since=until, until=since)


DATES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"start": "2026-11-21", "end": "2026-12-24"}, {"days": 33, "weekday": "Thursday"}),
    ({"start": "2026-01-31", "months": 1}, {"date": "2026-02-28", "weekday": "Saturday"}),
    ({"start": "2026-11-21", "weeks": -1, "days": 2}, {"date": "2026-11-16", "weekday": "Monday"}),
    ({"start": "2024-02-29", "months": 12}, {"date": "2025-02-28", "weekday": "Friday"}),
]


def test_dates_are_calculated(desk: Desk) -> None:
    for arguments, expected in DATES:
        data, _ = desk.call("date_arithmetic", **arguments)
        assert {name: data[name] for name in expected} == expected


def test_words_for_days_go_by_the_databases_clock(desk: Desk) -> None:
    assert desk.call("date_arithmetic", start="tomorrow")[0]["date"] == (desk.today + timedelta(days=1)).isoformat()


def test_days_that_are_none_are_refused(desk: Desk) -> None:
    wrong: list[dict[str, Any]] = [{"start": "soon"}, {"start": "2026-02-30"}, {"start": "9999-01-01", "months": 9999}]
    for arguments in wrong:
        with pytest.raises(Invalid):
            desk.call("date_arithmetic", **arguments)


def test_a_table_is_read_by_name_with_figures_worked_out_by_hand(desk: Desk) -> None:
    desk.card("No table")
    desk.card("Prices", description=PRICES)
    data, summary = desk.call("read_table", names=["tesla"])
    # 200 → 260 → 195: returns +30 % and −25 %, mean 2.5, deviations ±27.5, √(2 · 27.5²) = 38.8909; from the peak 195/260 − 1 = −25 %.
    assert data["card"]["number"] == 2
    assert data["is_sample"] is True
    assert data["series"] == [
        {
            "name": "Tesla",
            "count": 3,
            "first": {"at": "2026-05", "value": 200.0},
            "last": {"at": "2026-07", "value": 195.0},
            "change_percent": -2.5,
            "mean": 218.3333,
            "volatility_percent": 38.8909,
            "max_drawdown_percent": -25.0,
            "min": {"at": "2026-07", "value": 195.0},
            "max": {"at": "2026-06", "value": 260.0},
        }
    ]
    assert summary == "Tesla: 3 values, from #2"


def test_the_sessions_card_comes_first_for_tables(desk: Desk) -> None:
    desk.card("Prices", description=PRICES)
    own = desk.card("Own", description=PRICES.replace("200", "100"))
    assert desk.call("read_table", card=own)[0]["card"]["number"] == 2
    assert desk.call("read_table")[0]["card"]["number"] == 1
    assert [series["name"] for series in desk.call("read_table")[0]["series"]] == ["Apple", "Tesla"]


def test_a_missing_table_says_which_names_have_none(desk: Desk) -> None:
    desk.card("Prices", description=PRICES)
    with pytest.raises(NotFound, match="“Nokia”"):
        desk.call("read_table", names=["Apple", "Nokia"])


# --- writes --------------------------------------------------------------------------------------------------------------


def created(desk: Desk) -> int:
    return Card.objects.filter(board_id=desk.board_id, title="New").count()


def commented(desk: Desk) -> int:
    return Comment.objects.filter(card__board_id=desk.board_id).count()


def moved(desk: Desk) -> int:
    return Card.objects.filter(board_id=desk.board_id, column=desk.columns["Done"]).count()


def listed(desk: Desk) -> int:
    return len(Card.objects.get(board_id=desk.board_id, number=1).checklist)


@pytest.mark.parametrize(
    ("name", "count"), [("create_card", created), ("comment_card", commented), ("move_card", moved), ("edit_checklist", listed)]
)
def test_a_repeated_call_has_one_effect(desk: Desk, name: str, count: Callable[[Desk], int]) -> None:
    desk.card("Ship")
    call_id = new_id()
    first = desk.call(name, call_id=call_id, **ARGUMENTS[name])
    head = desk.head()
    again = desk.call(name, call_id=call_id, **ARGUMENTS[name])
    assert count(desk) == 1
    assert desk.head() == head
    assert again[1] == first[1]
    assert again[0] == first[0]


def test_writes_are_told_in_the_agents_name(desk: Desk) -> None:
    desk.card("Ship")
    for name in sorted(WRITES):
        desk.call(name, **ARGUMENTS[name])
    actors = Event.objects.filter(stream_id=desk.board_id).order_by("-seq").values_list("actor__username", flat=True)
    assert set(actors[:4]) == {"robo"}


def test_a_card_is_created_as_described(desk: Desk) -> None:
    arguments: dict[str, Any] = {
        "title": "New",
        "column": "review",
        "description": "Text",
        "assignee": "me",
        "labels": ["urgent"],
        "due": "2026-12-24",
    }
    data, summary = desk.call("create_card", **arguments)
    card = Card.objects.get(board_id=desk.board_id, number=data["card"]["number"])
    assert (card.title, card.column.name, card.description, card.labels) == ("New", "Review", "Text", ["urgent"])
    assert card.assignee == desk.owner
    assert str(card.due) == "2026-12-24"
    assert summary == "Created #1 New in Review"


def test_a_card_moves_to_the_top_or_the_bottom(desk: Desk) -> None:
    desk.card("There", "Review")
    desk.card("Below")
    desk.card("Above")
    desk.call("move_card", number=2, column="Review")
    data, _ = desk.call("move_card", number=3, column="review", place="top")
    order = Card.objects.filter(column=desk.columns["Review"]).order_by("rank").values_list("title", flat=True)
    assert list(order) == ["Above", "There", "Below"]
    assert (data["from_column"], data["card"]["column"]) == ("To do", "Review")


def test_a_full_column_refuses_agents_too(desk: Desk) -> None:
    perform(EDIT_COLUMN, actor=desk.owner, payload=EditColumn(column=desk.columns["Review"].id, wip_limit=1))
    desk.card("There", "Review")
    desk.card("Here")
    with pytest.raises(WipLimit):
        desk.call("move_card", number=2, column="Review")


def test_a_checklist_is_edited_by_the_text_of_its_items(desk: Desk) -> None:
    desk.card("Ship", checklist=[ChecklistItem(text="Pack"), ChecklistItem(text="Send", done=True), ChecklistItem(text="Wait")])
    data, summary = desk.call("edit_checklist", number=1, done=["pack"], open=["Send"], remove=["Wait"], add=["Rest"])
    assert data["checklist"] == [{"text": "Pack", "done": True}, {"text": "Send", "done": False}, {"text": "Rest", "done": False}]
    assert summary == "1 of 3 items done on #1"


def test_a_repeated_removal_is_done_already(desk: Desk) -> None:
    desk.card("Ship", checklist=[ChecklistItem(text="Pack")])
    call_id = new_id()
    assert desk.call("edit_checklist", call_id=call_id, number=1, remove=["Pack"])[0]["checklist"] == []
    assert desk.call("edit_checklist", call_id=call_id, number=1, remove=["Pack"])[0]["checklist"] == []


def test_an_item_that_is_not_there_is_named(desk: Desk) -> None:
    desk.card("Ship")
    with pytest.raises(NotFound, match="“Pack”"):
        desk.call("edit_checklist", number=1, done=["Pack"])


def test_an_edit_meanwhile_does_not_lose_the_checklist(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    card = desk.card("Ship")
    module = __import__("agents.tools.edit_checklist", fromlist=["perform_for"])
    real, calls = module.perform_for, []

    def interrupted(context: ToolContext, *rest: Any) -> Any:
        calls.append(context)
        if len(calls) == 1:
            Card.objects.filter(id=card.id).update(version=7)
        return real(context, *rest)

    monkeypatch.setattr(module, "perform_for", interrupted)
    assert desk.call("edit_checklist", number=1, add=["Pack"])[0]["checklist"] == [{"text": "Pack", "done": False}]
    assert len(calls) == 2


def test_a_deleted_card_is_gone(desk: Desk) -> None:
    desk.card("Ship")
    data, summary = desk.call("delete_card", number=1, title="Ship")
    assert data == {"number": 1, "title": "Ship", "column": "To do"}
    assert summary == "Deleted #1 Ship"
    assert not Card.objects.filter(board_id=desk.board_id).exists()


def test_a_card_that_is_called_otherwise_is_not_deleted(desk: Desk) -> None:
    desk.card("Ship")
    with pytest.raises(Conflict, match="called “Ship” now"):
        desk.call("delete_card", number=1, title="Old banner")
    assert Card.objects.filter(board_id=desk.board_id).exists()


def test_the_last_column_is_the_finished_one_only_beside_others(desk: Desk) -> None:
    board = UUID(perform(CREATE_BOARD, actor=desk.owner, payload=CreateBoard(name="One", columns=["Only"]))["board"]["id"])
    column = Column.objects.get(board_id=board)
    payload = CreateCard(column=column.id, title="Late", due=desk.today - timedelta(days=2))
    perform(CREATE_CARD, actor=desk.owner, payload=payload, scope=board)
    context = ToolContext(desk.robo, desk.owner, board, None, None, uuid4())
    assert desk.run("search_cards", context, {"overdue": True})[0]["count"] == 1
    perform(CREATE_COLUMN, actor=desk.owner, payload=CreateColumn(name="First", after=None), scope=board)
    assert desk.run("search_cards", context, {"overdue": True})[0]["count"] == 0


def test_cards_that_are_not_there_are_named_by_every_tool(desk: Desk) -> None:
    wrong: dict[str, Any] = {"number": 99}
    for name in sorted(name for name, given in ARGUMENTS.items() if "number" in given):
        with pytest.raises(NotFound, match="no card #99"):
            desk.call(name, **(ARGUMENTS[name] | wrong))
