"""One or more scenarios per board event: each prepares a board and returns the act whose events the sync test folds."""

from collections.abc import Callable
from uuid import UUID

from boards.models import Card, Column
from boards.services.runs import report_run
from project.accounts.models import User
from project.realtime.change import Call, Change
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change
from tests.boards.conftest import Room

Act = Callable[[], object]

SCENARIOS: dict[str, Callable[[Room], Act]] = {}

RUN = {
    "id": "0198e000-0000-7000-8000-000000000001",
    "session": "0198e000-0000-7000-8000-000000000002",
    "agent": {"id": "0198e000-0000-7000-8000-000000000003", "username": "robo", "kind": "agent"},
    "status": "running",
    "progress": {"done": 1, "total": 3},
    "position": None,
    "open_requests": 0,
    "retry_at": None,
    "finished": None,
}


def scenario(name: str) -> Callable[[Callable[[Room], Act]], Callable[[Room], Act]]:
    """Keep a scenario under `name`."""

    def keep(prepare: Callable[[Room], Act]) -> Callable[[Room], Act]:
        SCENARIOS[name] = prepare
        return prepare

    return keep


def _three(room: Room) -> list[str]:
    return [room.card(f"Card {number}")["id"] for number in (1, 2, 3)]


def _show_run(room: Room, card_id: str, run: dict[str, object] | None, session_count: int) -> None:
    key = StreamKey.board(UUID(room.id))

    def work(ch: Change) -> None:
        report_run(ch=ch, card_id=UUID(card_id), run=run, session_count=session_count)

    run_change(Call(actor=User.objects.get(username="alice"), name="report"), [key], work)


@scenario("card_created adds a summary in its place")
def _created(room: Room) -> Act:
    _three(room)
    fields = {
        "description": "**Why**",
        "labels": ["a", "b"],
        "due": "2026-11-30",
        "checklist": [{"text": "One"}, {"text": "Two", "done": True}],
    }
    return lambda: room.card("New", before=None, after=None, assignee=str(room.editor_id), **fields)


@scenario("card_edited replaces the summary")
def _edited(room: Room) -> Act:
    card = room.card("Card 1")
    body = {
        "version": 1,
        "title": "Renamed",
        "description": "More",
        "assignee": str(room.editor_id),
        "labels": ["x"],
        "checklist": [{"text": "y"}],
    }
    return lambda: room.editor.ok("patch", f"/api/cards/{card['id']}/", body)


@scenario("card_moved changes column, rank and version")
def _moved(room: Room) -> Act:
    first, _, last = _three(room)
    other = room.card("Card 4", 1)

    def act() -> None:
        room.editor.ok("post", f"/api/cards/{last}/move/", {"column": room.columns[0], "before": first})
        room.editor.ok("post", f"/api/cards/{first}/move/", {"column": room.columns[1], "after": other["id"]})

    return act


@scenario("card_archived leaves the snapshot")
def _archived(room: Room) -> Act:
    first = _three(room)[0]
    return lambda: room.editor.ok("post", f"/api/cards/{first}/archive/")


@scenario("card_restored comes back at its rank")
def _restored(room: Room) -> Act:
    second = _three(room)[1]
    room.editor.ok("post", f"/api/cards/{second}/archive/")
    return lambda: room.editor.ok("post", f"/api/cards/{second}/restore/")


@scenario("card_restored goes behind the card that took its rank")
def _restored_to_taken_rank(room: Room) -> Act:
    first, second, third = _three(room)
    room.editor.ok("post", f"/api/cards/{second}/archive/")
    Card.objects.filter(id=first).update(rank=131_072)
    Card.objects.filter(id=third).update(rank=131_073)
    return lambda: room.editor.ok("post", f"/api/cards/{second}/restore/")


@scenario("card_deleted removes it")
def _deleted(room: Room) -> Act:
    first = _three(room)[0]
    return lambda: room.editor.ok("delete", f"/api/cards/{first}/")


@scenario("comment_added counts")
def _comment_added(room: Room) -> Act:
    card = room.card("Card 1")
    return lambda: room.editor.ok("post", f"/api/cards/{card['id']}/comments/", {"content": "Hello"})


@scenario("comment_edited counts nothing")
def _comment_edited(room: Room) -> Act:
    comment = room.comment(room.card("Card 1")["id"])
    return lambda: room.editor.ok("patch", f"/api/comments/{comment}/", {"content": "Changed"})


@scenario("comment_deleted counts down")
def _comment_deleted(room: Room) -> Act:
    comment = room.comment(room.card("Card 1")["id"])
    return lambda: room.editor.ok("delete", f"/api/comments/{comment}/")


@scenario("column_created appears by rank")
def _column_created(room: Room) -> Act:
    return lambda: room.editor.ok("post", f"{room.path}columns/", {"name": "Blocked", "after": room.columns[0], "wip_limit": 2})


@scenario("column_edited changes name and limit")
def _column_edited(room: Room) -> Act:
    return lambda: room.editor.ok("patch", f"/api/columns/{room.columns[0]}/", {"name": "Later", "wip_limit": 3})


@scenario("column_moved changes the order of columns and of their cards")
def _column_moved(room: Room) -> Act:
    _three(room)
    room.card("Card 4", 1)
    return lambda: room.editor.ok("post", f"/api/columns/{room.columns[1]}/move/", {"after": None})


@scenario("column_moved tells of every column that was renumbered")
def _columns_renumbered(room: Room) -> Act:
    for number, column in enumerate(room.columns):
        Column.objects.filter(id=column).update(rank=number)
    return lambda: room.editor.ok("post", f"/api/columns/{room.columns[3]}/move/", {"after": room.columns[0]})


@scenario("column_deleted appends its cards behind the last of moved_to")
def _column_deleted(room: Room) -> Act:
    second = _three(room)[1]
    room.card("Card 4", 1)
    room.editor.ok("post", f"/api/cards/{second}/archive/")
    return lambda: room.editor.ok("delete", f"/api/columns/{room.columns[0]}/?move_cards_to={room.columns[1]}")


@scenario("column_deleted into an empty column starts at one gap")
def _column_deleted_into_empty(room: Room) -> Act:
    _three(room)
    return lambda: room.editor.ok("delete", f"/api/columns/{room.columns[0]}/?move_cards_to={room.columns[1]}")


@scenario("column_deleted without cards")
def _empty_column_deleted(room: Room) -> Act:
    return lambda: room.editor.ok("delete", f"/api/columns/{room.columns[3]}/")


@scenario("ranks_renumbered sorts by rank and id, versions stay")
def _renumbered(room: Room) -> Act:
    cards = _three(room)
    for number, card in enumerate(cards):
        Card.objects.filter(id=card).update(rank=number)
    return lambda: room.editor.ok("post", f"/api/cards/{cards[2]}/move/", {"column": room.columns[0], "after": cards[0]})


@scenario("ranks_renumbered before a card comes from another column")
def _renumbered_for_another(room: Room) -> Act:
    cards = _three(room)
    Card.objects.filter(id__in=cards).update(rank=5)
    other = room.card("Card 4", 1)["id"]
    return lambda: room.editor.ok("post", f"/api/cards/{other}/move/", {"column": room.columns[0], "before": cards[1]})


@scenario("member_added, member_changed and member_removed")
def _members(room: Room) -> Act:
    charlie = room.stranger.ok("get", "/api/me/")["id"]

    def act() -> None:
        room.owner.ok("post", f"{room.path}members/", {"username": "charlie", "role": "viewer"})
        room.owner.ok("patch", f"{room.path}members/{charlie}/", {"role": "owner"})
        room.owner.ok("delete", f"{room.path}members/{room.editor_id}/")

    return act


@scenario("board_edited")
def _board_edited(room: Room) -> Act:
    return lambda: room.owner.ok("patch", room.path, {"name": "Relaunch", "description": "Again"})


@scenario("board_deleted keeps the picture")
def _board_deleted(room: Room) -> Act:
    room.card("Card 1")
    return lambda: room.owner.ok("delete", room.path)


@scenario("run_changed shows the run on its card")
def _run_changed(room: Room) -> Act:
    card = room.card("Card 1")["id"]
    return lambda: _show_run(room, card, {**RUN}, 1)


@scenario("run_changed with no run")
def _no_run(room: Room) -> Act:
    card = room.card("Card 1")["id"]
    _show_run(room, card, {**RUN}, 1)
    return lambda: _show_run(room, card, None, 0)
