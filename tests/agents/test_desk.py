"""The desk of an attempt: what steps side by side put out keeps each step's order."""

import asyncio
from typing import Any, cast
from uuid import uuid4

import pytest

from agents.emit import MessageText
from agents.services.fence import Attempt
from agents.workflows.desk import Desk
from agents.workflows.facts import Facts
from project.accounts.models import User


class Writer:
    """A log writer whose commits end when the test says so."""

    def __init__(self) -> None:
        self.written: list[asyncio.Future[bool]] = []

    def submit(self, item: object) -> "asyncio.Future[bool]":
        del item
        self.written.append(asyncio.get_running_loop().create_future())
        return self.written[-1]


async def test_step_waits_for_its_own_text_though_another_step_waited_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer()
    monkeypatch.setattr("agents.workflows.desk.get_writer", lambda fence: writer)
    robo = User(username="robo")
    desk = Desk(Attempt(uuid4(), 1, uuid4(), None, None, robo, robo), cast(Facts, None), cast(Any, None), {})
    desk.stream(MessageText(uuid4(), 0, "of one step"))
    one = asyncio.create_task(desk.drained())
    await asyncio.sleep(0)
    desk.stream(MessageText(uuid4(), 0, "of another"))
    writer.written[0].set_result(True)
    await one
    other = asyncio.create_task(desk.drained())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not other.done()
    writer.written[1].set_result(True)
    await other
