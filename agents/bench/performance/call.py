"""Calls a function again and again, in a process of its own: `call.py OUT JOB`, in the project's folder.

It imports nothing but the standard library, for it runs with whatever Python the project has. The job and what comes of it
are JSON; what the function prints goes where it goes.
"""

import asyncio
import gc
import importlib
import inspect
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Call = Callable[[], str | None]
"""Calls once; the kind of error it ended with."""


def resolve(name: str) -> Callable[..., Any]:
    """The function that `module:name` names, in the folder this runs in."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{name} is no function but a value of type {type(found).__name__}")
    function: Callable[..., Any] = found
    return function


def caller(function: Callable[..., Any], arguments: list[Any], loop: asyncio.AbstractEventLoop) -> Call:
    """Calls the function with these arguments; what it returns is awaited if it can be."""

    async def wait(found: Awaitable[Any]) -> None:
        await found

    def call() -> str | None:
        try:
            found = function(*arguments)
            if inspect.isawaitable(found):
                loop.run_until_complete(wait(found))
        except Exception as error:
            return type(error).__name__
        return None

    return call


def timed(call: Call) -> tuple[float, str | None]:
    """Seconds of one call, and the kind of error it ended with."""
    began = time.perf_counter()
    problem = call()
    return time.perf_counter() - began, problem


def growth_kb(call: Call, calls: int) -> float:
    """How much more is held after so many calls than before. Looked at apart from the timing, which it slows down."""
    tracemalloc.start()
    call()
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(calls):
        call()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / 1024


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds of each call and what it ended with, by round, and what tracemalloc found to grow."""
    loop = asyncio.new_event_loop()
    call = caller(resolve(job["function"]), job["arguments"], loop)
    for _ in range(job["warm_up"]):
        call()
    gc.collect()
    rounds = [[timed(call) for _ in range(job["calls"])] for _ in range(job["repeats"])]
    found = {"rounds": rounds, "growth_kb": growth_kb(call, job["calls"]) if job["with_memory"] else None}
    loop.close()
    return found


def main() -> None:
    """Do the job and write what came of it to the file named."""
    sys.path[0] = os.getcwd()  # instead of the folder of this file
    try:
        found = measure(json.loads(sys.argv[2]))
    except Exception as error:
        found = {"failed": f"{type(error).__name__}: {error}"}
    Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
