"""Every handler of what a graph puts out, by itself: what it tells, and that it tells it once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from agents import emit
from agents.emit import REPORTING
from agents.handlers import EVENTS, HANDLERS
from agents.lease import claim_next
from agents.models import Request, Run
from agents.services.calls import CallFacts
from agents.services.fence import Attempt, load_attempt, write
from agents.services.outputs import OutputFacts
from agents.services.performance import ReportFacts
from agents.services.requests import RequestDraft
from agents.services.scope import Scope, Step
from agents.wire import UsageObject
from agents.workflows.plans import whole_request
from project.clock import db_now
from project.ids import new_id
from project.realtime.models import Event
from tests.agents.conftest import Room
from tests.agents.driving import OWNER
from tests.agents.reports import make_report

pytestmark = pytest.mark.django_db(transaction=True)

STEP = Step(id=new_id(), role="assistant")
CALL = CallFacts(new_id(), "call", "look", "Look", "read", {"where": "here"})
STARTED = emit.StepStarted(STEP, "Reading")
BEGUN = emit.MessageOpened(STEP, "m", "Hello")
USED = emit.ToolStarted(STEP, CALL)
ASKED = RequestDraft("q", Request.Kind.QUESTION, "Which?")
MEASURED = ReportFacts("r1", make_report(), 1, "# Moves", "<h1>Moves</h1>")
PLAN = emit.OutputMade(STEP, OutputFacts("plan", "plan", "Plan", "1. Look", ""))


@dataclass(frozen=True)
class Case:
    """What is put out before; the output, made from what that returned (the run's message first); the events it tells.

    `is_once` says that a repeat tells nothing; else its caller is who doesn't repeat it.
    """

    earlier: Sequence[Any]
    make: Callable[[list[Any]], Any]
    told: Sequence[str]
    is_once: bool = True


CASES: dict[type, Case] = {
    emit.StepStarted: Case([], lambda _: STARTED, ["agent_started"]),
    emit.TurnStarting: Case([STARTED], lambda _: emit.TurnStarting(STEP), []),
    emit.TurnCounted: Case([STARTED], lambda _: emit.TurnCounted(STEP, UsageObject(requests=1, input_tokens=3)), []),
    emit.MessageOpened: Case([STARTED], lambda _: BEGUN, ["message_added", "message_delta"], is_once=False),
    emit.MessageClosed: Case(
        [STARTED, BEGUN], lambda made: emit.MessageClosed(made[-1].id, "Hello", "<p>Hello</p>"), ["message_completed"]
    ),
    emit.ToolStarted: Case([STARTED], lambda _: USED, ["tool_executing"]),
    emit.ToolFinished: Case([STARTED, USED], lambda _: emit.ToolFinished(CALL.id, "completed", "Looked", "{}"), ["tool_completed"]),
    emit.PlanMade: Case([STARTED, PLAN], lambda _: emit.PlanMade(STEP, "plan", tuple(whole_request("Look"))), ["plan_made"]),
    emit.OutputMade: Case([STARTED], lambda _: PLAN, ["output_added"]),
    emit.ReportMade: Case([STARTED], lambda _: emit.ReportMade(STEP, MEASURED), ["output_added"]),
    emit.SummaryMade: Case([STARTED], lambda made: emit.SummaryMade(made[0], "They said hello."), []),
    emit.RequestMade: Case([STARTED], lambda _: emit.RequestMade(STEP, ASKED), ["request_opened"]),
    emit.Delayed: Case([STARTED], lambda _: emit.Delayed("busy", 1, 5, db_now() + timedelta(seconds=1)), ["run_delayed"], is_once=False),
    emit.StepFinished: Case([STARTED], lambda _: emit.StepFinished(STEP, "Read"), ["agent_completed"]),
}


@pytest.fixture
def attempt(room: Room) -> Attempt:
    room.say(room.session(), "Hello")
    claim = claim_next(OWNER)
    assert claim is not None
    return load_attempt(claim.run_id, claim.attempt)


def put_out(attempt: Attempt, item: Any) -> tuple[Any, list[str]]:
    """What the item's handler returns, and the events it tells in the session."""
    events = Event.objects.filter(stream_id=attempt.session_id).order_by("seq")
    before = events.count()

    def handle(scope: Scope) -> Any:
        return HANDLERS[type(item)](scope, item)

    made = write(attempt, handle, is_reporting=isinstance(item, REPORTING))
    return made, list(events.values_list("type", flat=True))[before:]


@pytest.mark.parametrize("kind", HANDLERS, ids=lambda kind: kind.__name__)
def test_handler_tells_its_events_and_repeats_none(attempt: Attempt, kind: type) -> None:
    case = CASES[kind]
    item = case.make([message_of(attempt), *(put_out(attempt, each)[0] for each in case.earlier)])
    assert put_out(attempt, item)[1] == case.told
    if case.is_once:
        assert put_out(attempt, item)[1] == []


def test_output_is_told_without_data_that_no_event_holds(attempt: Attempt) -> None:
    large = emit.OutputMade(STEP, OutputFacts("checks", "subtask", "Tests", "", "", {"played": ["x" * 500] * 300}))
    put_out(attempt, STARTED)
    output, told = put_out(attempt, large)
    shown = json.loads(Event.objects.get(type="output_added").text)["data"]["output"]
    assert (told, shown["data"], shown["truncated"], output.data) == (["output_added"], None, True, large.facts.data)


def message_of(attempt: Attempt) -> UUID:
    return Run.objects.get(id=attempt.run_id).message_id


@pytest.mark.parametrize(
    ("item", "told", "subject"),
    [
        (emit.Thought(STEP, "I look.", 0, is_final=True), "agent_thinking", None),
        (emit.MessageText(CALL.id, 3, "lo"), "message_delta", CALL.id),
    ],
    ids=["Thought", "MessageText"],
)
def test_streamed_output_becomes_its_event(attempt: Attempt, item: Any, told: str, subject: UUID | None) -> None:
    event, about = EVENTS[type(item)](attempt, item)
    assert (event.event_type, about) == (told, subject or attempt.run_id)


def test_every_output_has_its_case() -> None:
    assert set(CASES) == set(HANDLERS)
    assert {emit.Thought, emit.MessageText} == set(EVENTS)
