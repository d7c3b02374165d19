"""Running tools: every call is told before and after and has its time, and what it returns is cut to size, whatever the tool does."""

import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.llm.port import TextDelta, ThoughtDelta, ToolCallDelta
from agents.models import ToolCall
from agents.services.calls import KEPT_CHARS
from agents.tools.base import ToolContext, ToolResult
from agents.wire import RESULT_CHARS
from agents.workflows.toolbox import READ_CHARS
from tests.agents.conftest import Room, Words, Workbench, call
from tests.agents.driving import eventually, run_until_idle, scripted
from tests.agents.test_resolve import check_contract

pytestmark = pytest.mark.django_db(transaction=True)


async def use(room: Room, *calls: Any, then: Any = "done") -> tuple[list[dict[str, Any]], dict[str, Any], Any]:
    """A run whose model makes these calls at once: its events, the run, and what the model was asked."""
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Do it")
    with scripted({"chat": [list(calls), then]}) as model:
        await run_until_idle()
    events = await sync_to_async(room.events)(session)
    return events, await sync_to_async(room.run)(reply["run"]), model


def pairs(events: list[dict[str, Any]]) -> dict[str, list[str]]:
    """By call: what was told of it, in order."""
    told: dict[str, list[str]] = {}
    for event in events:
        if event["type"] in ("tool_executing", "tool_completed"):
            told.setdefault(event["data"]["call"], []).append(event["type"])
    return told


def ends(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event["data"] for event in events if event["type"] == "tool_completed"]


@contextmanager
def hanging(bench: Workbench, name: str) -> Iterator[threading.Event]:
    """The tool hangs until the event is set, and has a tenth of a second."""
    may_go = threading.Event()

    def hang(called: str) -> None:
        if called == name:
            may_go.wait(20)

    bench.hook = hang
    bench.tools[name] = replace(bench.tools[name], timeout_s=0.1)
    try:
        yield may_go
    finally:
        may_go.set()


def returning(bench: Workbench, text: str) -> None:
    def run(context: ToolContext, words: Words) -> ToolResult:
        del context, words
        return ToolResult(text, text[:1_000])

    bench.tools["look"] = replace(bench.tools["look"], run=run)


async def test_tool_that_hangs_is_given_up_and_its_late_result_kept(room: Room, bench: Workbench) -> None:
    with hanging(bench, "look") as may_go:
        events, run, model = await use(room, call("look"))
        assert run["status"] == "completed"
        [end] = ends(events)
        assert (end["status"], end["success"], end["error"]["code"]) == ("failed", False, "timeout")
        assert end["error"]["message"] == "Look took longer than 0.1 s."
        assert '"timeout"' in model.asked[1].messages[-1].content
        may_go.set()
        await eventually(ToolCall.objects.exclude(late_result="").exists)
    check_contract(events)


async def test_change_that_hangs_may_still_take_effect_and_says_so(room: Room, bench: Workbench) -> None:
    with hanging(bench, "note"):
        events, _, _ = await use(room, call("note"))
    assert ends(events)[0]["error"]["message"] == "Note took longer than 0.1 s; it may still take effect, so look before trying again."


async def test_unsafe_tool_that_hangs_becomes_a_question_to_people(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Burn it")
    with hanging(bench, "burn"), scripted({"chat": [[call("burn")], "I see"]}) as model:
        await run_until_idle()
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
        question = await sync_to_async(room.request)(session)
        assert (question["kind"], question["title"]) == ("question", "Did burn happen?")
        assert question["reason"] == "Burn took longer than 0.1 s; nobody knows whether it happened. Look, and say which."
        await sync_to_async(room.answer)(question, "answer", result="It happened")
        await run_until_idle()
    assert "It happened" in model.asked[1].messages[-1].content
    assert bench.names() == ["burn"]
    check_contract(await sync_to_async(room.events)(session))


async def test_call_that_finds_no_thread_was_not_begun(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.workflows.toolbox._pool", pool := ThreadPoolExecutor(1))
    may_go = threading.Event()
    pool.submit(may_go.wait, 20)
    bench.tools["burn"] = replace(bench.tools["burn"], tool_class="idempotent", timeout_s=0.1)
    try:
        events, _, _ = await use(room, call("burn"))
    finally:
        may_go.set()
        pool.shutdown()
    assert ends(events)[0]["error"]["code"] == "unavailable"
    assert bench.calls == []


async def test_every_call_has_its_pair_however_it_ends(room: Room, bench: Workbench) -> None:
    """Done, failed, unknown, with wrong arguments, broken inside, too slow; denied and cancelled ones: test_requests, test_cancel."""
    bench.tools["burn"] = replace(bench.tools["burn"], tool_class="read")
    with hanging(bench, "burn"):
        slow = bench.hook

        def slow_or_broken(name: str) -> None:
            slow(name)
            if name == "note":
                raise RuntimeError("a defect")

        bench.hook = slow_or_broken
        calls = [call("look", ref="1"), call("fail", ref="2"), call("nothing", ref="3"), call("note", ref="4"), call("burn", ref="5")]
        wrong = replace(call("look", ref="6"), arguments={"text": 7, "more": []})
        events, run, _ = await use(room, *calls, wrong)
    assert run["status"] == "completed"
    assert set(map(tuple, pairs(events).values())) == {("tool_executing", "tool_completed")}
    by_name = [(end["tool_name"], end["success"], (end["error"] or {}).get("code")) for end in ends(events)]
    assert sorted(by_name, key=str) == sorted(
        [
            ("look", True, None),
            ("fail", False, "invalid"),
            ("nothing", False, "invalid"),
            ("note", False, "internal"),
            ("burn", False, "timeout"),
            ("look", False, "invalid"),
        ],
        key=str,
    )
    check_contract(events)


async def test_fifty_megabytes_are_cut_everywhere(room: Room, bench: Workbench) -> None:
    returning(bench, "x" * 50_000_000)
    tracemalloc.start()
    try:
        events, run, model = await use(room, call("look"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    [end] = ends(events)
    assert (len(end["result"]), end["truncated"], len(end["summary"])) == (RESULT_CHARS, True, 300)
    read = model.asked[1].messages[-1].content
    assert read.startswith("x" * READ_CHARS)
    assert f"/api/tool-calls/{end['call']}/" in read[READ_CHARS:]
    whole = await sync_to_async(room.api.ok)("get", f"/api/tool-calls/{end['call']}/")
    assert len(whole["result"]) == KEPT_CHARS
    assert whole["result"].endswith("[The first part of 50,000,000 characters; the rest was not kept.]")
    assert run["status"] == "completed"
    # Far less than a second copy: the result lies in memory once, as the tool made it.
    assert peak < 30_000_000


async def test_result_that_no_database_takes_is_mended(room: Room, bench: Workbench) -> None:
    returning(bench, "a\0b\ud800c")
    events, run, _ = await use(room, call("look"))
    assert ends(events)[0]["result"] == "a\ufffdb\ufffdc"
    assert run["status"] == "completed"


async def test_words_that_no_database_takes_end_no_run(room: Room, bench: Workbench) -> None:
    """From a model: in what it says and thinks, in arguments, and in the name of a tool that it makes up."""
    odd = "a\0b\ud800c"
    worst = ToolCallDelta("c2\0", "x" * 500 + "\0", {"text": [odd, {odd: float("nan")}], odd: float("inf")})
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Do it"))["run"]
    with scripted({"chat": [[ThoughtDelta(odd), TextDelta(odd), call("look", odd), worst], f"done {odd}"]}):
        await run_until_idle()
    done = await sync_to_async(room.run)(run)
    assert (done["status"], done["attempt"]) == ("completed", 1)
    assert bench.calls[0][1] == "a\ufffdb\ufffdc"
    assert [call["tool_name"] for call in done["tool_calls"] if not call["success"]] == ["x" * 64]
    messages = (await sync_to_async(room.snapshot)(session))["state"]["messages"]
    assert messages[-1]["content"] == "done a\ufffdb\ufffdc"
    check_contract(await sync_to_async(room.events)(session))


async def test_escapes_that_no_database_takes_end_no_run(room: Room, bench: Workbench) -> None:
    """In a plan, which is JSON: there the odd characters stand as escapes, and come about when it is read."""
    session = await sync_to_async(room.session)("resolve")
    run = (await sync_to_async(room.say)(session, "Do it"))["run"]
    plan = r'{"subtasks": [{"id": "a\u0000", "title": "Look\u0000 \ud800", "role": "\udfff", "needs": []}]}'
    with scripted({"plan": [plan], "execute": ["Left."], "aggregate": ["Done."]}):
        await run_until_idle()
    done = await sync_to_async(room.run)(run)
    assert (done["status"], done["attempt"]) == ("completed", 1)
    [planned] = [each for each in done["agent_outputs"] if each["kind"] == "plan"]
    assert planned["content"] == "1. Look\ufffd \ufffd"


async def test_arguments_that_are_nested_too_deep_are_a_failed_call(room: Room, bench: Workbench) -> None:
    nested: dict[str, object] = {}
    for _ in range(2_000):
        nested = {"text": nested}
    events, run, model = await use(room, ToolCallDelta("c1", "look", nested))
    assert (run["status"], bench.calls) == ("completed", [])
    assert [end["error"]["code"] for end in ends(events)] == ["invalid"]
    assert "nested too deep" in model.asked[1].messages[-1].content


async def test_calls_beyond_what_an_answer_may_make_are_left_out_and_the_model_is_told(room: Room, bench: Workbench) -> None:
    events, run, model = await use(room, *(call("look", ref=f"c{number}") for number in range(200)))
    assert run["status"] == "completed"
    assert len(bench.calls) == 32
    assert [end["error"]["code"] for end in ends(events) if not end["success"]] == ["invalid"]
    assert "the rest were not made" in model.asked[1].messages[-1].content
    check_contract(events)
