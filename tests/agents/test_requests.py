"""Approvals: stored, bound to what was shown, answered once, by people only, and still there after a restart."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from agents.llm.port import TextDelta, ThoughtDelta
from agents.llm.scripted import ScriptedModel
from agents.models import Request, Run
from project.accounts.models import User
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_resolve import check_contract
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


async def wait_for_approval(room: Room, *more: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A session whose run wants to burn something: its id, the run, the open request."""
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Burn it")
    with scripted({"chat": [[call("burn", "the bridge"), *more]]}):
        await run_until_idle()
    return session, reply["run"], await sync_to_async(room.request)(session)


async def go_on(answer: str = "done") -> ScriptedModel:
    """Drive what may go on, the model answering this."""
    with scripted({"chat": [answer]}) as model:
        await run_until_idle()
    return model


async def test_unsafe_tool_waits_and_runs_once_approved(room: Room, bench: Workbench) -> None:
    session, run, request = await wait_for_approval(room)
    assert bench.calls == []
    assert request["kind"] == "approval"
    assert request["message"] == "Tool approval required"
    assert (request["tool_name"], request["class"], request["parameters"]) == ("burn", "unsafe", {"text": "the bridge"})
    assert request["schema"]["properties"]["text"]["type"] == "string"
    waiting = await sync_to_async(room.run)(run)
    assert (waiting["status"], waiting["attempts"][0]["reason"]) == ("waiting", "waiting")
    held = await sync_to_async(Run.objects.values_list("lease_owner", "lease_until").get)(id=run["id"])
    assert held == ("", None)
    card = await sync_to_async(room.api.ok)("get", f"/api/cards/{room.card}/")
    assert (card["run"]["status"], card["run"]["open_requests"]) == ("waiting", 1)

    # Nothing of the process that asked is left: what goes on is a new attempt over what is stored.
    answered = await sync_to_async(room.answer)(request, note="Mind the river.")
    assert (answered["request"]["status"], answered["request"]["answered_by"]["username"]) == ("approved", "alice")
    model = await go_on()
    assert bench.names() == ["burn"]
    assert "Mind the river." in model.asked[0].messages[-1].content
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["attempt"]) == ("completed", 2)
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    types = [event["type"] for event in events]
    assert types.index("request_opened") < types.index("request_answered") < types.index("run_resumed") < types.index("tool_executing")
    assert next(event for event in events if event["type"] == "run_resumed")["data"]["reason"] == "answered"


async def test_denied_call_is_told_and_never_runs(room: Room, bench: Workbench) -> None:
    session, run, request = await wait_for_approval(room)
    await sync_to_async(room.answer)(request, "deny", note="Not that one.")
    model = await go_on("as you wish")
    assert bench.calls == []
    assert '"denied"' in model.asked[0].messages[-1].content
    assert "Not that one." in model.asked[0].messages[-1].content
    [tool_call] = (await sync_to_async(room.run)(run))["tool_calls"]
    assert (tool_call["status"], tool_call["success"]) == ("denied", False)
    assert tool_call["result"] == tool_call["error"]["message"] == "Denied by alice. Not that one."
    check_contract(await sync_to_async(room.events)(session))


async def test_edited_arguments_are_checked_and_used(room: Room, bench: Workbench) -> None:
    _, _, request = await wait_for_approval(room)
    path = f"/api/requests/{request['id']}/answer/"
    wrong = {"decision": "approve", "hash": request["hash"], "arguments": {"text": 7}}
    status, error = await sync_to_async(room.api.refused)("post", path, wrong)
    assert (status, error["code"], list(error["fields"])) == (400, "invalid", ["arguments.text"])
    await sync_to_async(room.answer)(request, arguments={"text": "the toast"})
    await go_on()
    assert [text for _, text, _ in bench.calls] == ["the toast"]


async def test_answer_to_something_else_than_was_shown_is_refused(room: Room, bench: Workbench) -> None:
    _, _, request = await wait_for_approval(room)
    body = {"decision": "approve", "hash": "0" * 64}
    status, error = await sync_to_async(room.api.refused)("post", f"/api/requests/{request['id']}/answer/", body)
    assert (status, error["code"], error["data"]["request"]["hash"]) == (409, "request_changed", request["hash"])


async def test_what_was_changed_behind_an_approval_is_not_done(room: Room, bench: Workbench) -> None:
    _, run, request = await wait_for_approval(room)
    await sync_to_async(Request.objects.filter(id=request["id"]).update)(parameters={"text": "everything"})
    await sync_to_async(room.answer)(request)
    await go_on("then not")
    assert bench.calls == []
    assert (await sync_to_async(room.run)(run))["tool_calls"][0]["status"] == "denied"


async def test_second_answer_is_told_who_won(room: Room, bench: Workbench, bob: User, api: Callable[[User], Api]) -> None:
    _, _, request = await wait_for_approval(room)
    bobs = await sync_to_async(api)(bob)
    await sync_to_async(bobs.ok)("post", f"/api/requests/{request['id']}/answer/", {"decision": "deny", "hash": request["hash"]})
    body = {"decision": "approve", "hash": request["hash"]}
    status, error = await sync_to_async(room.api.refused)("post", f"/api/requests/{request['id']}/answer/", body)
    assert (status, error["code"]) == (409, "already_answered")
    assert (error["data"]["request"]["status"], error["data"]["request"]["answered_by"]["username"]) == ("denied", "bob")


async def test_of_many_answers_at_once_one_counts(room: Room, bench: Workbench, bob: User, api: Callable[[User], Api]) -> None:
    _, _, request = await wait_for_approval(room)
    clients = [room.api, await sync_to_async(api)(bob)] * 3

    def answer_all() -> list[int]:
        def answer(client: Api) -> int:
            body = {"decision": "approve", "hash": request["hash"]}
            try:
                return int(client.call("post", f"/api/requests/{request['id']}/answer/", body).status_code)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(clients)) as pool:
            return sorted(pool.map(answer, clients))

    assert await sync_to_async(answer_all)() == [200] + [409] * (len(clients) - 1)
    await go_on()
    assert bench.names() == ["burn"]


async def test_viewers_strangers_and_agents_cannot_answer(
    room: Room, bench: Workbench, vera: User, charlie: User, robo: User, api: Callable[[User], Api]
) -> None:
    _, _, request = await wait_for_approval(room)
    await sync_to_async(room.api.ok)("post", f"/api/boards/{room.board}/members/", {"username": "robo", "role": "owner"})
    refusals = []
    for user in (vera, charlie, robo):
        client = await sync_to_async(api)(user)
        body = {"decision": "approve", "hash": request["hash"]}
        refusals.append((await sync_to_async(client.refused)("post", f"/api/requests/{request['id']}/answer/", body))[1]["code"])
    assert refusals == ["forbidden", "not_found", "forbidden"]


async def test_request_past_its_time_counts_as_denied(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"request_days": 0}
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Burn it")
    with scripted({"chat": [[call("burn")], "then not"]}):
        await run_until_idle()
    events = await sync_to_async(room.events)(session)
    assert next(event for event in events if event["type"] == "request_expired")["data"]["reason"] == "expired"
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"
    assert bench.calls == []


async def test_first_of_two_answers_lets_the_run_go_on(room: Room, bench: Workbench) -> None:
    """Two subtasks wait side by side; the first answer moves its own on, and the run waits again for the other."""
    plan = '{"subtasks": [{"id": "a", "title": "A", "needs": []}, {"id": "b", "title": "B", "needs": []}]}'
    session = await sync_to_async(room.session)("resolve")
    reply = await sync_to_async(room.say)(session, "Burn two things")
    answers = {"plan": [plan], "execute": [[call("burn", "one")], [call("burn", "two")], "burnt", "burnt"], "aggregate": ["# Ash"]}
    with scripted(answers):
        await run_until_idle()
        first, second = (await sync_to_async(room.api.ok)("get", f"/api/requests/?session={session}"))["results"]
        await sync_to_async(room.answer)(first)
        await run_until_idle()
        assert len(bench.calls) == 1
        assert (await sync_to_async(room.run)(reply["run"]))["status"] == "waiting"
        await sync_to_async(room.answer)(second)
        await run_until_idle()
    assert len(bench.calls) == 2
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"
    check_contract(await sync_to_async(room.events)(session))


async def test_thoughts_of_a_step_are_counted_on_after_a_wait(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Burn it")
    with scripted({"chat": [[ThoughtDelta("Should I? I ask."), call("burn")], [ThoughtDelta("I may."), TextDelta("done")]]}):
        await run_until_idle()
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
    thoughts = [event["data"] for event in await sync_to_async(room.events)(session) if event["type"] == "agent_thinking"]
    assert [(each["index"], each["attempt"], each["final"]) for each in thoughts] == [(0, 1, False), (1, 1, False), (2, 2, True)]
    assert "".join(each["thought"] for each in thoughts) == "Should I? I ask.I may."


async def test_card_deleted_meanwhile_leaves_the_session_as_it_was(room: Room) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.api.ok)("delete", f"/api/cards/{room.card}/")
    reply = await sync_to_async(room.say)(session, "Go on")
    with scripted({"chat": ["gone"]}):
        await run_until_idle()
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"
    snapshot = await sync_to_async(room.snapshot)(session)
    assert snapshot["state"]["session"]["card"] == room.card


async def test_client_runs_a_tool_of_its_own(room: Room, bench: Workbench) -> None:
    tool = {"name": "open_file", "description": "Opens a file.", "parameters": {"type": "object", "properties": {}}}
    session = await sync_to_async(room.session)(tools=[tool])
    await sync_to_async(room.say)(session, "Open it")
    with scripted({"chat": [[call("open_file", "a.txt")], "it says hello"]}) as model:
        await run_until_idle()
        request = await sync_to_async(room.request)(session)
        assert (request["kind"], request["message"]) == ("client_tool", "Action required")
        await sync_to_async(room.answer)(request, "answer", result={"text": "hello"})
        await run_until_idle()
    assert "hello" in model.asked[1].messages[-1].content
    check_contract(await sync_to_async(room.events)(session))
