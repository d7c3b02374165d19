"""An attempt may be lost before or after each write of a checkpoint: the next one finds where the graph stands, and goes on."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from langgraph.checkpoint.base import empty_checkpoint

from agents.checkpointer import RunCheckpointer
from agents.drive import drive
from agents.llm.scripted import Script
from agents.services.fence import Fenced, load_attempt
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import claim, expire_lease, run_until_idle, scripted
from tests.agents.test_resolve import check_contract

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

PLAN = '{"subtasks": [{"id": "a", "title": "A", "needs": []}]}'
CASES: dict[str, dict[str, list[Script]]] = {
    "chat": {"chat": [[call("look")], "the end"]},
    "resolve": {"plan": [PLAN], "execute": [[call("look")], "a"], "aggregate": ["the end"]},
}


class Lost:
    """Lets the database go away before or after the writes of checkpoints numbered `at`; counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at, self.is_after, self.count = 0, False, 0
        for name in ("_put", "_put_writes"):
            monkeypatch.setattr(RunCheckpointer, name, self._wrap(getattr(RunCheckpointer, name)))

    def _wrap(self, method: Callable[..., None]) -> Callable[..., None]:
        def write(*args: Any) -> None:
            self.count += 1
            is_now = self.count == self.at
            if not is_now or self.is_after:
                method(*args)
            if is_now:
                raise OperationalError("the connection is closed")

        return write


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("workflow", CASES)
async def test_run_comes_to_its_end_wherever_its_attempt_was_lost(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, workflow: str, is_after: bool
) -> None:
    lost = Lost(monkeypatch)
    lost.is_after = is_after
    while lost.count >= lost.at:
        lost.at, lost.count = lost.at + 1, 0
        # Answers beyond the last are there for what is asked twice.
        with scripted({purpose: [*answers, answers[-1]] for purpose, answers in CASES[workflow].items()}):
            session = await sync_to_async(room.session)(workflow)
            run = (await sync_to_async(room.say)(session, "Do it", workflow=workflow))["run"]
            taken = await claim()
            await drive(taken.run_id, taken.attempt)
            was_lost = lost.count >= lost.at
            lost.at, at = 10**6, lost.at
            if was_lost:
                await sync_to_async(expire_lease)(taken)
            await run_until_idle()
            lost.at = at
        await check_end(room, session, run, f"lost at write {lost.at}")
    assert lost.at > 8


async def test_attempt_that_lost_its_run_to_another_writes_no_checkpoint(room: Room) -> None:
    await sync_to_async(room.say)(await sync_to_async(room.session)(), "Do it")
    taken = await claim()
    checkpoints = RunCheckpointer(await sync_to_async(load_attempt)(taken.run_id, taken.attempt))
    config = await checkpoints.aput({"configurable": {}}, empty_checkpoint(), {}, {})
    await sync_to_async(expire_lease)(taken)
    await claim()
    with pytest.raises(Fenced):
        await checkpoints.aput(config, empty_checkpoint(), {}, {})
    with pytest.raises(Fenced):
        await checkpoints.aput_writes(config, [("turn", 1)], "task")


async def check_end(room: Room, session: str, run: dict[str, Any], moment: str) -> None:
    final = await sync_to_async(room.run)(run)
    assert final["status"] == "completed", moment
    said = [each["content"] for each in (await sync_to_async(room.snapshot)(session))["state"]["messages"] if not each["interrupted"]]
    assert said == ["Do it", "the end"], moment
    check_contract(await sync_to_async(room.events)(session))
