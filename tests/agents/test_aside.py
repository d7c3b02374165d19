"""What takes the processor for long – Markdown of whole answers, schemas – stops neither the event loop nor who waits for a lock."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from agents.drive import drive
from agents.lease import sweep
from agents.llm.errors import BrokenAnswer
from agents.llm.port import TextDelta
from agents.models import Run
from project import schemas
from project.accounts.models import User
from sessions.models import Message
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import answer_questions, claim, eventually, lose, run_until_idle, scripted
from tests.agents.test_client_tools import TOOL, go_on, opens, wait_for_client
from tests.conftest import ConnectAs

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = json.dumps({"subtasks": [{"id": "a", "title": "Look", "role": "scout", "needs": []}]})


def is_on_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@dataclass
class Read:
    """The Markdown that was read: what of it on an event loop, and how often each text became HTML."""

    on_loop: list[str] = field(default_factory=list)
    rendered: Counter[str] = field(default_factory=Counter)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    read = Read()
    parsed: list[tuple[Any, str]] = []
    parse, render = MarkdownIt.parse, RendererHTML.render

    def watched_parse(self: MarkdownIt, source: str, env: Any = None) -> Any:
        if is_on_loop():
            read.on_loop.append(source)
        parsed.append((parse(self, source, env), source))
        return parsed[-1][0]

    def watched_render(self: RendererHTML, tokens: Any, options: Any, env: Any) -> str:
        read.rendered[next(source for each, source in parsed if each is tokens)] += 1
        return render(self, tokens, options, env)

    monkeypatch.setattr(MarkdownIt, "parse", watched_parse)
    monkeypatch.setattr(RendererHTML, "render", watched_render)
    return read


async def say(room: Room, workflow: str, answers: Any) -> str:
    """A session in which a run was asked for and driven to its end."""
    session = await sync_to_async(room.session)(workflow)
    await sync_to_async(room.say)(session, "Look and tell")
    with scripted(answers):
        await run_until_idle()
    return session


async def test_answer_is_rendered_once_and_off_the_loop(room: Room, bench: Workbench, read: Read) -> None:
    await say(room, "chat", {"chat": [[TextDelta("I *look*"), call("look")], "**Seen**"]})
    assert read.on_loop == []
    assert (read.rendered["I *look*"], read.rendered["**Seen**"]) == (1, 1)


async def test_reports_are_rendered_once_and_off_the_loop(room: Room, bench: Workbench, read: Read) -> None:
    session = await say(room, "resolve", {"plan": [PLAN], "execute": ["*seen*"], "aggregate": ["# Report"]})
    await sync_to_async(room.say)(session, "Shorter")
    with scripted({"refine": ["## Short"]}):
        await run_until_idle()
    assert read.on_loop == []
    assert [read.rendered[text] for text in ("*seen*", "# Report", "## Short")] == [1, 1, 1]


async def test_answer_that_broke_off_is_rendered_off_the_loop(room: Room, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.workflows.turn._FIRST_PAUSE_S", 0.0)
    await say(room, "chat", {"chat": [[TextDelta("*half"), BrokenAnswer()], "*whole*"]})
    assert read.on_loop == []
    assert (read.rendered["*half"], read.rendered["*whole*"]) == (1, 1)


async def test_clarifiers_answer_is_rendered_off_the_loop(room: Room, read: Read) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Look")
    with scripted({"chat": [[0.3, TextDelta("done")]], "clarify": ["*Half way*"]}):
        taken = await claim()
        driving = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await sync_to_async(room.say)(session, "How far are you?")
        await answer_questions()
        await driving
    assert read.on_loop == []
    assert read.rendered["*Half way*"] == 1


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom each look at a value by its schema held up: `loop`, `lock` or `nobody`."""
    whom: list[str] = []
    validator = schemas._counting

    def watched() -> Any:
        whom.append("loop" if is_on_loop() else "lock" if connection.in_atomic_block else "nobody")
        return validator()

    monkeypatch.setattr(schemas, "_counting", watched)
    return whom


async def test_arguments_of_client_tools_are_held_to_their_schema_off_the_loop(room: Room, bench: Workbench, held_up: list[str]) -> None:
    session = await sync_to_async(room.session)(tools=[TOOL])
    await sync_to_async(room.say)(session, "Open it")
    with scripted({"chat": [[opens(7), opens("a.txt", "c2")]]}):
        await run_until_idle()
    assert (await sync_to_async(room.request)(session))["parameters"] == {"path": "a.txt"}
    assert set(held_up) == {"nobody"}


async def test_results_are_held_to_their_schema_before_the_locks(
    room: Room, bench: Workbench, connect_as: ConnectAs, alice: User, held_up: list[str]
) -> None:
    session, request = await wait_for_client(room)
    held_up.clear()
    socket = await connect_as(alice, f"/ws/sessions/{session}/")
    refusal = (await socket.command("provide_tool_result", request=request["id"], result=7))["error"]
    assert (refusal["code"], list(refusal["fields"])) == ("invalid", ["result"])
    body = {"decision": "answer", "hash": request["hash"], "result": {"text": "hello"}}
    await sync_to_async(room.api.ok)("post", f"/api/requests/{request['id']}/answer/", body)
    assert held_up == ["nobody", "nobody"]
    assert "hello" in (await go_on()).asked[0].messages[-1].content


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Markdown that was read under the locks."""
    locked: list[str] = []
    parse = MarkdownIt.parse

    def watched(self: MarkdownIt, source: str, env: Any = None) -> Any:
        if connection.in_atomic_block:
            locked.append(source)
        return parse(self, source, env)

    monkeypatch.setattr(MarkdownIt, "parse", watched)
    return locked


async def abandon(room: Room, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """A session and its run, which a lost server left in the middle of a message."""
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Tell me"))["run"]
    with scripted({"chat": [[TextDelta("*half of it*"), 60.0]]}):
        taken = await claim()
        driving = asyncio.create_task(drive(taken.run_id, taken.attempt))
        await eventually(lambda: "message_delta" in room.types(session))
        await lose(driving, monkeypatch, taken)
    return session, run


def interrupted(room: Room, session: str) -> list[str]:
    """The HTML of the messages that were cut off."""
    return [message["html"] for message in room.snapshot(session)["state"]["messages"] if message["interrupted"]]


ENDINGS: dict[str, Callable[[Room, str, str], object]] = {
    "cancel": lambda room, session, run: room.api.ok("post", f"/api/runs/{run}/cancel/"),
    "stop": lambda room, session, run: room.api.ok("post", f"/api/sessions/{session}/stop/"),
    "interrupt": lambda room, session, run: room.say(session, "Now", during_run="interrupt"),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_run_that_a_lost_server_left_ends_with_nothing_rendered_under_the_locks(
    room: Room, monkeypatch: pytest.MonkeyPatch, locked: list[str], ending: str
) -> None:
    """Nobody drives it, so whoever ends it closes the message it was writing."""
    session, run = await abandon(room, monkeypatch)
    await sync_to_async(ENDINGS[ending])(room, session, run["id"])
    assert (await sync_to_async(room.run)(run))["status"] == "cancelled"
    assert await sync_to_async(interrupted)(room, session) == ["<p><em>half of it</em></p>\n"]
    assert locked == []


@pytest.mark.parametrize("path", ["sessions", "boards"])
async def test_run_of_what_is_deleted_ends_with_nothing_rendered_under_the_locks(
    room: Room, monkeypatch: pytest.MonkeyPatch, locked: list[str], path: str
) -> None:
    session, run = await abandon(room, monkeypatch)
    await sync_to_async(room.api.ok)("delete", f"/api/{path}/{session if path == 'sessions' else room.board}/")
    await sync_to_async(sweep)()
    assert (await Run.objects.aget(id=run["id"])).status == "cancelled"
    assert (await Message.objects.aget(run=run["id"], interrupted=True)).html == "<p><em>half of it</em></p>\n"
    assert locked == []


def test_card_is_handed_over_with_nothing_rendered_under_the_locks(room: Room, locked: list[str]) -> None:
    """A title is plain text, on the card and in the message that hands it over; the description was rendered with the card."""
    body = {"column": room.column, "title": "# *Big* <b>", "description": "*Soon*"}
    card = room.api.ok("post", f"/api/boards/{room.board}/cards/", body)["card"]["id"]
    message = room.api.ok("post", f"/api/cards/{card}/hand-over/", {})["message"]
    assert message["html"] == "<p># *Big* &lt;b&gt;</p>\n<p><em>Soon</em></p>\n"
    assert locked == []


async def test_schemas_of_client_tools_are_checked_off_the_loop(
    connect_as: ConnectAs, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_loop: list[bool] = []

    def watched(schema: Mapping[str, Any]) -> Any:
        on_loop.append(is_on_loop())
        return schemas.check_schema(schema)

    monkeypatch.setattr("sessions.payloads.check_schema", watched)
    socket = await connect_as(alice, "/ws/sessions/")
    refusal = (await socket.command("start_session", tools=[{**TOOL, "result": {"type": "nothing"}}]))["error"]
    assert (refusal["code"], list(refusal["fields"])) == ("invalid", ["tools.0.result"])
    assert (await socket.ok("start_session", tools=[TOOL]))["session"]["tools"] == [TOOL]
    assert on_loop == [False] * 4
