"""Calls side by side: when one fails, the others end before anything else happens."""

import asyncio
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async

from agents.services.calls import CallFacts
from agents.wire import ErrorObject
from agents.workflows.together import together
from project.errors import Invalid
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted


async def give(value: int, after_s: float = 0.0) -> int:
    await asyncio.sleep(after_s)
    return value


async def test_results_come_in_the_order_of_what_was_asked() -> None:
    assert await together([give(1, 0.02), give(2), give(3, 0.01)]) == [1, 2, 3]
    assert await together([]) == []


async def test_first_failure_ends_the_others_and_is_raised_as_it_is() -> None:
    ended: list[str] = []

    async def wait() -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # tidying up takes a moment
            ended.append("waiting")
            raise
        return 0

    async def fail() -> int:
        await asyncio.sleep(0)
        raise Invalid("No.")

    with pytest.raises(Invalid, match="No"):
        await together([wait(), fail(), wait()])
    assert ended == ["waiting", "waiting"]


async def test_cancelling_it_ends_all() -> None:
    started = [asyncio.Event(), asyncio.Event()]
    ended: list[int] = []

    async def wait(place: int) -> None:
        started[place].set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(place)

    task = asyncio.create_task(together([wait(0), wait(1)]))
    for each in started:
        await each.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == [0, 1]


@pytest.mark.django_db(transaction=True)
async def test_call_that_fails_leaves_none_beside_it_running(room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []

    async def call_tool(desk: object, step: object, facts: CallFacts, **more: object) -> str:
        if facts.tool_name == "fail":
            await asyncio.sleep(0.01)
            raise Invalid("It can't be told.")
        try:
            await asyncio.sleep(60)
        finally:
            happened.append("ended")
        return ""

    monkeypatch.setattr("agents.workflows.loop.call_tool", call_tool)
    monkeypatch.setattr("agents.drive._explain", explaining(happened))
    session = await sync_to_async(room.session)()
    reply = await sync_to_async(room.say)(session, "Do both")
    with scripted({"chat": [[call("look"), call("fail", ref="c2")]]}):
        await run_until_idle()
    assert happened == ["ended", "It can't be told."]
    assert (await sync_to_async(room.run)(reply["run"]))["error"]["message"] == "It can't be told."


def explaining(happened: list[str]) -> Callable[[Invalid], ErrorObject]:
    """In the place of what names a run's failure: writes down that the run is ended now."""

    def explain(error: Invalid) -> ErrorObject:
        happened.append(error.message)
        return ErrorObject(code=error.code, message=error.message)

    return explain
