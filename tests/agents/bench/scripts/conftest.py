"""WebSocket servers in the test's own loop, each with one fault or one virtue, and a way to play a script against them."""

import asyncio
import contextlib
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from agents.bench.scripts import asgi, transport
from agents.bench.scripts.load import parse_script
from agents.bench.scripts.outcome import Outcome
from agents.bench.scripts.play import play

Handler = Callable[[ServerConnection], Awaitable[None]]
Play = Callable[..., Coroutine[Any, Any, Outcome]]

HEAD = """
name: Trial
addresses: {server: null}
clients:
  alice: {url: "{server}/"}
  bob: {like: alice}
"""


@pytest.fixture(autouse=True)
def _short_goodbyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that don't answer a goodbye are given up sooner than in earnest."""
    monkeypatch.setattr(transport, "_CLOSE_S", 0.3)
    monkeypatch.setattr(asgi, "_LEAVE_S", 0.1)


async def echo(socket: ServerConnection) -> None:
    """Whatever comes goes back."""
    async for message in socket:
        await socket.send(message)


@contextlib.asynccontextmanager
async def serving(handler: Handler, **options: object) -> AsyncIterator[str]:
    """The URL of a server with this handler."""
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.2, **options) as server:  # type: ignore[arg-type]  # options of any kind
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def trial() -> Play:
    """A function that plays steps of alice and bob against a server with a handler of the test's. No task may be left."""

    async def played(steps: str, handler: Handler = echo, head: str = HEAD) -> Outcome:
        script = parse_script(f"{head}\nsteps:\n{textwrap.indent(textwrap.dedent(steps), '  ')}", name="trial.ws.yaml")
        before = asyncio.all_tasks()
        async with serving(handler) as url:
            outcome = await play(script, addresses={"server": url}, folder=Path())
        left = {task.get_name() for task in asyncio.all_tasks() - before}
        assert not left, f"tasks are left: {left}"
        return outcome

    return played
