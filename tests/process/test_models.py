"""Agents end to end over a real server: with a language model behind an OpenAI-compatible server, and with the built-in rules.

The same requests to both, over sockets, REST and event streams. What the model says is scripted (aimock).
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.contract.validator import Expected, validate_events
from tests.agents.providers import aimock
from tests.process.fixtures import served
from tests.process.people import Room, log_of, new_room
from tests.process.server import Data, Server
from tests.stranger.client import Follower, messages_of

pytestmark = [pytest.mark.process, pytest.mark.timeout(150)]

WORK = "Count the cards per column, find overdue cards and list cards without an assignee"
COUNT, DELETE, STORY = "How many cards are there?", "Delete card #1", "Tell me a long story"
MEASURE = 'Use read_thermometer with {"room": "lab"}'
LAST = ("run_completed", "run_failed", "run_cancelled")
RUN_S = 60.0
THERMOMETER = {
    "name": "read_thermometer",
    "description": "Reads a thermometer.",
    "parameters": {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]},
    "result": {"type": "object", "properties": {"celsius": {"type": "number"}}, "required": ["celsius"]},
}


def _calls(system: str, name: str, arguments: dict[str, Any], *, said: str = "", then: str) -> list[dict[str, Any]]:
    """A tool call, and the answer once its result is there."""
    match = {"systemMessage": system, **({"userMessage": said} if said else {})}
    call = {"toolCalls": [{"name": name, "arguments": json.dumps(arguments)}]}
    return [
        {"match": {**match, "hasToolResult": False}, "response": call},
        {"match": {**match, "hasToolResult": True}, "response": {"content": then}},
    ]


PLAN = {"subtasks": [{"id": "a", "title": "Count the cards", "needs": []}, {"id": "b", "title": "Find overdue cards", "needs": ["a"]}]}
CHAT = "You are an assistant"
FIXTURES: list[dict[str, Any]] = [
    {"match": {"systemMessage": "You plan the work"}, "response": {"content": json.dumps(PLAN), "reasoning": "Two things. In order."}},
    *_calls("You carry out one subtask", "board_overview", {}, then="There is one card and **nothing overdue**."),
    {"match": {"systemMessage": "You write the report"}, "response": {"content": "# Report\n\nOne card in To do; nothing is overdue."}},
    {"match": {"systemMessage": "A report was written"}, "response": {"content": "# Overdue cards\n\nNothing is overdue."}},
    {"match": {"systemMessage": "A run is under way"}, "response": {"content": "I am at the first of two subtasks."}},
    *_calls(CHAT, "board_overview", {}, said=COUNT, then="There is one card."),
    *_calls(CHAT, "delete_card", {"number": 1}, said=DELETE, then="It is deleted."),
    *_calls(CHAT, "read_thermometer", {"room": "lab"}, said="read_thermometer", then="It is 21 degrees in the lab."),
    {"match": {"systemMessage": CHAT, "userMessage": STORY}, "response": {"content": "Once upon a time. " * 400}, "latency": 50},
]


@pytest.fixture(scope="module", params=["language model", "rules"])
def server(request: pytest.FixtureRequest, migrated: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks the mock, or one without any setting of a model."""
    folder: Path = tmp_path_factory.mktemp("models")
    with contextlib.ExitStack() as stack:
        environ = {"WORKROOM_RULES_PACE_MS": "20"}
        if request.param == "language model":
            url = stack.enter_context(aimock(folder, FIXTURES))
            environ |= {"WORKROOM_MODEL_BASE_URL": url, "WORKROOM_MODEL": "deepseek-reasoner", "WORKROOM_MODEL_API_KEY": "a key"}
        yield stack.enter_context(served(migrated, folder, **environ))


@pytest.fixture
async def room(server: Server) -> AsyncIterator[Room]:
    async with new_room(server.url) as room:
        yield room


def has_language_model(server: Server) -> bool:
    return "WORKROOM_MODEL" in server.environ


async def new_session(room: Room, workflow: str, **more: Any) -> str:
    made = await room.alice.post("sessions/", {"board": room.board, "workflow": workflow, **more})
    return f"sessions/{made['session']['id']}"


async def until_over(follower: Follower, run: str) -> str:
    """The type of the run's last event."""

    def last() -> list[str]:
        return [event["type"] for event in follower.events if event["type"] in LAST and event["data"]["run"]["id"] == run]

    await follower.until(lambda: bool(last()), timeout_s=RUN_S)
    return last()[0]


async def check_log(room: Room, path: str) -> list[dict[str, Any]]:
    """The session's log, which keeps the contract."""
    events = await log_of(room.alice, path)
    assert validate_events(events, Expected(path.replace("sessions/", "session:"), after=0)).faults == []
    return events


def report_of(run: dict[str, Any]) -> str:
    return str(next(output["content"] for output in run["agent_outputs"] if output["kind"] in ("report", "answer")))


async def test_model_is_named_wherever_it_is_shown(server: Server, room: Room) -> None:
    model = (await room.alice.get("me/"))["model"]
    expected = ("openai", "deepseek-reasoner") if has_language_model(server) else ("rules", "built-in rules")
    assert (model["configured"], model["adapter"], model["name"]) == (has_language_model(server), *expected)


async def test_chat_over_a_socket_uses_a_tool_and_streams_its_answer(server: Server, room: Room) -> None:
    path = await new_session(room, "chat")
    async with await room.bob.follow(path, after=0) as follower:
        sent = await follower.do("send_user_message", content=COUNT, reasoning_effort="low")
        assert await until_over(follower, sent["run"]["id"]) == "run_completed"
        types = [event["type"] for event in follower.events]
    run = await room.bob.get(f"runs/{sent['run']['id']}/")
    assert "1" in report_of(run) or "one card" in report_of(run)
    assert [(call["tool_name"], call["status"]) for call in run["tool_calls"]] == [("board_overview", "completed")]
    assert "message_delta" in types
    if has_language_model(server):
        assert run["usage"]["input_tokens"] > 0
        assert run["usage"]["requests"] == 2
    await check_log(room, path)


async def test_chat_over_an_event_stream(room: Room) -> None:
    path = await new_session(room, "chat")
    headers = {"Accept": "text/event-stream"}
    async with room.alice.http.stream("POST", f"{path}/messages/", json={"content": COUNT}, headers=headers) as answer:
        async with asyncio.timeout(RUN_S):
            messages = [message async for message in messages_of(answer.aiter_lines())]
    assert messages[0]["event"] == "hello"
    types = [message["data"]["type"] for message in messages[1:]]
    assert types[-1] == "run_completed"
    assert {"agent_started", "tool_executing", "tool_completed", "message_completed", "agent_completed"} <= set(types)


async def test_resolve_with_a_status_question_and_a_refinement(server: Server, room: Room) -> None:
    path = await new_session(room, "resolve")
    async with await room.alice.follow(path, after=0) as follower:
        first = (await follower.do("send_user_message", content=WORK))["run"]["id"]
        await follower.event("plan_made", timeout_s=RUN_S)
        asked = await room.bob.post(f"{path}/messages/", {"content": "What is the current status?"})
        assert asked["handled_by"] == "clarifier"
        assert await until_over(follower, first) == "run_completed"
        await follower.event("clarifier_replied", timeout_s=RUN_S)
        refined = (await follower.do("send_user_message", content="Rewrite the summary to focus only on overdue cards"))["run"]
        assert (refined["relation"], refined["parent"]) == ("refinement", first)
        assert await until_over(follower, refined["id"]) == "run_completed"
    run, second = await room.bob.get(f"runs/{first}/"), await room.bob.get(f"runs/{refined['id']}/")
    assert run["progress"]["done"] == run["progress"]["total"] > 1
    assert run["thoughts"]
    assert "overdue" in report_of(run).lower()
    assert "overdue" in report_of(second).lower()
    assert second["tool_calls"] == []
    replies = [message for message in (await room.bob.get(f"{path}/messages/"))["results"] if message["via"] == "clarifier"]
    assert len(replies) == 1
    if has_language_model(server):
        assert replies[0]["content"] == "I am at the first of two subtasks."
    await check_log(room, path)


async def test_approval_by_rest_after_the_page_was_closed(room: Room) -> None:
    path = await new_session(room, "chat")
    async with await room.alice.follow(path, after=0) as follower:
        run = (await room.bob.post(f"{path}/messages/", {"content": DELETE}))["run"]["id"]
        request = (await follower.event("request_opened", timeout_s=RUN_S))["data"]["request"]
    assert (request["kind"], request["tool_name"], request["parameters"]["number"]) == ("approval", "delete_card", 1)
    await room.bob.post(f"requests/{request['id']}/answer/", {"decision": "approve", "hash": request["hash"], "note": "Go on."})
    async with await room.alice.follow(path, after=0) as follower:
        assert await until_over(follower, run) == "run_completed"
    assert (await room.bob.refused("GET", f"cards/{room.card}/")).status == 404
    await check_log(room, path)


async def test_denied_tool_does_nothing(room: Room) -> None:
    path = await new_session(room, "chat")
    async with await room.alice.follow(path, after=0) as follower:
        run = (await follower.do("send_user_message", content=DELETE))["run"]["id"]
        request = (await follower.event("request_opened", timeout_s=RUN_S))["data"]["request"]
        await follower.do("answer_request", request=request["id"], decision="deny", hash=request["hash"])
        assert await until_over(follower, run) == "run_completed"
    assert await room.bob.get(f"cards/{room.card}/")
    await check_log(room, path)


async def test_client_tool_is_run_by_the_client(room: Room) -> None:
    path = await new_session(room, "chat", tools=[THERMOMETER])
    async with await room.alice.follow(path, after=0) as follower:
        run = (await follower.do("send_user_message", content=MEASURE))["run"]["id"]
        request = (await follower.event("request_opened", timeout_s=RUN_S))["data"]["request"]
        assert (request["kind"], request["parameters"]) == ("client_tool", {"room": "lab"})
        await follower.do("provide_tool_result", request=request["id"], result={"celsius": 21})
        assert await until_over(follower, run) == "run_completed"
    assert "21" in report_of(await room.bob.get(f"runs/{run}/"))
    await check_log(room, path)


async def test_cancel_stops_the_answer(server: Server, room: Room) -> None:
    request, moment = (STORY, "message_delta") if has_language_model(server) else (WORK, "tool_executing")
    path = await new_session(room, "chat" if has_language_model(server) else "resolve")
    async with await room.alice.follow(path, after=0) as follower:
        run = (await follower.do("send_user_message", content=request))["run"]["id"]
        await follower.event(moment, timeout_s=RUN_S)
        await room.bob.post(f"runs/{run}/cancel/")
        assert await until_over(follower, run) == "run_cancelled"
    events = await check_log(room, path)
    completed = [event["data"]["message"] for event in events if event["type"] == "message_completed"]
    if has_language_model(server):
        assert completed[-1]["interrupted"]
        assert 0 < len(completed[-1]["content"]) < 7_200
