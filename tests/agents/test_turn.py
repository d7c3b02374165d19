"""One answer of the model, as the room gets it."""

import pytest
from asgiref.sync import sync_to_async

from agents.llm.port import TextDelta, ThoughtDelta
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle, scripted
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
