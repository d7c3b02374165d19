"""The validator finds every seeded fault in logs and foreign streams, and nothing in good ones."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.contract.fields import BESIDE, FIVE, REQUIRED
from agents.contract.validator import MOST_FAULTS, EventReport, Expected, validate_events, validate_lines
from project.realtime.events import event_types
from tests.stranger.contract import broken_promises
from tests.stranger.test_contract import FAULTS as STRANGERS_FAULTS

Event = dict[str, Any]
Spoil = Callable[[list[Event]], list[Event]]
Spread = Literal["seq_gap", "seq_back"]

LOG: list[Event] = json.loads((Path(__file__).parent.parent / "fixtures" / "session_log.json").read_text(encoding="utf-8"))["events"]
WHOLE = Expected(after=0)


def judge(events: list[Event]) -> EventReport:
    return validate_events(events, WHOLE)


def rules(report: EventReport) -> set[str]:
    return {fault.rule for fault in report.faults}


def numbered(events: list[Event]) -> list[Event]:
    """The events as a log would have them: dense numbers, ids of their own, times that don't run back."""
    fresh = []
    for seq, event in enumerate(events, start=1):
        changed = {**event, "seq": seq, "id": f"00000000-0000-7000-8000-{seq:012d}", "timestamp": 1_000.0 + seq}
        if event["type"] in FIVE and "timestamp" in event["data"]:
            changed["data"] = {**event["data"], "timestamp": changed["timestamp"]}
        fresh.append(changed)
    return fresh


def place(event_type: str, number: int = 0) -> int:
    """Where the event of this type stands that is `number` in line; of a message_added, one that is still to be written."""
    of_type = [index for index, event in enumerate(LOG) if event["type"] == event_type]
    return [index for index in of_type if event_type != "message_added" or not LOG[index]["data"]["message"]["complete"]][number]


def without(event_type: str, number: int = 0) -> Spoil:
    at = place(event_type, number)
    return lambda events: numbered([*events[:at], *events[at + 1 :]])


def twice(event_type: str, number: int = 0) -> Spoil:
    at = place(event_type, number)
    return lambda events: numbered([*events[: at + 1], deepcopy(events[at]), *events[at + 1 :]])


def moved(event_type: str, to: int, number: int = 0) -> Spoil:
    """The event at another place of the log, -1 for its end."""
    at = place(event_type, number)

    def spoil(events: list[Event]) -> list[Event]:
        rest = [*events[:at], *events[at + 1 :]]
        rest.insert(to if to >= 0 else len(rest), events[at])
        return numbered(rest)

    return spoil


def again(event_type: str, to: int) -> Spoil:
    """The event a second time, later."""
    return lambda events: numbered([*events[:to], events[place(event_type)], *events[to:]])


def changed(event_type: str, change: Callable[[Event], object], number: int = 0) -> Spoil:
    at = place(event_type, number)

    def spoil(events: list[Event]) -> list[Event]:
        event = deepcopy(events[at])
        change(event)
        return [*events[:at], event, *events[at + 1 :]]

    return spoil


def put(path: str, value: object) -> Callable[[Event], object]:
    def change(event: Event) -> None:
        *way, last = path.split(".")
        for name in way:
            event = event[name]
        event[last] = value

    return change


def drop(path: str) -> Callable[[Event], object]:
    def change(event: Event) -> None:
        *way, last = path.split(".")
        for name in way:
            event = event[name]
        del event[last]

    return change


def _move_time(event: Event, seconds: float) -> None:
    event["timestamp"] += seconds
    event["data"]["timestamp"] = event["timestamp"]


def _need_each_other(event: Event) -> None:
    first, *rest = event["data"]["subtasks"]
    event["data"]["subtasks"] = [*rest, {**first, "needs": [rest[0]["id"]]}]


def _need_nobody(event: Event) -> None:
    event["data"]["subtasks"][0]["needs"] = ["x"]


def _repeat_subtask(event: Event) -> None:
    event["data"]["subtasks"].append(event["data"]["subtasks"][0])


OTHER = "019a9d6e-0000-7000-8000-00000000ffff"

FAULTS: Mapping[str, tuple[Spoil, str]] = {
    # missing
    "an event is lost": (lambda events: [*events[:40], *events[41:]], "seq_gap"),
    "the first event is lost": (lambda events: events[1:], "seq_gap"),
    "session never started": (without("session_started"), "session_not_started"),
    "run never queued": (without("run_queued"), "run_not_queued"),
    "run never started": (without("run_started"), "run_not_started"),
    "run never ended, and the next one starts": (without("run_completed"), "run_overlaps"),
    "step never started": (without("agent_started"), "step_not_started"),
    "step never completed": (without("agent_completed"), "step_not_completed"),
    "call never announced": (without("tool_executing"), "call_not_started"),
    "call never completed": (without("tool_completed"), "call_not_completed"),
    "a thought is lost": (without("agent_thinking"), "thought_missing"),
    "a piece of text is lost": (without("message_delta"), "delta_missing"),
    "message never added": (without("message_added"), "message_not_added"),
    "message never completed": (without("message_completed"), "message_not_completed"),
    "request never opened": (without("request_opened"), "request_not_opened"),
    "request never answered": (without("request_answered"), "request_not_closed"),
    "plan never told": (without("plan_made"), "no_plan"),
    "plan never stored": (without("output_added"), "plan_not_stored"),
    # out of order
    "two events change places": (lambda events: [*events[:40], events[41], events[40], *events[42:]], "seq_back"),
    "time runs back": (changed("agent_completed", lambda event: _move_time(event, -3600)), "time_back"),
    "step starts after its thoughts": (moved("agent_started", place("agent_thinking", 1)), "before_step_started"),
    "step ends before its thoughts": (moved("agent_completed", place("agent_thinking", 0)), "after_step_completed"),
    "call ends before it begins": (moved("tool_completed", place("tool_executing")), "before_tool_executing"),
    "run ends before its last step": (moved("agent_completed", place("run_completed") + 1, 3), "after_run_end"),
    "run starts after its first step": (moved("run_started", place("plan_made")), "before_run_started"),
    "run is queued after it started": (moved("run_queued", place("plan_made")), "before_run_queued"),
    "text after the message is complete": (moved("message_delta", -1), "delta_after_completion"),
    "message is added after its text": (moved("message_added", place("message_delta", 2)), "before_message_added"),
    "request is answered before it is asked": (moved("request_answered", place("request_opened")), "before_request_opened"),
    "subtask before what it needs": (changed("plan_made", _need_each_other), "subtask_too_early"),
    "old attempt after a new one": (changed("agent_completed", put("data.attempt", 0), 3), "old_attempt"),
    "session starts late": (moved("session_started", 4), "session_started_late"),
    # doubled
    "an event comes again": (lambda events: [*events[:41], events[40], *events[41:]], "event_repeated"),
    "a number comes again": (changed("tool_completed", put("seq", 5)), "seq_repeated"),
    "an id comes again": (changed("tool_completed", put("id", LOG[3]["id"])), "id_repeated"),
    "session started twice": (twice("session_started"), "session_started_twice"),
    "run queued again while it works": (again("run_queued", place("agent_started") + 1), "queued_after_start"),
    "run started twice": (twice("run_started"), "run_started_twice"),
    "run ended twice": (twice("run_completed"), "run_ended_twice"),
    "step started twice": (twice("agent_started"), "step_started_twice"),
    "step completed twice": (twice("agent_completed"), "step_completed_twice"),
    "call begun twice": (twice("tool_executing"), "call_started_twice"),
    "call completed twice": (twice("tool_completed"), "call_completed_twice"),
    "thought twice": (twice("agent_thinking"), "thought_repeated"),
    "text twice": (twice("message_delta"), "delta_overlaps"),
    "message added twice": (twice("message_added"), "message_added_twice"),
    "message completed twice": (twice("message_completed"), "message_completed_twice"),
    "request opened twice": (twice("request_opened"), "request_opened_twice"),
    "request answered twice": (twice("request_answered"), "request_closed_twice"),
    "output added twice": (twice("output_added"), "output_added_twice"),
    # malformed
    "not JSON objects": (lambda events: [*events, "agent_started"], "not_an_event"),  # type: ignore[list-item]  # wrong on purpose
    "no type": (changed("agent_started", drop("type")), "not_an_event"),
    "no data": (changed("agent_started", drop("data")), "not_an_event"),
    "no id": (changed("run_queued", drop("id")), "missing_field"),
    "no hint": (changed("run_queued", drop("ui_hint")), "missing_field"),
    "number in words": (changed("run_queued", put("seq", "three")), "wrong_field"),
    "unknown type": (changed("output_added", put("type", "output_made")), "unknown_type"),
    "another time inside": (changed("agent_started", put("data.timestamp", 1.5)), "other_timestamp"),
    "run of another state": (changed("run_completed", put("data.run.status", "running")), "run_status"),
    "request of another state": (changed("request_answered", put("data.request.status", "open")), "request_status"),
    "text that isn't its pieces": (changed("message_completed", put("data.message.content", "Something else"), 1), "other_text"),
    "call of another tool": (changed("tool_completed", put("data.tool_name", "another")), "other_tool"),
    "subtask that isn't planned": (changed("agent_started", put("data.subtask", "nowhere"), 1), "unknown_subtask"),
    "plan with a subtask twice": (changed("plan_made", _repeat_subtask), "subtask_twice"),
    "plan that needs nothing there": (changed("plan_made", _need_nobody), "unknown_need"),
    # of others
    "event of another stream": (changed("agent_thinking", put("stream", f"session:{OTHER}")), "other_stream"),
    "step of another run": (changed("agent_completed", put("data.run", OTHER), 6), "step_of_other_run"),
    "step of another agent": (changed("agent_completed", put("data.agent_id", OTHER)), "step_of_other_agent"),
    **{
        f"{event_type} without {field}": (changed(event_type, drop(f"data.{field}")), "missing_field")
        for event_type, fields in REQUIRED.items()
        for field in fields
    },
    **{
        f"{event_type} with null for {field}": (changed(event_type, put(f"data.{field}", None)), "wrong_field")
        for event_type, fields in REQUIRED.items()
        for field in fields
        if (event_type, field) != ("tool_completed", "result")
    },
}


def test_good_log_has_no_fault() -> None:
    report = judge(LOG)
    assert (report.faults, report.ok, report.lacking, report.is_whole) == ([], True, [], True)
    assert (report.first_seq, report.last_seq, report.events) == (1, len(LOG), len(LOG))
    assert judge(numbered(LOG)).ok


@pytest.mark.parametrize("fault", FAULTS)
def test_seeded_fault_is_found(fault: str) -> None:
    spoil, rule = FAULTS[fault]
    report = judge(spoil(deepcopy(LOG)))
    assert not report.ok
    assert rule in rules(report), report.faults


@pytest.mark.parametrize("fault", STRANGERS_FAULTS)
def test_finds_what_a_second_judge_finds(fault: str) -> None:
    """The stranger's judge is written from the protocol alone."""
    assert broken_promises(LOG) == []
    spoilt = STRANGERS_FAULTS[fault](deepcopy(LOG))
    assert broken_promises(spoilt)
    assert not validate_events(spoilt, Expected(after=0, is_over=True)).ok


def test_many_kinds_of_fault_are_seeded() -> None:
    assert len({rule for _, rule in FAULTS.values()}) >= 50
    kinds = {fault.kind for spoil, _ in FAULTS.values() for fault in judge(spoil(deepcopy(LOG))).faults}
    assert kinds == {"missing", "out_of_order", "duplicate", "malformed", "foreign"}


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(LOG) - 2))
def test_any_lost_event_is_missed_and_named(at: int) -> None:
    [fault] = [fault for fault in judge([*LOG[:at], *LOG[at + 1 :]]).faults if fault.rule == "seq_gap"]
    assert f"seq {at + 1} is missing" in fault.message


def test_gap_says_from_where_to_where() -> None:
    [fault] = [fault for fault in judge([*LOG[:40], LOG[42], *LOG[44:]]).faults if fault.rule == "seq_gap" and fault.seq == 45]
    assert "seq 44 is missing" in fault.message
    [fault] = [fault for fault in judge([*LOG[:40], *LOG[44:]]).faults if fault.rule == "seq_gap"]
    assert "seq 41 to 44 are missing" in fault.message


@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, len(LOG) - 1), second=st.integers(0, len(LOG) - 1))
def test_any_two_events_that_change_places_are_found(first: int, second: int) -> None:
    events = [*LOG]
    events[first], events[second] = events[second], events[first]
    assert judge(events).ok == (first == second)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(LOG) - 1), again=st.integers(0, len(LOG)))
def test_any_event_that_comes_again_is_found(at: int, again: int) -> None:
    events = [*LOG]
    events.insert(again, LOG[at])
    assert any(fault.kind in ("duplicate", "out_of_order") for fault in judge(events).faults)


@settings(max_examples=30, deadline=None)
@given(end=st.integers(1, len(LOG)))
def test_log_that_is_still_being_written_has_no_fault(end: int) -> None:
    report = judge(LOG[:end])
    assert report.faults == []
    assert (report.open.runs > 0) == (report.figures.counts.get("run_queued", 0) > len([r for r in report.figures.runs if r.ended]))


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, len(LOG) - 1))
def test_part_of_a_log_has_no_fault(start: int) -> None:
    report = validate_events(LOG[start:])
    assert report.faults == []
    assert report.is_whole == (start == 0)


def test_log_that_must_be_over_names_what_is_open() -> None:
    end = place("tool_executing") + 1
    report = validate_events(LOG[:end], Expected(after=0, is_over=True))
    assert {"run_not_ended", "step_not_completed", "call_not_completed"} <= rules(report)


def test_every_event_of_a_session_has_its_fields() -> None:
    assert set(BESIDE) == {name for name, each in event_types().items() if each.stream_kind == "session"}


def test_figures_count_and_measure() -> None:
    figures = judge(LOG).figures
    assert sum(figures.counts.values()) == len(LOG)
    assert [run.ended for run in figures.runs] == ["completed", "completed", "cancelled"]
    assert len(figures.steps) == figures.counts["agent_started"]
    assert sum(tool.calls for tool in figures.tools) == figures.counts["tool_completed"]
    assert figures.pauses is not None
    assert figures.pauses.p50 <= figures.pauses.p95 <= figures.pauses.max
    assert figures.delivery is None


def test_arrivals_give_the_delivery() -> None:
    received = [{**event, "received": event["timestamp"] + 0.02} for event in LOG]
    delivery = judge(received).figures.delivery
    assert delivery is not None
    assert (delivery.count, round(delivery.p50), round(delivery.max)) == (len(LOG), 20, 20)


def test_faults_are_bounded_and_counted() -> None:
    report = judge([{**event, "seq": 0} for event in LOG] * 3)
    assert len(report.faults) == MOST_FAULTS
    assert report.fault_count == sum(report.fault_kinds.values()) > MOST_FAULTS


# -- foreign streams: type and data alone, without steps, calls and runs -----------------------------------------------------

FOREIGN: list[Event] = [
    {"type": "agent_started", "data": {"agent_id": "a", "message": "On it", "timestamp": 1.0}},
    {"type": "agent_thinking", "data": {"agent_id": "a", "thought": "Hm.", "timestamp": 1.1}},
    {"type": "tool_executing", "data": {"tool_name": "search", "parameters": {"q": "x"}, "timestamp": 1.2}},
    {"type": "tool_completed", "data": {"tool_name": "search", "result": [1, 2], "timestamp": 1.4}},
    {"type": "agent_completed", "data": {"agent_id": "a", "result": "Two.", "timestamp": 1.5}},
]

FOREIGN_FAULTS: Mapping[str, tuple[Spoil, str]] = {
    "never started": (lambda events: events[1:], "step_not_started"),
    "never completed": (lambda events: events[:4], "step_not_completed"),
    "started twice": (lambda events: [events[0], *events], "step_started_twice"),
    "completed twice": (lambda events: [*events, events[4]], "step_completed_twice"),
    "tool never announced": (lambda events: [*events[:2], *events[3:]], "call_not_started"),
    "tool never completed": (lambda events: [*events[:3], events[4]], "call_not_completed"),
    "tool ends before it begins": (lambda events: [*events[:2], events[3], events[2], events[4]], "before_tool_executing"),
    "tool after the end": (lambda events: [*events[:2], events[4], *events[2:4]], "no_agent_at_work"),
    "thought after the end": (lambda events: [events[0], *events[2:], events[1]], "after_step_completed"),
    "thought before the beginning": (lambda events: [events[1], events[0], *events[2:]], "before_step_started"),
    "time runs back": (lambda events: [*events[:2], {**events[2], "timestamp": 0.5}, *events[3:]], "time_back"),
    "no result": (lambda events: [*events[:4], {"type": "agent_completed", "data": {"agent_id": "a", "timestamp": 2.0}}], "missing_field"),
    "result that is no text": (
        lambda events: [*events[:4], {"type": "agent_completed", "data": {"agent_id": "a", "result": 2, "timestamp": 2.0}}],
        "wrong_field",
    ),
    "no number": (
        lambda events: [{"type": "agent_started", "data": {"agent_id": "a", "message": "On it", "timestamp": True}}, *events[1:]],
        "wrong_field",
    ),
}


def test_good_foreign_stream_has_no_fault() -> None:
    report = validate_events(FOREIGN)
    assert (report.faults, report.lacking) == ([], [])
    assert [(tool.tool_name, tool.calls) for tool in report.figures.tools] == [("search", 1)]
    again = [{**event, "data": {**event["data"], "timestamp": event["data"]["timestamp"] + 9}} for event in FOREIGN]
    assert validate_events([*FOREIGN, *again]).ok, "an agent may work again"


@pytest.mark.parametrize("fault", FOREIGN_FAULTS)
def test_fault_in_a_foreign_stream_is_found(fault: str) -> None:
    spoil, rule = FOREIGN_FAULTS[fault]
    assert rule in rules(validate_events(spoil(deepcopy(FOREIGN))))


def test_five_events_alone_may_have_gaps_in_their_numbers() -> None:
    assert validate_events([event for event in LOG if event["type"] in FIVE]).ok


def test_event_that_never_came_is_named() -> None:
    assert validate_events([FOREIGN[0], FOREIGN[4]]).lacking == ["agent_thinking", "tool_executing", "tool_completed"]


def test_lines_are_read_as_recordings_write_them() -> None:
    lines = [
        '< {"type": "hello", "data": {}}',
        "",
        ": heartbeat",
        "id: x.1",
        f"data: {json.dumps(FOREIGN[0])}",
        f"< {json.dumps({'type': 'events', 'events': FOREIGN[1:]})}",
        "{not JSON",
        "[1]",
    ]
    report = validate_lines(lines)
    assert (report.events, report.skipped) == (5, 1)
    assert [(fault.line, fault.rule) for fault in report.faults] == [(7, "not_json"), (8, "not_an_event")]


def test_values_that_cannot_be_shown_or_kept_are_faults() -> None:
    lines = [
        '{"type": "agent_\\ud800", "data": {}}',
        json.dumps({"type": "x" * 1_000, "data": {}}),
        json.dumps({"type": "agent_started", "data": {"agent_id": "a" * 1_000, "message": "", "timestamp": 10**400}}),
        json.dumps({"type": "message_added", "data": {"message": {"id": "m", "content": "", "complete": False}}}),
        json.dumps({"type": "message_delta", "data": {"message": "m", "offset": 10**15, "text": "far"}}),
        "[" * 100_000,
    ]
    report = validate_lines(lines)
    assert {1, 2, 3, 5, 6} <= {fault.line for fault in report.faults}
    assert len(report.model_dump_json().encode()) < 10_000


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.sampled_from(sorted(BESIDE)),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "data", "seq", "run", "id", "events", "message"]), inner),
    ),
    st.sampled_from(sorted(BESIDE)),
)
def test_nothing_that_is_JSON_breaks_the_validator(value: Any, event_type: str) -> None:  # noqa: N802 - it is called that
    spoiled = [{**event, "data": dict.fromkeys(event["data"], value)} for event in LOG if event["type"] == event_type]
    validate_events([value, *spoiled, {"type": event_type, "data": value}, {"type": event_type, "seq": value, "data": {"run": value}}])
