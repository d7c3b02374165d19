"""An ASGI application's life: started before its first connection, shut down after the last."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from agents.bench.errors import Failed
from agents.bench.scripts.asgi import Application, Message

_WITHIN_S = 10.0
_SCOPE = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}


@contextlib.asynccontextmanager
async def lifespan(application: Application, name: str) -> AsyncIterator[None]:
    """The application started, where it has a lifespan; many have none. Failed where its start fails or takes ten seconds."""
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    task = asyncio.create_task(_run(application, to_app, from_app), name=f"lifespan of {name}")
    try:
        if await _asked(to_app, from_app, "startup", name):
            yield
            await _asked(to_app, from_app, "shutdown", name)
        else:
            yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _run(application: Application, to_app: asyncio.Queue[Message], from_app: asyncio.Queue[Message]) -> None:
    with contextlib.suppress(Exception):  # it has no lifespan, and says so by raising (ASGI, "Lifespan Protocol")
        await application(dict(_SCOPE), to_app.get, from_app.put)
    await from_app.put({"type": "lifespan.none"})


async def _asked(to_app: asyncio.Queue[Message], from_app: asyncio.Queue[Message], what: str, name: str) -> bool:
    """Whether the application has done it; False where it has no lifespan."""
    await to_app.put({"type": f"lifespan.{what}"})
    try:
        answer = await asyncio.wait_for(from_app.get(), _WITHIN_S)
    except TimeoutError as error:
        raise Failed(f"the application {name} did not end its {what} within {_WITHIN_S:.0f} s") from error
    if answer["type"] == f"lifespan.{what}.failed":
        raise Failed(f"the application {name} failed at its {what}: {answer.get('message') or 'it does not say why'}")
    return str(answer["type"]) == f"lifespan.{what}.complete"
