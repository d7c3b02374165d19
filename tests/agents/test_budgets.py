"""What a run uses is added up, what is long is cut, and trouble with the model ends a run by name."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.llm.errors import ModelBusy, ModelKeyRefused
from agents.llm.port import Finish, TextDelta, Usage
from agents.models import Run
from agents.workflows import turn
from project.errors import Invalid
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted

pytestmark = pytest.mark.django_db(transaction=True)


async def test_usage_is_added_up_and_shown(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Look twice")
    last = [TextDelta("done"), Finish("stop", Usage(5, 7, 0.25))]
    with scripted({"chat": [[call("look"), Finish("tool_calls", Usage(10, 1, 0.5))], last]}):
        await run_until_idle()
    usage = (await sync_to_async(room.run)(reply["run"]))["usage"]
    assert usage == {"requests": 2, "input_tokens": 15, "output_tokens": 8, "cost_usd": 0.75, "tool_calls": 1}
    assert await sync_to_async(Run.objects.values_list("turns", "tokens").get)() == (2, 23)


async def test_answer_that_breaks_off_fails_by_name(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "_FIRST_PAUSE_S", 0.001)
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Hello")

    class Cut:
        name, adapter = "cut", "scripted"

        async def stream(self, messages: Any, tools: Any, *, purpose: Any) -> Any:
            yield TextDelta("I was go")

    monkeypatch.setattr("agents.drive.get_model", lambda agent, effort: Cut())
    await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], run["error"]["code"]) == ("failed", "model_cut")
    message = (await sync_to_async(room.snapshot)(session))["state"]["messages"][-1]
    assert (message["content"], message["interrupted"]) == ("I was go", True)


async def test_long_results_are_cut_in_events_and_whole_by_their_id(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Look")
    text = "x" * 15_990
    long = "y" * 40_000
    with scripted({"chat": [[call("look", text)], long]}):
        await run_until_idle()
    events = await sync_to_async(room.events)(session)
    completed = next(event["data"] for event in events if event["type"] == "tool_completed")
    assert (completed["truncated"], len(completed["result"])) == (True, 16_000)
    whole = await sync_to_async(room.api.ok)("get", f"/api/tool-calls/{completed['call']}/")
    assert (whole["truncated"], whole["result"]) == (False, f'{{"did": "look {text}"}}')
    output = next(event["data"]["output"] for event in events if event["type"] == "output_added")
    assert (output["truncated"], len(output["content"]), output["html"]) == (True, 32_000, None)
    whole = await sync_to_async(room.api.ok)("get", f"/api/outputs/{output['id']}/")
    assert (whole["truncated"], whole["content"]) == (False, long)


async def test_answer_broken_by_a_busy_provider_is_written_anew(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "_FIRST_PAUSE_S", 0.01)
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Hello")
    with scripted({"chat": [[TextDelta("Hel"), ModelBusy()], "Hello Alice"]}):
        await run_until_idle()
    messages = (await sync_to_async(room.snapshot)(session))["state"]["messages"][1:]
    assert [(each["content"], each["interrupted"]) for each in messages] == [("Hel", True), ("Hello Alice", False)]
    delayed = next(event["data"] for event in await sync_to_async(room.events)(session) if event["type"] == "run_delayed")
    assert set(delayed) == {"run", "reason", "try", "tries", "retry_at"}
    assert (await sync_to_async(room.run)(reply["run"]))["status"] == "completed"


async def test_provider_that_stays_busy_fails_the_run_by_name(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "_FIRST_PAUSE_S", 0.001)
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Hello")
    with scripted({"chat": [ModelBusy()] * 9}) as model:
        await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], run["error"]["code"], len(model.asked)) == ("failed", "model_busy", turn.TRIES)


async def test_long_error_of_a_tool_is_cut_and_ends_no_run(room: Room, bench: Workbench) -> None:
    def fail(name: str) -> None:
        raise Invalid(f"It can't be done: {'é' * 200_000}")

    bench.hook = fail
    reply = await sync_to_async(room.say)(await sync_to_async(room.session)(), "Look")
    with scripted({"chat": [[call("look")], "done"]}) as model:
        await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], len(run["tool_calls"][0]["error"]["message"])) == ("completed", 8_000)
    assert model.asked[1].messages[-1].content.startswith('{"error": {"code": "invalid", "message": "It can\'t be done: é')


@pytest.mark.parametrize("said", ["No: " + "é" * 200_000, "No: \0 \ud800"], ids=["long", "odd"])
async def test_error_ends_a_run_by_name_whatever_the_provider_says(room: Room, said: str) -> None:
    reply = await sync_to_async(room.say)(await sync_to_async(room.session)(), "Hello")
    with scripted({"chat": [ModelKeyRefused(said)]}):
        await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], run["error"]["code"], run["attempt"]) == ("failed", "model_key_refused", 1)
    assert run["error"]["message"].startswith("No: ")


async def test_run_that_was_taken_up_a_thousand_times_goes_on(room: Room, bench: Workbench) -> None:
    """As where programs answer its requests: each answer is an attempt, and every event of the run shows its attempts."""
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Burn")
    with scripted({"chat": [[call("burn")], "done"]}):
        await run_until_idle()
        row = await Run.objects.aget(id=reply["run"]["id"])
        await Run.objects.aupdate(attempts=row.attempts * 1_500)
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
    run = await sync_to_async(room.run)(reply["run"])
    assert (run["status"], len(run["attempts"])) == ("completed", 1_501)
    [last] = [event for event in await sync_to_async(room.events)(session) if event["type"] == "run_completed"]
    assert last["data"]["run"]["attempts"] == run["attempts"][-100:]
