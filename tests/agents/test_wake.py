"""Waking whoever launches runs: everybody who was there, whatever the others do meanwhile."""

import asyncio
from collections.abc import Iterator

import pytest

from agents.launchers.wake import awake, forget, on_wake, wake


@pytest.fixture
def woken() -> Iterator[list[str]]:
    """Who was called. `leaver` leaves as soon as it is, before `stayer` has been."""
    called: list[str] = []

    def leaver() -> None:
        called.append("leaver")
        forget(leaver)

    def stayer() -> None:
        called.append("stayer")

    on_wake(leaver)
    on_wake(stayer)
    yield called
    forget(leaver)
    forget(stayer)


def test_who_leaves_when_called_keeps_the_next_from_nothing(woken: list[str]) -> None:
    wake()
    assert woken == ["leaver", "stayer"]
    wake()
    assert woken == ["leaver", "stayer", "stayer"]


def test_forgetting_twice_is_no_matter(woken: list[str]) -> None:
    def nobody() -> None:
        woken.append("nobody")

    on_wake(nobody)
    forget(nobody)
    forget(nobody)
    wake()
    assert "nobody" not in woken


def test_loop_that_has_closed_keeps_nobody_asleep(woken: list[str]) -> None:
    loop = asyncio.new_event_loop()

    async def enter() -> None:
        waiting.__enter__()

    waiting = awake()
    loop.run_until_complete(enter())
    loop.close()
    try:
        on_wake(late := lambda: woken.append("late"))
        wake()
    finally:
        forget(late)
        waiting.__exit__(None, None, None)
    assert woken == ["leaver", "stayer", "late"]
