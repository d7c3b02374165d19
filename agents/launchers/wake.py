"""How a commit tells whoever launches runs that there may be work. Launchers register here; nobody need be there."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_sleepers: list[Callable[[], None]] = []


def on_wake(sleeper: Callable[[], None]) -> None:
    """From now on call `sleeper`, from any thread, whenever there may be work; it returns at once."""
    _sleepers.append(sleeper)


def forget(sleeper: Callable[[], None]) -> None:
    """Call `sleeper` no more."""
    with suppress(ValueError):
        _sleepers.remove(sleeper)


def wake() -> None:
    """There may be work."""
    for sleeper in tuple(_sleepers):  # others come and go meanwhile, on their own threads
        sleeper()


@contextmanager
def awake() -> Iterator[asyncio.Event]:
    """An event of the running loop that every `wake` sets."""
    loop, called = asyncio.get_running_loop(), asyncio.Event()

    def call() -> None:
        with suppress(RuntimeError):  # the loop is closed, and nobody waits there any more
            loop.call_soon_threadsafe(called.set)

    on_wake(call)
    try:
        yield called
    finally:
        forget(call)


async def wait_called(called: asyncio.Event, most_s: float) -> bool:
    """Wait until called, at most so long; whether it was.

    Not by `asyncio.wait_for`: in Python 3.11 that loses a cancellation which comes together with the call.
    """
    try:
        async with asyncio.timeout(most_s):
            return await called.wait()
    except TimeoutError:
        return False
