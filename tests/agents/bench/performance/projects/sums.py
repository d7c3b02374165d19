"""Functions to be timed."""

import asyncio
import time
from functools import cache

HELD: list[bytes] = []
CALLS: list[int] = []


def nap(seconds: float) -> None:
    time.sleep(seconds)


async def nap_aside(seconds: float) -> None:
    await asyncio.sleep(seconds)


def run_aside() -> None:
    asyncio.run(nap_aside(0))


def hold(size: int) -> None:
    HELD.append(bytes(size))


def odd() -> None:
    CALLS.append(1)
    if len(CALLS) % 2:
        raise LookupError("odd")


def leave() -> None:
    print("leaving")  # noqa: T201 - what is printed is the detail of the failure
    raise SystemExit(4)


def hang() -> None:
    time.sleep(60)


def ways(steps: int) -> int:
    return 1 if steps < 2 else ways(steps - 1) + ways(steps - 2)


@cache
def fine_ways(steps: int) -> int:
    return 1 if steps < 2 else fine_ways(steps - 1) + fine_ways(steps - 2)


number = 5
