"""plan_review: a plan is shown before anything is done, and carried out as it was approved, or not at all."""

import json
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Request
from agents.workflows.plans import read_edited
from project.accounts.models import User
from project.clock import db_now
from project.errors import Invalid
from project.schemas import check_schema, check_value
from tests.agents.conftest import Room, Workbench
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_resolve import check_contract
from tests.conftest import ConnectAs, Socket

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = {
    "subtasks": [
        {"id": "a", "title": "Look left", "role": "scout", "needs": [], "status": "pending"},
        {"id": "b", "title": "Look right", "role": "scout", "needs": ["a"], "status": "pending"},
    ]
}
EDITED = {"subtasks": [{"id": "x", "title": "Look up", "role": "scout", "needs": []}]}


async def wait_for_review(room: Room, connect_as: ConnectAs, alice: User) -> tuple[Socket, dict[str, Any], dict[str, Any]]:
    """A socket on a session whose plan waits for its review, the run, and the request."""
    session = await sync_to_async(room.session)("resolve", review_plan=True)
    run = (await sync_to_async(room.say)(session, "Look around"))["run"]
    socket = await connect_as(alice, f"/ws/sessions/{session}/?after=0")
    with scripted({"plan": [json.dumps(PLAN)]}) as model:
        await run_until_idle()
    assert [asked.purpose for asked in model.asked] == ["plan"]
    return socket, run, (await socket.event("request_opened"))["data"]["request"]


async def go_on(room: Room, run: dict[str, Any], executions: int) -> tuple[Any, dict[str, Any]]:
    """Whoever may go on does; the model, and the run afterwards."""
    with scripted({"execute": ["seen"] * executions, "aggregate": ["# Seen"]}) as model:
        await run_until_idle()
    return model, await sync_to_async(room.run)(run)


async def test_request_says_what_a_plan_is(room: Room, connect_as: ConnectAs, alice: User) -> None:
    """Any client can check an edited plan, or make a form of it, as with the arguments of a tool."""
    _, _, request = await wait_for_review(room, connect_as, alice)
    schema = request["schema"]
    assert check_schema(schema) == {}
    for plan in (request["parameters"], EDITED):
        assert check_value(schema, plan, path="arguments") == {}
    subtask = EDITED["subtasks"][0]
    wrong = {"": {**subtask, "title": ""}, "long": {**subtask, "title": "x" * 301}, "more": {**subtask, "because": "I say so"}}
    for plan in ({"subtasks": []}, {"subtasks": "all"}, *({"subtasks": [each]} for each in wrong.values())):
        assert check_value(schema, plan, path="arguments")
        with pytest.raises(Invalid):
            read_edited(plan)


async def test_approved_plan_is_carried_out_with_the_note(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    socket, run, request = await wait_for_review(room, connect_as, alice)
    assert (request["kind"], request["parameters"], request["title"]) == ("plan_review", PLAN, "Review the plan: 2 subtasks")
    reply = await socket.ok("answer_request", request=request["id"], decision="approve", hash=request["hash"], note="Mind the traffic.")
    assert (reply["request"]["status"], reply["request"]["note"]) == ("approved", "Mind the traffic.")
    model, final = await go_on(room, run, 2)
    assert (final["status"], final["progress"]) == ("completed", {"done": 2, "total": 2})
    told = [asked.messages[0].content for asked in model.asked if asked.purpose == "execute"]
    assert all("Note of alice on the plan: Mind the traffic." in text for text in told)
    assert len(told) == 2
    check_contract(await sync_to_async(room.events)(request["session"]))


async def test_edited_plan_replaces_the_first_over_the_socket(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    socket, run, request = await wait_for_review(room, connect_as, alice)
    approve = {"request": request["id"], "decision": "approve", "hash": request["hash"]}
    wrong = {"subtasks": [{**EDITED["subtasks"][0], "needs": ["nobody"]}]}
    error = (await socket.command("answer_request", **approve, arguments=wrong))["error"]
    assert (error["code"], error["fields"]) == ("invalid", {"arguments.subtasks.0.needs": ["No subtask before this one is called nobody."]})
    await socket.ok("answer_request", **approve, arguments=EDITED)
    _, final = await go_on(room, run, 1)
    plans = [output["data"]["subtasks"] for output in final["agent_outputs"] if output["kind"] == "plan"]
    assert [[each["title"] for each in plan] for plan in plans] == [["Look left", "Look right"], ["Look up"]]
    assert (final["status"], final["progress"]) == ("completed", {"done": 1, "total": 1})
    assert [event["type"] for event in await sync_to_async(room.events)(request["session"])].count("plan_made") == 2


async def test_denied_plan_ends_the_run_with_the_note(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    socket, run, request = await wait_for_review(room, connect_as, alice)
    await socket.ok("answer_request", request=request["id"], decision="deny", hash=request["hash"], note="Too much.")
    _, final = await go_on(room, run, 0)
    assert (final["status"], final["error"]["code"]) == ("failed", "plan_denied")
    assert final["error"]["message"].endswith("Too much.")


async def test_plan_that_nobody_reviews_in_time_is_not_carried_out(
    room: Room, bench: Workbench, connect_as: ConnectAs, alice: User
) -> None:
    _, run, request = await wait_for_review(room, connect_as, alice)
    await sync_to_async(Request.objects.filter(id=request["id"]).update)(expires=await sync_to_async(db_now)() - timedelta(seconds=1))
    _, final = await go_on(room, run, 0)
    assert (final["status"], final["error"]["message"]) == ("failed", "Nobody reviewed the plan in time.")


async def test_plan_changed_behind_its_review_is_not_carried_out(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    _, run, request = await wait_for_review(room, connect_as, alice)
    await sync_to_async(Request.objects.filter(id=request["id"]).update)(parameters={"subtasks": []})
    await sync_to_async(room.answer)(request)
    _, final = await go_on(room, run, 0)
    assert (final["status"], final["error"]["code"]) == ("failed", "plan_denied")
