"""Lines of progress come at a pace that people can read, the newest of them in the end."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from agents.services.scope import Step
from agents.workflows.optimise.progress import Progress


class Desk:
    """Keeps what is streamed."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def next_thought(self, step: Step) -> int:
        return len(self.told)

    def stream(self, item: Any) -> None:
        self.told.append(item.text)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def make(desk: Any, pace_s: float) -> Progress:
    return Progress(desk, Step(uuid4(), "tester"), pace_s=pace_s)


async def test_first_line_is_shown_at_once_and_of_those_that_follow_the_newest(desk: Desk) -> None:
    with make(desk, 0.1) as progress:
        for line in ("one", "two", "three"):
            progress(line)
        assert desk.told == ["one\n"]
        await asyncio.sleep(0.3)
        assert desk.told == ["one\n", "three\n"]
        progress("four")
    assert desk.told == ["one\n", "three\n", "four\n"]


async def test_line_that_waits_is_shown_at_the_end_and_nothing_after_it(desk: Desk) -> None:
    with make(desk, 0.05) as progress:
        progress("one")
        progress("two")
    assert desk.told == ["one\n", "two\n"]
    await asyncio.sleep(0.15)
    assert desk.told == ["one\n", "two\n"]
