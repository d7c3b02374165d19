"""A card handed to the agents: the events of a whole run, on the session's socket and on the board's."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.contract.validator import validate_events
from agents.events import FIVE
from agents.llm.errors import ModelFiltered
from project.accounts.models import User
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.conftest import ConnectAs

pytestmark = pytest.mark.django_db(transaction=True)

SIDE_BY_SIDE = {
    "subtasks": [
        {"id": "a", "title": "Look left", "role": "scout", "needs": []},
        {"id": "b", "title": "Look right", "role": "scout", "needs": []},
        {"id": "c", "title": "Compare", "role": "judge", "needs": ["a", "b"]},
    ]
}


def check_contract(events: list[dict[str, Any]]) -> None:
    """The contract of PROTOCOL §3, in events in which somebody has worked."""
    report = validate_events(events)
    assert report.faults == []
    assert report.figures.steps


async def test_rules_resolve_a_card_from_plan_to_report(room: Room, connect_as: ConnectAs, alice: User, bob: User) -> None:
    board = await connect_as(bob, f"/ws/boards/{room.board}/")
    reply = await sync_to_async(room.api.ok)(
        "post", f"/api/cards/{room.card}/hand-over/", {"instructions": "Which cards are overdue, and who has most to do?"}
    )
    session = reply["session"]["id"]
    socket = await connect_as(alice, f"/ws/sessions/{session}/?after=0")
    await run_until_idle()
    await socket.until(lambda frame: frame["type"] == "session_edited" and frame["data"]["session"]["phase"] == "refinement_ready")

    events = await sync_to_async(room.events)(session)
    check_contract(events)
    types = [event["type"] for event in events]
    assert types.index("plan_made") < types.index("tool_executing") < types.index("message_added", 3) < types.index("run_completed")
    assert [event["type"] for event in socket.waiting if "seq" in event] == types[:-1]
    final = await sync_to_async(room.run)(reply["run"])
    assert (final["status"], final["progress"]) == ("completed", {"done": 2, "total": 2})
    report = next(output for output in final["agent_outputs"] if output["kind"] == "report")
    assert "No language model is configured" in report["content"]
    messages = {message["id"]: message for message in (await sync_to_async(room.snapshot)(session))["state"]["messages"]}
    assert messages[report["message"]]["content"] == report["content"]

    shown = [event["type"] for event in events if event["type"] in FIVE]
    await board.until(lambda frame: frame["type"] == "run_changed" and frame["data"]["run"]["status"] == "completed")
    activity = [frame["data"] for frame in board.waiting if frame["type"] == "agent_activity"]
    assert [each["event"]["type"] for each in activity] == shown
    assert {(each["session"], each["run"], each["card"]) for each in activity} == {(session, reply["run"]["id"], room.card)}
    card = await sync_to_async(room.api.ok)("get", f"/api/cards/{room.card}/")
    assert card["assignee"]["username"] == "robo"
    assert (card["session_count"], card["run"]["status"], card["run"]["id"]) == (1, "completed", reply["run"]["id"])


async def test_independent_subtasks_run_side_by_side_and_later_ones_get_their_results(room: Room, bench: Workbench) -> None:
    answers = {
        "plan": [json.dumps(SIDE_BY_SIDE)],
        "execute": [[call("look")], [call("look")], "seen one", "seen two", "compared"],
        "aggregate": ["# Both"],
    }
    session = await sync_to_async(room.session)("resolve")
    await sync_to_async(room.say)(session, "Compare left and right")
    with scripted(answers) as model:
        await run_until_idle()
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    steps = [(event["type"], event["data"]["subtask"]) for event in events if event["type"] in ("agent_started", "agent_completed")]
    started, completed = ("agent_started", "agent_completed")
    first_end = min(steps.index((completed, "a")), steps.index((completed, "b")))
    assert max(steps.index((started, "a")), steps.index((started, "b"))) < first_end
    assert steps.index((started, "c")) > max(steps.index((completed, "a")), steps.index((completed, "b")))
    compare = next(asked for asked in model.asked if "Compare" in asked.messages[-1].content.split("## Subtask")[-1].split("##")[0])
    assert "seen one" in compare.messages[-1].content
    assert "seen two" in compare.messages[-1].content


async def test_review_takes_over_the_edited_plan(room: Room) -> None:
    session = await sync_to_async(room.session)("resolve", review_plan=True)
    reply = await sync_to_async(room.say)(session, "Do two things")
    answers = {"plan": [json.dumps(SIDE_BY_SIDE)], "execute": ["only this"], "aggregate": ["# Done"]}
    with scripted(answers):
        await run_until_idle()
        request = await sync_to_async(room.request)(session)
        assert (request["kind"], request["message"]) == ("plan_review", "Human intervention required")
        edited = {"subtasks": [{"id": "x", "title": "Only this", "role": "scout", "needs": []}]}
        await sync_to_async(room.answer)(request, arguments=edited)
        await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], run["progress"]) == ("completed", {"done": 1, "total": 1})
    check_contract(await sync_to_async(room.events)(session))


async def test_denied_plan_ends_the_run(room: Room) -> None:
    session = await sync_to_async(room.session)("resolve", review_plan=True)
    reply = await sync_to_async(room.say)(session, "Do two things")
    with scripted({"plan": [json.dumps(SIDE_BY_SIDE)]}):
        await run_until_idle()
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session), "deny", note="Too much.")
        await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], run["error"]["code"]) == ("failed", "plan_denied")
    assert "Too much." in run["error"]["message"]


async def test_failing_tool_is_told_and_the_run_goes_on(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Try it")
    with scripted({"chat": [[call("fail"), call("nonsense", ref="c2")], "it failed"]}) as model:
        await run_until_idle()
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    completed = [event["data"] for event in events if event["type"] == "tool_completed"]
    assert [(each["success"], each["status"], each["error"]["code"]) for each in completed] == [(False, "failed", "invalid")] * 2
    assert '"code": "invalid"' in model.asked[1].messages[-1].content
    assert events[-2]["type"] == "run_completed"


async def test_broken_answer_fails_the_run_by_name(room: Room) -> None:
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Hello")
    with scripted({"chat": [[ValueError("a defect")]]}):
        await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], run["error"]["code"]) == ("failed", "internal")
    assert "defect" not in run["error"]["message"]


async def test_retried_refinement_refines_the_same_report(room: Room) -> None:
    session = await sync_to_async(room.session)("resolve")
    plan = '{"subtasks": [{"id": "a", "title": "Find"}]}'
    with scripted(
        {"plan": [plan], "execute": ["found it"], "aggregate": ["The report"], "refine": [ModelFiltered(), "short", "shorter"]}
    ) as model:
        await sync_to_async(room.say)(session, "Look into it")
        await run_until_idle()
        refinement = (await sync_to_async(room.say)(session, "Shorter"))["run"]
        await run_until_idle()
        retried = (await sync_to_async(room.api.ok)("post", f"/api/runs/{refinement['id']}/retry/"))["run"]
        await run_until_idle()
        await sync_to_async(room.say)(session, "Shorter still")
        await run_until_idle()
    assert (await sync_to_async(room.run)(retried))["status"] == "completed"
    asked = [question for question in model.asked if question.purpose == "refine"]
    assert ["The report" in question.messages[-1].content for question in asked] == [True, True, False]
    assert "short" in asked[-1].messages[-1].content
    assert all("found it" in question.messages[-1].content for question in asked)


@pytest.mark.parametrize(
    ("plans", "subtasks", "told"),
    [
        (["I would look around first.", '{"subtasks": [{"id": "a", "title": "Look"}]}'], ["Look"], "Plan with 1 subtask"),
        (["{", "[1, 2]"], ["Look into it"], "Plan with 1 subtask: the model made no plan, so the whole request is one subtask"),
    ],
)
async def test_answer_that_is_no_plan_is_sent_back_once(room: Room, plans: list[str], subtasks: list[str], told: str) -> None:
    session = await sync_to_async(room.session)("resolve")
    with scripted({"plan": plans, "execute": ["seen"], "aggregate": ["The report"]}) as model:
        reply = await sync_to_async(room.say)(session, "Look into it")
        await run_until_idle()
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"
    events = await sync_to_async(room.events)(session)
    made = next(event["data"] for event in events if event["type"] == "plan_made")
    assert [each["title"] for each in made["subtasks"]] == subtasks
    assert told in [event["data"]["result"] for event in events if event["type"] == "agent_completed"]
    assert model.asked[1].messages[-1].content.startswith("That is no plan.")
    check_contract(events)
