"""Tools that the client runs: declared with JSON Schemas, called with arguments that fit, answered with results that fit."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.llm.port import TextDelta, ToolCallDelta
from project.accounts.models import User
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_resolve import check_contract
from tests.conftest import Api, ConnectAs

pytestmark = pytest.mark.django_db(transaction=True)

TOOL: dict[str, Any] = {
    "name": "open_file",
    "description": "Opens a file.",
    "parameters": {"type": "object", "properties": {"path": {"type": "string", "pattern": "^[a-z./]+$"}}, "required": ["path"]},
    "result": {"type": "object", "properties": {"text": {"type": "string"}, "lines": {"type": "integer"}}, "required": ["text"]},
}


def opens(path: object, ref: str = "c1") -> ToolCallDelta:
    return ToolCallDelta(ref, "open_file", {"path": path})


async def wait_for_client(room: Room, tool: dict[str, Any] = TOOL) -> tuple[str, dict[str, Any]]:
    """A session whose run waits for the client: its id, and the request."""
    session = await sync_to_async(room.session)(tools=[tool])
    await sync_to_async(room.say)(session, "Open it")
    with scripted({"chat": [[opens("a.txt")]]}):
        await run_until_idle()
    return session, await sync_to_async(room.request)(session)


async def go_on(answer: str = "done") -> Any:
    with scripted({"chat": [answer]}) as model:
        await run_until_idle()
    return model


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"parameters": {"type": "array"}}, "tools.0.parameters"),
        ({"parameters": {"type": "object", "properties": {"a": {"type": "strin"}}}}, "tools.0.parameters"),
        ({"parameters": {"type": "object", "properties": {"a": {"$ref": "http://169.254.169.254/"}}}}, "tools.0.parameters"),
        ({"result": {"type": "objekt"}}, "tools.0.result"),
        ({"result": {"pattern": "(?!a)"}}, "tools.0.result"),
        ({"name": "open file"}, "tools.0.name"),
        ({"handler": "x"}, "tools.0.handler"),
    ],
)
def test_wrong_schemas_are_refused_by_field(room: Room, change: Any, path: str) -> None:
    status, error = room.api.refused("post", "/api/sessions/", {"card": room.card, "tools": [{**TOOL, **change}]})
    assert (status, error["code"], list(error["fields"])) == (400, "invalid", [path])


def test_patterns_of_a_session_are_counted_before_they_are_read(room: Room) -> None:
    tools = [{**TOOL, "name": f"t{n}"} for n in range(21)]
    error = room.api.refused("post", "/api/sessions/", {"card": room.card, "tools": tools})[1]
    assert error["fields"] == {"tools": ["The schemas of a session have 20 patterns at most."]}


async def test_result_reaches_the_model_over_the_socket(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    """Over the wire alone: start_session with a tool, request_opened, provide_tool_result, run_completed."""
    socket = await connect_as(alice, "/ws/sessions/")
    session = (await socket.ok("start_session", tools=[TOOL]))["session"]
    assert session["tools"] == [TOOL]
    with scripted({"chat": [[opens("a.txt")], "it says hello"]}) as model:
        await socket.ok("send_user_message", content="Open it")
        await run_until_idle()
        request = (await socket.event("request_opened"))["data"]["request"]
        assert (request["kind"], request["parameters"], request["schema"]) == ("client_tool", {"path": "a.txt"}, TOOL["result"])
        reply = await socket.ok("provide_tool_result", request=request["id"], result={"text": "hello", "lines": 1})
        assert reply["request"]["status"] == "answered"
        await run_until_idle()
        await socket.event("run_completed")
    assert model.asked[1].messages[-1].content == '{"result":{"text":"hello","lines":1}}'
    check_contract(await sync_to_async(room.events)(session["id"]))


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ("It is 21.5 °C *and* rising", "returned:\n\n> It is 21.5 °C \\*and\\* rising"),
        ('{"outcome": "passed"}', '"outcome": "passed"'),
        (21.5, '"result": 21.5'),
        ({"error": "none"}, '"error": "none"'),
    ],
)
@pytest.mark.parametrize("workflow", ["chat", "resolve"])
async def test_rules_tell_whatever_a_client_returns(room: Room, result: Any, told: str, workflow: str) -> None:
    session = await sync_to_async(room.session)(workflow, tools=[{**TOOL, "result": None}])
    run = (await sync_to_async(room.say)(session, 'Run open_file with {"path": "a.txt"}'))["run"]
    await run_until_idle()
    await sync_to_async(room.answer)(await sync_to_async(room.request)(session), "answer", result=result)
    await run_until_idle()
    *_, output = (await sync_to_async(room.run)(run))["agent_outputs"]
    assert told in output["content"]


async def test_arguments_that_do_not_fit_never_reach_the_client(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)(tools=[TOOL])
    reply = await sync_to_async(room.say)(session, "Open it")
    with scripted({"chat": [[opens(7), opens("../X", "c2")], "I can't"]}) as model:
        await run_until_idle()
    answers = [message.content for message in model.asked[1].messages[-2:]]
    assert "arguments.path" in answers[0]
    assert "is not of type 'string'" in answers[0]
    assert "pattern" in answers[1]
    final = await sync_to_async(room.run)(reply["run"])
    assert final["status"] == "completed"
    assert [(each["status"], each["error"]["code"]) for each in final["tool_calls"]] == [("failed", "invalid")] * 2
    assert "request_opened" not in await sync_to_async(room.types)(session)
    check_contract(await sync_to_async(room.events)(session))


@pytest.mark.parametrize("result", [None, "text", {}, {"text": 1}, {"text": "a", "lines": 1.5}])
async def test_result_that_does_not_fit_is_refused_and_may_be_sent_again(
    room: Room, bench: Workbench, connect_as: ConnectAs, alice: User, result: Any
) -> None:
    """L35: by provide_tool_result and by answer_request alike, with the path of what is wrong."""
    session, request = await wait_for_client(room)
    socket = await connect_as(alice, f"/ws/sessions/{session}/")
    refusal = (await socket.command("provide_tool_result", request=request["id"], result=result))["error"]
    assert refusal["code"] == "invalid"
    assert all(path.split(".")[0] == "result" for path in refusal["fields"])
    body = {"decision": "answer", "hash": request["hash"], "result": result}
    status, error = await sync_to_async(room.api.refused)("post", f"/api/requests/{request['id']}/answer/", body)
    assert (status, error["code"], error["fields"]) == (400, "invalid", refusal["fields"])
    await socket.ok("provide_tool_result", request=request["id"], result={"text": "at last"})
    assert "at last" in (await go_on()).asked[0].messages[-1].content


async def test_client_may_say_that_it_failed(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    session, request = await wait_for_client(room)
    socket = await connect_as(alice, f"/ws/sessions/{session}/")
    await socket.ok("provide_tool_result", request=request["id"], result="no such file", is_error=True)
    assert "no such file" in (await go_on()).asked[0].messages[-1].content
    [row] = (await sync_to_async(room.snapshot)(session))["state"]["tool_calls"]
    assert (row["status"], row["error"]["code"]) == ("failed", "client_error")


async def test_results_for_what_they_are_not_for_are_refused_by_name(
    room: Room, bench: Workbench, connect_as: ConnectAs, alice: User, bob: User, charlie: User, api: Callable[[User], Api]
) -> None:
    """Another session's socket, a stranger, another kind, a closed request, an ended run."""
    session, request = await wait_for_client(room)
    other = await sync_to_async(room.session)()
    elsewhere = await connect_as(alice, f"/ws/sessions/{other}/")
    result = {"request": request["id"], "result": {"text": "x"}}
    assert (await elsewhere.command("provide_tool_result", **result))["error"]["code"] == "not_found"
    own = await sync_to_async((await sync_to_async(api)(charlie)).ok)("post", "/api/sessions/", {})
    strangers = await connect_as(charlie, f"/ws/sessions/{own['session']['id']}/")
    assert (await strangers.command("provide_tool_result", **result))["error"]["code"] == "not_found"

    await sync_to_async(room.say)(other, "Burn it")
    with scripted({"chat": [[call("burn", "x")]]}):
        await run_until_idle()
    approval = await sync_to_async(room.request)(other)
    refusal = (await elsewhere.command("provide_tool_result", request=approval["id"], result=1))["error"]
    assert (refusal["code"], list(refusal["fields"])) == ("invalid", ["request"])

    socket = await connect_as(alice, f"/ws/sessions/{session}/")
    await socket.ok("provide_tool_result", **result)
    second = (await socket.command("provide_tool_result", **result))["error"]
    assert (second["code"], second["data"]["request"]["answered_by"]["username"]) == ("already_answered", "alice")
    await go_on()

    ended, request = await wait_for_client(room)
    await sync_to_async(room.api.ok)("post", f"/api/runs/{request['run']}/cancel/")
    last = await connect_as(bob, f"/ws/sessions/{ended}/")
    refusal = (await last.command("provide_tool_result", request=request["id"], result={"text": "x"}))["error"]
    assert (refusal["code"], refusal["data"]["request"]["status"]) == ("conflict", "cancelled")


def test_missing_request_is_named(room: Room) -> None:
    """F26: an answer needs the id of its request; a REST path has it, a frame must."""
    assert room.api.call("post", "/api/requests//answer/", {}).status_code == 404


@pytest.mark.parametrize("command", ["provide_tool_result", "answer_request"])
async def test_answer_without_its_request_is_refused_by_field(room: Room, connect_as: ConnectAs, alice: User, command: str) -> None:
    """F26."""
    session = await sync_to_async(room.session)()
    socket = await connect_as(alice, f"/ws/sessions/{session}/")
    more: dict[str, Any] = {"result": 1} if command == "provide_tool_result" else {"decision": "deny", "hash": "0"}
    error = (await socket.command(command, **more))["error"]
    assert (error["code"], error["fields"]["request"]) == ("invalid", ["Field required"])


async def test_arguments_that_no_request_holds_go_back_to_the_model(room: Room) -> None:
    session = await sync_to_async(room.session)(tools=[{**TOOL, "parameters": {"type": "object"}}])
    reply = await sync_to_async(room.say)(session, "Open it")
    with scripted({"chat": [[opens("é" * 70_000)], "I leave it then"]}) as model:
        await run_until_idle()
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"
    assert "too long" in model.asked[1].messages[-1].content
    check_contract(await sync_to_async(room.events)(session))


async def test_long_speech_before_an_approval_is_shortened_as_its_reason(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Burn it")
    with scripted({"chat": [[TextDelta("é" * 90_000), call("burn")]]}):
        await run_until_idle()
    request = await sync_to_async(room.request)(session)
    assert request["reason"].startswith("éé")
    check_contract(await sync_to_async(room.events)(session))
