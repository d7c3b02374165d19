"""The memory of a conversation, the version a run began with, and finished runs as examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from langgraph.graph import END

from agents import drive
from agents.llm.port import ModelMessage, ToolSpec
from agents.llm.window import fit
from agents.models import Run, Summary
from agents.workflows import chat, history, versions
from agents.workflows.desk import Desk
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.agents.test_resolve import check_contract

# -- the conversation ------------------------------------------------------------------------------------------------------


async def talk(room: Room, session: str, texts: list[str]) -> None:
    for text in texts:
        await sync_to_async(room.say)(session, text)
        await run_until_idle()


def said(model: Any, purpose: str) -> list[str]:
    """The whole prompt of every question for this purpose."""
    return ["\n".join(message.content for message in asked.messages) for asked in model.asked if asked.purpose == purpose]


@pytest.mark.django_db(transaction=True)
async def test_older_messages_are_summed_up_once_and_the_summary_used_again(room: Room, settings: Any) -> None:
    settings.WORKROOM_MODEL_CONTEXT_TOKENS = 1_000
    session = await sync_to_async(room.session)()
    texts = [f"Message {number}: {'word ' * 200}" for number in range(5)]
    answers = {
        "chat": [f"Answer {number}: {'more ' * 60}" for number in range(5)],
        "summarise": ["SUMMARY ONE", "SUMMARY TWO", "SUMMARY THREE"],
    }
    with scripted(answers) as model:
        await talk(room, session, texts)
    prompts = said(model, "chat")
    assert "Message 0" in prompts[1]
    assert "Message 0" not in prompts[-1]
    assert "SUMMARY" in prompts[-1]
    assert "Message 3" in prompts[-1], "the newest are kept word for word"
    assert all(len(prompt) // 4 < 1_000 for prompt in prompts)
    again = said(model, "summarise")
    assert len(again) < 4, "a summary is kept and used, not made for every message"
    assert "Message 0" in again[0]
    assert all("Message 0" not in prompt for prompt in again[1:])
    assert "SUMMARY ONE" in again[1]
    stored = await sync_to_async(Summary.objects.select_related("through").get)(session=session)
    assert stored.content in prompts[-1]
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    started = [event["data"]["message"] for event in events if event["type"] == "agent_started"]
    assert "Summing up the older messages" in started


@pytest.mark.django_db(transaction=True)
async def test_short_messages_are_summed_up_before_they_are_too_many_to_read(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would all fit into the window, but no more than so many are read at once."""
    monkeypatch.setattr(history, "MOST_MESSAGES", 8)
    session = await sync_to_async(room.session)()
    texts = [f"Word {number}." for number in range(9)]
    answers = {"chat": [f"Reply {number}." for number in range(9)], "summarise": [f"SUM {number}" for number in range(9)]}
    with scripted(answers) as model:
        await talk(room, session, texts)
    last, summed_up = said(model, "chat")[-1], "\n".join(said(model, "summarise"))
    for number in range(8):
        for text in (f"Word {number}.", f"Reply {number}."):
            assert (text in last) != (text in summed_up), text
    assert "SUM" in last
    assert 0 < len(said(model, "summarise")) < 4
    check_contract(await sync_to_async(room.events)(session))


@pytest.mark.django_db(transaction=True)
async def test_far_more_messages_than_are_read_at_once_are_summed_up_in_turn(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await sync_to_async(room.session)()
    with scripted({"chat": [f"Reply {number}." for number in range(8)]}):
        await talk(room, session, [f"Word {number}." for number in range(8)])
    monkeypatch.setattr(history, "MOST_MESSAGES", 4)
    with scripted({"chat": ["done"], "summarise": [f"SUM {number}" for number in range(20)]}) as model:
        await talk(room, session, ["And now?"])
    prompts = said(model, "summarise")
    [last] = said(model, "chat")
    for number in range(8):
        assert sum(f"Word {number}." in text for text in [*prompts, last]) == 1
    assert all(f"SUM {number}" in prompt for number, prompt in enumerate(prompts[1:]))


@pytest.mark.django_db(transaction=True)
async def test_rules_sum_up_the_same_way_every_time(room: Room, settings: Any) -> None:
    settings.WORKROOM_MODEL_CONTEXT_TOKENS = 1_000
    contents = []
    for _ in range(2):
        session = await sync_to_async(room.session)()
        await talk(room, session, [f"What is overdue? Question {number} {'of many ' * 150}" for number in range(3)])
        contents.append((await sync_to_async(Summary.objects.get)(session=session)).content)
    assert contents[0] == contents[1]
    assert contents[0].startswith("- user: What is overdue? Question 0")


def test_question_is_fitted_into_the_window() -> None:
    result = json.dumps({"rows": ["x" * 50_000]})
    messages = [
        ModelMessage("system", "Be kind." * 10),
        ModelMessage("user", "old " * 3_000),
        ModelMessage("tool", result, tool_call_id="a", name="look"),
        ModelMessage("tool", result, tool_call_id="b", name="look"),
        ModelMessage("user", "What is it?"),
    ]
    fitted = fit(messages, [ToolSpec("look", "Looks.", {})], 4_000)
    assert sum(len(message.content) for message in fitted) < 4_000 * 3
    assert [(each.role, each.tool_call_id) for each in fitted] == [(each.role, each.tool_call_id) for each in messages]
    assert (fitted[0], fitted[-1]) == (messages[0], messages[-1])
    assert "shortened" in fitted[2].content
    assert fit(messages, [], 400_000) == messages


# -- the version (R41) -----------------------------------------------------------------------------------------------------


async def wait_for_approval(room: Room) -> tuple[str, dict[str, Any]]:
    """A chat that waits for an approval, begun by the workflow as it is."""
    session = await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Burn it"))["run"]
    with scripted({"chat": [[call("look"), call("burn", "x", "c2")]]}):
        await run_until_idle()
    return session, run


async def approve(room: Room, session: str, answers: list[Any]) -> None:
    await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
    with scripted({"chat": answers}):
        await run_until_idle()


def change_chat(monkeypatch: pytest.MonkeyPatch, *, without: str = "") -> list[str]:
    """A later version of chat: with one more step at the end, or with a node of another name. What the step did is returned."""
    done: list[str] = []

    async def check(state: Any) -> dict[str, Any]:
        del state
        done.append("checked")
        return {}

    def build(desk: Desk) -> Any:
        graph = chat.build(desk)
        if without:
            renamed = type(graph)(graph.state_schema)
            renamed.add_node("ponder", check)
            renamed.set_entry_point("ponder")
            return renamed
        graph.add_node("check", check)
        graph.branches["think"].clear()
        graph.add_conditional_edges("think", lambda state: "check" if state.get("is_done") else "act", ["check", "act"])
        graph.add_edge("check", END)
        return graph

    monkeypatch.setattr(drive, "WORKFLOWS", {**drive.WORKFLOWS, "chat": build})
    monkeypatch.setattr(versions, "definition_hash", lambda workflow: "f" * 64)
    return done


@pytest.mark.django_db(transaction=True)
async def test_run_records_what_it_began_with(room: Room, bench: Workbench) -> None:
    _, run = await wait_for_approval(room)
    definition = (await sync_to_async(Run.objects.get)(id=run["id"])).definition
    assert (definition["hash"], definition["format"]) == (versions.definition_hash("chat"), versions.STATE_FORMAT)
    assert {"think", "act", "gate"} <= set(definition["nodes"])


@pytest.mark.django_db(transaction=True)
async def test_run_goes_on_by_its_journal_in_a_version_with_one_more_step(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, run = await wait_for_approval(room)
    done = change_chat(monkeypatch)
    await approve(room, session, ["Burnt."])
    assert (await sync_to_async(room.run)(run))["status"] == "completed"
    assert bench.names() == ["look", "burn"], "nothing that was done is done again"
    assert len(done) == 1
    assert (await sync_to_async(Run.objects.get)(id=run["id"])).definition["hash"] == "f" * 64
    check_contract(await sync_to_async(room.events)(session))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["nodes", "format"])
async def test_run_that_a_new_version_cannot_take_over_fails_by_name(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    session, run = await wait_for_approval(room)
    if change == "nodes":
        change_chat(monkeypatch, without="think")
    else:
        monkeypatch.setattr(versions, "STATE_FORMAT", versions.STATE_FORMAT + 1)
    await approve(room, session, [])
    ended = await sync_to_async(room.run)(run)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "version_changed")
    assert ended["error"]["hint"]
    assert bench.names() == ["look"]
    check_contract(await sync_to_async(room.events)(session))


def test_every_prompt_and_workflow_is_part_of_a_version() -> None:
    folder = Path(versions.__file__).parent
    named = {name for files in versions.FILES.values() for name in files}
    prompts = {f"prompts/{path.name}" for path in (folder / "prompts").glob("*.md")}
    assert prompts - named == {"prompts/clarify.md"}, "the clarifier is no part of a run"
    assert all((folder / name).exists() for name in named)
    assert len({versions.definition_hash(name) for name in versions.FILES}) == len(versions.FILES)
    assert {*drive.WORKFLOWS, "refine"} == set(versions.FILES)


# -- examples --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_finished_runs_are_appended_as_examples(room: Room, settings: Any, tmp_path: Path) -> None:
    settings.WORKROOM_EXAMPLES_PATH = tmp_path / "examples.jsonl"
    session = await sync_to_async(room.session)()
    with scripted({"chat": ["Hello Alice", KeyError("broken")]}):
        await talk(room, session, ["Hello", "And again"])
    first, second = [json.loads(line) for line in settings.WORKROOM_EXAMPLES_PATH.read_text().splitlines()]
    assert (first["task"], first["mode"], first["result"], first["error"]) == ("Hello", "chat", "Hello Alice", None)
    assert first["started"] <= first["ended"]
    assert (first["metadata"]["status"], first["metadata"]["session"]) == ("completed", session)
    assert (second["task"], second["result"], second["error"]["code"]) == ("And again", None, "internal")
    assert settings.WORKROOM_EXAMPLES_PATH.stat().st_mode & 0o077 == 0


@pytest.mark.django_db(transaction=True)
async def test_example_that_cannot_be_written_is_only_logged(
    room: Room, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WORKROOM_EXAMPLES_PATH = tmp_path / "nowhere" / "examples.jsonl"
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Hello")
    await run_until_idle()
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"
    assert "could not be appended" in caplog.text
