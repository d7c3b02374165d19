"""What tests of processes share: small services, and looking for what is left."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from agents.bench.processes.declared import Service

STUBBORN = str(Path(__file__).parent / "stubborn.py")
FOREVER = "while :; do sleep 60; done"


def shell(script: str, **fields: object) -> Service:
    """A service that is a line of shell."""
    return Service.model_validate({"command": ["sh", "-c", script], **fields})


def python(code: str, *words: str, **fields: object) -> Service:
    """A service that is a piece of Python."""
    return Service.model_validate({"command": ["{python}", "-c", code, *words], **fields})


def web(**fields: object) -> Service:
    """An HTTP server on a free port."""
    command = ["{python}", "-m", "http.server", "--bind", "127.0.0.1", "{port}"]
    return Service.model_validate({"command": command, "port": "auto", "healthy": {"http": "/"}, **fields})


def stubborn(mark: str, *words: str, **fields: object) -> Service:
    """stubborn.py, three processes strong."""
    command = ["{python}", "-S", STUBBORN, mark, *words]
    return Service.model_validate({"command": command, "healthy": {"log": "ready"}, "stop_within": 0.2, **fields})


def is_there(path: str | Path) -> bool:
    """Whether there is such a file or folder."""
    return Path(path).exists()


def with_word(word: str) -> list[int]:
    """The processes that have this word in their command line."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if word in (process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


async def becomes(condition: Callable[[], bool], within_s: float = 20) -> bool:
    """Whether it comes to be true in time."""
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    return condition()
