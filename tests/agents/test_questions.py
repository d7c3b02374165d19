"""Questions to people: an agent asks, the run waits without a worker, and the answer is held to the choices."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.llm.port import ToolCallDelta
from agents.models import Run
from agents.tools.registry import get_tools
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_resolve import check_contract

pytestmark = pytest.mark.django_db(transaction=True)


def asks(**arguments: Any) -> ToolCallDelta:
    return ToolCallDelta("c1", "ask_human", arguments)


async def wait_for_answer(room: Room, **arguments: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A session whose run has asked: its id, the run, the request."""
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Paint it"))["run"]
    with scripted({"chat": [[asks(**arguments)]]}):
        await run_until_idle()
    return session, run, await sync_to_async(room.request)(session)


async def go_on() -> Any:
    with scripted({"chat": ["done"]}) as model:
        await run_until_idle()
    return model


async def test_agent_asks_and_reads_the_answer(room: Room) -> None:
    session, run, request = await wait_for_answer(room, question="Which colour?", reason="The card doesn't say.")
    assert (request["kind"], request["title"], request["choices"]) == ("question", "Which colour?", None)
    assert (request["reason"], request["message"]) == ("The card doesn't say.", "User input required")
    held = await sync_to_async(Run.objects.values_list("status", "lease_owner", "lease_until").get)(id=run["id"])
    assert held == ("waiting", "", None)
    assert request["answer"] is None
    await sync_to_async(room.answer)(request, "answer", result="Something blue", note="Not too dark.")
    [told] = [
        event["data"]["request"]["answer"] for event in await sync_to_async(room.events)(session) if event["type"] == "request_answered"
    ]
    assert told == {"arguments": None, "result": "Something blue"}
    model = await go_on()
    assert model.asked[0].messages[-1].content == '{"answer": "Something blue", "answered_by": "alice", "note": "Not too dark."}'
    final = await sync_to_async(room.run)(run)
    assert (final["status"], [call["status"] for call in final["tool_calls"]]) == ("completed", ["completed"])
    check_contract(await sync_to_async(room.events)(session))


@pytest.mark.parametrize("result", ["green", "", None, 1, ["red"]])
async def test_answer_is_one_of_the_choices(room: Room, result: Any) -> None:
    _, _, request = await wait_for_answer(room, question="Which colour?", choices=["red", "blue"])
    body = {"decision": "answer", "hash": request["hash"], "result": result}
    status, error = await sync_to_async(room.api.refused)("post", f"/api/requests/{request['id']}/answer/", body)
    assert (status, error["code"], error["fields"]) == (400, "invalid", {"result": ["Send one of: red, blue."]})
    await sync_to_async(room.answer)(request, "answer", result="blue")
    assert '"blue"' in (await go_on()).asked[0].messages[-1].content


@pytest.mark.parametrize("decision", ["approve", "deny"])
async def test_question_takes_no_yes_or_no(room: Room, decision: str) -> None:
    _, _, request = await wait_for_answer(room, question="Which colour?")
    body = {"decision": decision, "hash": request["hash"]}
    error = (await sync_to_async(room.api.refused)("post", f"/api/requests/{request['id']}/answer/", body))[1]
    assert (error["code"], error["fields"]) == ("invalid", {"decision": ["Use answer."]})


@pytest.mark.parametrize(
    "arguments", [{}, {"question": " "}, {"question": "Which?", "choices": ["one"]}, {"question": "Which?", "choices": ["a", "a"]}]
)
async def test_question_that_is_none_asks_nobody(room: Room, arguments: Any) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Paint it")
    with scripted({"chat": [[asks(**arguments)], "then not"]}) as model:
        await run_until_idle()
    assert '"invalid"' in model.asked[1].messages[-1].content
    assert "request_opened" not in await sync_to_async(room.types)(session)


async def test_question_nobody_answers_in_time_is_told_to_the_agent(room: Room, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"request_days": 0}
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Paint it"))["run"]
    with scripted({"chat": [[asks(question="Which colour?")], "then not"]}) as model:
        await run_until_idle()
    assert "Nobody answered the question in time." in model.asked[1].messages[-1].content
    assert (await sync_to_async(room.run)(run))["status"] == "completed"


@pytest.mark.parametrize(
    ("said", "question", "choices", "answer"),
    [
        ("Ask me which column to look at", "Which column to look at?", ["To do", "In progress", "Review", "Done"], "Review"),
        ("Ask us which colour: red, green or blue", "Which colour?", ["red", "green", "blue"], "green"),
        ("Please ask me what the goal is.", "What the goal is?", None, "Ship it"),
    ],
)
async def test_rules_ask_when_they_are_told_to(room: Room, said: str, question: str, choices: Any, answer: str) -> None:
    """In a subtask of resolve, with no model configured."""
    session = await sync_to_async(room.session)("resolve")
    run = (await sync_to_async(room.say)(session, f"How many cards are there? {said}"))["run"]
    await run_until_idle()
    request = await sync_to_async(room.request)(session)
    assert (request["title"], request["choices"]) == (question, choices)
    await sync_to_async(room.answer)(request, "answer", result=answer)
    await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["progress"]) == ("completed", {"done": 2, "total": 2})
    report = next(each for each in final["agent_outputs"] if each["kind"] == "report")
    assert f"Alice answered “{answer}”" in report["content"]


def test_tool_is_among_those_an_agent_may_be_given() -> None:
    assert get_tools(["ask_human"])["ask_human"].tool_class == "read"
