"""One answer of the model, as the room gets it."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.llm.port import TextDelta, ThoughtDelta
from agents.llm.registry import use_model
from agents.llm.scripted import ScriptedModel
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import claim, run_until_idle, scripted
from tests.agents.test_resolve import check_contract

pytestmark = pytest.mark.django_db(transaction=True)


async def test_answer_that_comes_all_at_once_is_told_in_events_of_usual_size(room: Room) -> None:
    """Some providers and proxies collect an answer and send it as one piece."""
    thought, text = "考" * 60_000, "é\x01" * 60_000
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Tell me all")
    with scripted({"chat": [[ThoughtDelta(thought), TextDelta(text)]]}):
        await run_until_idle()
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"
    events = await sync_to_async(room.events)(session)
    check_contract(events)
    assert "".join(event["data"]["thought"] for event in events if event["type"] == "agent_thinking") == thought
    assert "".join(event["data"]["text"] for event in events if event["type"] == "message_delta") == text


async def test_run_counts_as_begun_before_it_waits_for_its_model_or_a_tool(room: Room, bench: Workbench) -> None:
    """Whoever begins next waits for this (docs/decisions/0019)."""
    order: list[str] = []
    bench.hook = order.append

    class Model(ScriptedModel):
        def stream(self, messages: Any, tools: Any, *, purpose: Any) -> Any:
            order.append("model")
            return super().stream(messages, tools, purpose=purpose)

    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Look")
    with use_model(Model({"chat": [[call("look")], "done"]})):
        taken = await claim()
        await drive(taken.run_id, taken.attempt, lambda: order.append("begun"))
    assert order == ["begun", "model", "begun", "look", "begun", "model"]
