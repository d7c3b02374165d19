"""The reference fold: what a client makes of a board's snapshot and the events that follow it, written from PROTOCOL §3 alone."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

GAP = 65_536

State = dict[str, Any]


def fold(state: State | None, events: Iterable[dict[str, Any]]) -> State:
    """The snapshot's `state` after `events`; `state` None starts from nothing."""
    folded = deepcopy(state) if state else {"board": None, "columns": [], "cards": [], "members": []}
    for event in events:
        HANDLERS[event["type"]](folded, event["data"])
    return _sorted(folded)


def _sorted(state: State) -> State:
    state["columns"].sort(key=_rank)
    place = {column["id"]: index for index, column in enumerate(state["columns"])}
    state["cards"].sort(key=lambda card: (place[card["column"]], *_rank(card)))
    state["members"].sort(key=lambda member: member["user"]["id"])
    return state


def _rank(item: dict[str, Any]) -> tuple[int, str]:
    return item["rank"], item["id"]


def _put(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    _drop(rows, row["id"])
    rows.append(dict(row))


def _drop(rows: list[dict[str, Any]], row_id: str) -> None:
    rows[:] = [row for row in rows if row["id"] != row_id]


def _patch(state: State, card_id: str, **changes: Any) -> None:
    for card in state["cards"]:
        if card["id"] == card_id:
            card.update(changes)


def _column(state: State, column_id: str) -> list[dict[str, Any]]:
    return sorted((card for card in state["cards"] if card["column"] == column_id), key=_rank)


def summarise(card: dict[str, Any]) -> dict[str, Any]:
    """The summary of a full card."""
    summary = {key: value for key, value in card.items() if key not in {"description", "html", "checklist"}}
    summary["has_description"] = card["description"] != ""
    summary["checklist_done"] = sum(item["done"] for item in card["checklist"])
    summary["checklist_total"] = len(card["checklist"])
    return summary


def _card(state: State, data: dict[str, Any]) -> None:
    _put(state["cards"], summarise(data["card"]))


def _card_archived(state: State, data: dict[str, Any]) -> None:
    _drop(state["cards"], data["card"]["id"])


def _card_moved(state: State, data: dict[str, Any]) -> None:
    _patch(state, data["card"], column=data["column"], rank=data["rank"], version=data["version"])


def _card_deleted(state: State, data: dict[str, Any]) -> None:
    _drop(state["cards"], data["card"])


def _count(change: int) -> Callable[[State, dict[str, Any]], None]:
    def count(state: State, data: dict[str, Any]) -> None:
        for card in state["cards"]:
            if card["id"] == data["comment"]["card"]:
                card["comment_count"] += change

    return count


def _put_column(state: State, data: dict[str, Any]) -> None:
    _put(state["columns"], data["column"])


def _column_deleted(state: State, data: dict[str, Any]) -> None:
    standing = _column(state, data["moved_to"]) if data["moved_to"] else []
    last = standing[-1]["rank"] if standing else 0
    for number, card in enumerate(_column(state, data["column"]), start=1):
        card.update(column=data["moved_to"], rank=last + GAP * number, version=card["version"] + 1)
    _drop(state["columns"], data["column"])


def _ranks_renumbered(state: State, data: dict[str, Any]) -> None:
    for number, card in enumerate(_column(state, data["column"]), start=1):
        card["rank"] = GAP * number


def _run_changed(state: State, data: dict[str, Any]) -> None:
    _patch(state, data["card"], run=data["run"], session_count=data["session_count"])


def _member_removed(state: State, data: dict[str, Any]) -> None:
    user = data["member"]["user"]["id"]
    state["members"] = [member for member in state["members"] if member["user"]["id"] != user]


def _put_member(state: State, data: dict[str, Any]) -> None:
    _member_removed(state, data)
    state["members"].append(data["member"])


def _board_edited(state: State, data: dict[str, Any]) -> None:
    state["board"] = data["board"]


def _nothing(state: State, data: dict[str, Any]) -> None:
    del state, data


HANDLERS: dict[str, Callable[[State, dict[str, Any]], None]] = {
    "card_created": _card,
    "card_edited": _card,
    "card_restored": _card,
    "card_archived": _card_archived,
    "card_moved": _card_moved,
    "card_deleted": _card_deleted,
    "comment_added": _count(1),
    "comment_edited": _nothing,
    "comment_deleted": _count(-1),
    "column_created": _put_column,
    "column_edited": _put_column,
    "column_moved": _put_column,
    "column_deleted": _column_deleted,
    "ranks_renumbered": _ranks_renumbered,
    "run_changed": _run_changed,
    "member_added": _put_member,
    "member_changed": _put_member,
    "member_removed": _member_removed,
    "board_edited": _board_edited,
    "board_deleted": _nothing,
}
