"""R40: a run asks for more where its budget is used up, goes over it by one answer of the model at most, and holds no worker meanwhile."""

import asyncio
import json
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents import drive as drive_module
from agents.drive import drive
from agents.lease import claim_next
from agents.llm.errors import ModelBusy
from agents.llm.port import Finish, TextDelta, Usage
from agents.models import Request, Run
from agents.services.budget import OverBudget
from agents.workflows import turn
from project.limits import limits
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import claim, eventually, run_until_idle, scripted
from tests.agents.test_resolve import check_contract
from tests.fold_session import EMPTY, comparable, fold

pytestmark = pytest.mark.django_db(transaction=True)


def spend(tokens: int, cost_usd: float | None = None) -> list[Any]:
    return [call("look"), Finish("tool_calls", Usage(tokens, 0, cost_usd))]


LIMITS: list[Any] = [
    ({"run_steps": 3}, [[call("look")]] * 9, "steps", "The run has used its 3 steps. Continue with another 3?", "steps_limit"),
    ({"run_tokens": 100}, [spend(60)] * 9, "tokens", "The run has used its 100 tokens. Continue with another 100?", "tokens_limit"),
    ({"run_active_s": 0}, ["never said"], "seconds", "The run has used its 0 minutes. Continue with another 0.0167?", "seconds_limit"),
]


async def start(room: Room, answers: Any, **more: Any) -> tuple[str, dict[str, Any], Any]:
    """A session, its run and the model, once the run stands still."""
    session = await sync_to_async(room.session)(**more)
    reply = await sync_to_async(room.say)(session, "Go on and on")
    with scripted(answers) as model:
        await run_until_idle()
    return session, reply["run"], model


async def go_on(answers: Any) -> Any:
    with scripted(answers) as model:
        await run_until_idle()
    return model


@pytest.mark.parametrize("case", LIMITS)
async def test_run_over_its_budget_asks_and_a_denial_ends_it(room: Room, bench: Workbench, settings: Any, case: Any) -> None:
    limits, answers, what, title, code = case
    settings.WORKROOM_LIMITS = limits
    session, run, model = await start(room, {"chat": answers})
    request = await sync_to_async(room.request)(session)
    assert (request["kind"], request["tool_name"], request["title"]) == ("approval", None, title)
    assert list(request["parameters"]) == [what]
    held = await sync_to_async(Run.objects.values_list("status", "lease_owner", "lease_until").get)(id=run["id"])
    assert held == ("waiting", "", None)
    assert await sync_to_async(claim_next)("somebody") is None
    assert len(model.asked) <= 3

    await sync_to_async(room.answer)(request, "deny", note="Enough.")
    await go_on({})
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"]) == ("failed", code)
    assert final["error"]["message"].endswith("Enough.")
    if model.asked:
        check_contract(await sync_to_async(room.events)(session))


async def test_approved_allowance_is_added_and_steps_before_are_not_repeated(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"run_steps": 2}
    session, run, first = await start(room, {"chat": [[call("look", "one")], [call("look", "two")]]})
    await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
    await sync_to_async(check_fold)(room, session)
    second = await go_on({"chat": [[call("look", "three")], [call("look", "four")]]})
    request = await sync_to_async(room.request)(session)
    assert request["title"] == "The run has used its 4 steps. Continue with another 2?"
    await sync_to_async(room.answer)(request, note="This is the last time.")
    third = await go_on({"chat": ["done"]})
    assert third.asked[0].messages[0].content.startswith("Note of alice on the budget: This is the last time.")
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["budget"]["steps"], final["usage"]["requests"]) == ("completed", 6, 5)
    assert [len(model.asked) for model in (first, second, third)] == [2, 2, 1]
    assert [text for _, text, _ in bench.calls] == ["one", "two", "three", "four"]
    await sync_to_async(check_fold)(room, session)
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    resumed = [event["data"] for event in events if event["type"] == "run_resumed"]
    assert [(each["reason"], each["run"]["budget"]["steps"]) for each in resumed] == [("answered", 4), ("answered", 6)]


def check_fold(room: Room, session: str) -> None:
    """The events so far tell all that the snapshot shows."""
    snapshot = room.snapshot(session)
    assert comparable(fold(EMPTY, room.events(session))) == comparable(snapshot["state"])


async def test_answer_that_broke_off_counts_as_a_step_and_at_the_price_so_far(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R40: cost includes tries that failed."""
    monkeypatch.setattr(turn, "_FIRST_PAUSE_S", 0.01)
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Go on"))["run"]
    await sync_to_async(Run.objects.filter(id=run["id"]).update)(budget={**run["budget"], "cost_usd": 1.0})
    with scripted({"chat": [spend(10, 0.4), [TextDelta("half an answ"), ModelBusy()], "never said"]}) as model:
        await run_until_idle()
    request = await sync_to_async(room.request)(session)
    assert request["title"].startswith("The run has used its $1.00.")
    turns, tokens, cost = await sync_to_async(Run.objects.values_list("turns", "tokens", "cost_usd").get)(id=run["id"])
    assert (len(model.asked), turns) == (2, 2)
    assert cost == pytest.approx(tokens * 0.04)
    await sync_to_async(room.answer)(request)


async def test_money_runs_out(room: Room, bench: Workbench, settings: Any) -> None:
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Go on"))["run"]
    budget = {**run["budget"], "cost_usd": 1.0}
    await sync_to_async(Run.objects.filter(id=run["id"]).update)(budget=budget)
    with scripted({"chat": [spend(10, 0.4), spend(10, 0.4), spend(10, 0.4)]}):
        await run_until_idle()
    request = await sync_to_async(room.request)(session)
    assert request["title"] == "The run has used its $1.00. Continue with another $1.00?"
    await sync_to_async(room.answer)(request, arguments={"cost_usd": 0.5})
    await go_on({"chat": ["done"]})
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["budget"]["cost_usd"]) == ("completed", 1.5)


@pytest.mark.parametrize(
    "more", [{"steps": 0}, {"steps": 21}, {"steps": 1.5}, {"steps": "2"}, {"tokens": 5}, {}, {"steps": 2, "tokens": 5}]
)
async def test_edited_allowance_is_held_to_what_was_shown(room: Room, bench: Workbench, settings: Any, more: Any) -> None:
    settings.WORKROOM_LIMITS = {"run_steps": 2}
    session, _, _ = await start(room, {"chat": [[call("look")]] * 2})
    request = await sync_to_async(room.request)(session)
    body = {"decision": "approve", "hash": request["hash"], "arguments": more}
    status, error = await sync_to_async(room.api.refused)("post", f"/api/requests/{request['id']}/answer/", body)
    assert (status, error["code"]) == (400, "invalid")
    assert all(path.startswith("arguments") for path in error["fields"])


async def test_nobody_allowing_more_in_time_ends_the_run(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"run_steps": 1, "request_days": 0}
    _, run, _ = await start(room, {"chat": [[call("look")]]})
    assert (await sync_to_async(room.run)(run))["error"]["code"] == "steps_limit"


async def test_run_with_too_many_events_stops_without_asking(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"run_events": 7}
    _, run, model = await start(room, {"chat": [[call("look")]] * 9})
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"]) == ("failed", "events_limit")
    assert len(model.asked) <= 4


def plan_of(count: int) -> str:
    return json.dumps({"subtasks": [{"id": f"s{n}", "title": f"Part {n}", "role": "x", "needs": []} for n in range(count)]})


async def test_steps_side_by_side_keep_to_the_steps_of_the_budget(room: Room, bench: Workbench, settings: Any) -> None:
    """All of them wait for the one request, and all go on with its answer."""
    settings.WORKROOM_LIMITS = {"run_steps": 6}
    session, run, first = await start(room, {"plan": [plan_of(4)], "execute": [[call("look")]] * 9}, workflow="resolve")
    assert len(first.asked) == 6
    await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
    second = await go_on({"execute": ["found"] * 4, "aggregate": ["# All"]})
    assert len(second.asked) == 5
    assert (await sync_to_async(room.run)(run))["status"] == "completed"
    check_contract(await sync_to_async(room.events)(session))


async def test_answers_side_by_side_overshoot_by_one_at_most(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"run_tokens": 250}
    plan = [TextDelta(plan_of(6)), Finish("stop", Usage(100, 0, None))]
    _, run, model = await start(room, {"plan": [plan], "execute": [spend(100)] * 9}, workflow="resolve")
    assert len(model.asked) == 3
    assert await sync_to_async(Run.objects.values_list("tokens", flat=True).get)(id=run["id"]) == 300


async def test_approval_and_allowance_wait_side_by_side(room: Room, bench: Workbench, settings: Any) -> None:
    """Whichever is answered first lets its own part go on."""
    settings.WORKROOM_LIMITS = {"run_steps": 3}
    answers = {"plan": [plan_of(2)], "execute": [[call("burn", "it")], [call("look")]]}
    session, run, _ = await start(room, answers, workflow="resolve")
    rows = (await sync_to_async(room.api.ok)("get", f"/api/requests/?session={session}&status=open"))["results"]
    kinds: dict[str | None, dict[str, Any]] = {row["tool_name"]: row for row in rows}
    await sync_to_async(room.answer)(kinds[None])
    await go_on({"execute": ["looked"]})
    assert (await sync_to_async(room.run)(run))["status"] == "waiting"
    await sync_to_async(room.answer)(kinds["burn"])
    await go_on({"execute": ["burnt"], "aggregate": ["# Ash"]})
    assert (await sync_to_async(room.run)(run))["status"] == "completed"
    assert sorted(bench.names()) == ["burn", "look"]


async def test_allowance_given_while_a_step_beside_it_works_suspends_nothing(room: Room, bench: Workbench, settings: Any) -> None:
    """The budget is raised where all steps stand still, and told by run_resumed, although the run has never waited."""
    settings.WORKROOM_LIMITS = {"run_steps": 3}
    may_end = threading.Event()

    def hold(name: str) -> None:
        if name == "look":
            may_end.wait(10)

    bench.hook = hold
    session = await sync_to_async(room.session)("resolve")
    run = (await sync_to_async(room.say)(session, "Look and note"))["run"]
    answers = {"plan": [plan_of(2)], "execute": [[call("look")], [call("note")], "one", "two"], "aggregate": ["# Both"]}
    with scripted(answers):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(Request.objects.filter(run=taken.run_id).exists)
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        may_end.set()
        await asyncio.wait_for(task, 20)
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["attempt"], final["budget"]["steps"]) == ("completed", 1, 6)
    types = await sync_to_async(room.types)(session)
    assert (types.count("run_waiting"), types.count("run_resumed"), types.count("request_opened")) == (0, 1, 1)
    await sync_to_async(check_fold)(room, session)
    check_contract(await sync_to_async(room.events)(session))


async def test_what_was_changed_behind_an_allowance_raises_nothing(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"run_steps": 1}
    session, run, _ = await start(room, {"chat": [[call("look")]]})
    request = await sync_to_async(room.request)(session)
    await sync_to_async(Request.objects.filter(id=request["id"]).update)(parameters={"steps": 1_000_000})
    await sync_to_async(room.answer)(request)
    await go_on({})
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]["code"], final["budget"]["steps"]) == ("failed", "steps_limit", 1)


def test_graph_goes_round_for_as_long_as_the_largest_allowance_lasts() -> None:
    """A step is two rounds of the graph, and an approval gives ten times the first steps at most."""
    assert 2 * 100 * limits().run_steps < drive_module._RECURSION


def test_error_names_what_was_used_up() -> None:
    assert OverBudget("cost_usd", 2.0).message == "The run reached $2.00 and stopped; what it found is kept."
    assert (OverBudget("seconds", 1800).message.split(" and ")[0], OverBudget("cost_usd", 2.0).reason) == (
        "The run reached 30 minutes",
        "cost_limit",
    )
    assert OverBudget("steps", 1).message == "The run reached 1 step and stopped; what it found is kept."
