"""fold(snapshot, events) = snapshot, for every event a board can tell; the cases are kept for the TypeScript store's test."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from project.realtime.events import event_types
from project.realtime.models import Event
from tests.boards.conftest import Room
from tests.boards.scenarios import SCENARIOS
from tests.fold import fold

pytestmark = pytest.mark.django_db(transaction=True)

FIXTURE = Path(__file__).parent.parent / "fixtures" / "board_events.json"
# Run the tests below with this set to write the fixture anew.
WRITE_FIXTURE = "WORKROOM_WRITE_FIXTURES"

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r'"20\d\d-\d\d-\d\dT[0-9:.]+Z"')
_SECONDS = re.compile(r'"timestamp": ?[0-9.]+')

Case = dict[str, Any]

# Scenarios that write nothing behind the log's back and leave the board open to the next.
PLAYED_IN_A_ROW = (
    "card_created adds a summary in its place",
    "card_edited replaces the summary",
    "card_moved changes column, rank and version",
    "card_restored comes back at its rank",
    "comment_deleted counts down",
    "column_created appears by rank",
    "column_moved changes the order of columns and of their cards",
    "run_changed shows the run on its card",
    "card_deleted removes it",
    "board_edited",
    "column_deleted appends its cards behind the last of moved_to",
)


def read_log(room: Room, after: int) -> list[dict[str, Any]]:
    """The events that followed `after`, from the table: a deleted board's log is not given to anybody."""
    texts = Event.objects.filter(stream_id=room.id, seq__gt=after).order_by("seq").values_list("text", flat=True)
    return [json.loads(text) for text in texts]


def play(room: Room, name: str) -> Case:
    """A scenario as a case: the snapshot's state before, the events, the state after."""
    act = SCENARIOS[name](room)
    before = room.snapshot()
    act()
    events = read_log(room, before["seq"])
    is_gone = events[-1]["type"] == "board_deleted"
    after = before if is_gone else room.snapshot()
    return {"name": name, "snapshot_state": before["state"], "events": events, "expected_state": after["state"]}


@pytest.mark.parametrize("name", SCENARIOS)
def test_fold_of_snapshot_and_events_is_the_next_snapshot(name: str, room: Room) -> None:
    case = play(room, name)
    assert case["events"]
    assert fold(case["snapshot_state"], case["events"]) == case["expected_state"]
    if os.environ.get(WRITE_FIXTURE):
        _keep(case)
    stored = {each["name"]: each for each in json.loads(FIXTURE.read_text())}
    assert in_shape([stored[name]]) == in_shape([case]), "the fixture of the store's test is not what the server tells"


def test_fold_of_all_events_from_nothing_is_the_snapshot(room: Room) -> None:
    for name in PLAYED_IN_A_ROW:
        SCENARIOS[name](room)()
    assert fold(None, room.events()) == room.snapshot()["state"]


def test_every_board_event_has_a_scenario() -> None:
    told = {name for name, event in event_types().items() if event.stream_kind == "board" and event.__module__ == "boards.events"}
    assert {event["type"] for case in json.loads(FIXTURE.read_text()) for event in case["events"]} == told


def renamed(cases: list[Case], ids: list[str]) -> str:
    """The cases as text, ids numbered by their place in `ids`, times all alike."""
    text = json.dumps(cases, sort_keys=True, ensure_ascii=False)
    names = {old: f"01900000-0000-7000-8000-{number:012x}" for number, old in enumerate(ids, start=1)}
    text = _UUID.sub(lambda match: names[match[0]], text)
    text = _TIME.sub('"2026-11-21T09:00:00Z"', text)
    return _SECONDS.sub('"timestamp": 1795251600.0', text) + "\n"


def in_shape(cases: list[Case]) -> str:
    """The cases with ids numbered as they appear, so that two runs compare equal."""
    return renamed(cases, list(dict.fromkeys(_UUID.findall(json.dumps(cases, sort_keys=True)))))


def sorted_ids(cases: list[Case]) -> list[str]:
    """The ids in their own order, which ties between ranks are broken by."""
    return sorted(set(_UUID.findall(json.dumps(cases))))


def _keep(case: Case) -> None:
    stored = {each["name"]: each for each in json.loads(FIXTURE.read_text())}
    stored[case["name"]] = json.loads(renamed([case], sorted_ids([case])))[0]
    lines = [json.dumps(stored[name], ensure_ascii=False) for name in SCENARIOS if name in stored]
    FIXTURE.write_text("[\n" + ",\n".join(lines) + "\n]\n")
