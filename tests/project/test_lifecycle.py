"""What runs beside the requests, begun and ended."""

from collections.abc import Iterator

import pytest

from project import lifecycle


@pytest.fixture
def _own_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lifecycle, "_tasks", [])
    monkeypatch.setattr(lifecycle, "_state", {"draining": False})
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    yield
    for task in lifecycle._tasks:
        task.cancel()


@pytest.mark.usefixtures("_own_state")
@pytest.mark.django_db(transaction=True)
async def test_request_that_comes_during_the_end_starts_nothing_again() -> None:
    lifecycle.start()
    assert lifecycle._tasks
    await lifecycle.drain()
    lifecycle.start()
    assert lifecycle._tasks == []
