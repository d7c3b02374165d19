"""The bell within a process: who hears it, and how often."""

import threading
from collections.abc import Sequence
from unittest.mock import Mock

import pytest

from project.realtime import bell, layer
from project.realtime.bell import Bell, listen, ring_here, stop_listening


class Ear:
    """Hears, and leaves at once when it `is_leaving`."""

    def __init__(self, *, is_leaving: bool) -> None:
        self.is_leaving = is_leaving
        self.heard = 0

    def hear_soon(self, bells: Sequence[Bell]) -> None:
        self.heard += len(bells)
        if self.is_leaving:
            stop_listening(self)


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "_listeners", [])


def test_listener_that_leaves_on_hearing_makes_no_other_miss_it() -> None:
    leaving, staying = Ear(is_leaving=True), Ear(is_leaving=False)
    listen(leaving)
    listen(staying)
    ring_here([Bell()])
    ring_here([Bell()])
    assert (leaving.heard, staying.heard) == (1, 2)


def test_first_bells_of_a_process_rung_at_once_start_one_publisher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two would show each ephemeral frame twice in every other process."""
    both = threading.Barrier(2)

    def is_shared(_: object) -> bool:
        both.wait(5)
        return True

    publishers: list[layer.Publisher] = []
    monkeypatch.setattr(layer, "_own", publishers)
    monkeypatch.setattr(layer, "is_shared", is_shared)
    monkeypatch.setattr("asyncio.new_event_loop", Mock())
    threads = [threading.Thread(target=layer.ring, args=([],)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(publishers) == 1
