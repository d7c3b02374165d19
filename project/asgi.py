"""The ASGI application: HTTP to Django, sockets to the consumers, and what runs beside them."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import django
from channels.routing import ProtocolTypeRouter

django.setup(set_prefix=False)

from project import lifecycle  # noqa: E402 - needs the app registry that the set-up fills
from project.handler import Handler  # noqa: E402 - as above
from project.realtime.handshake import Receive, Scope, Send  # noqa: E402 - as above
from project.routing import websocket  # noqa: E402 - as above

_router = ProtocolTypeRouter({"http": Handler(), "websocket": websocket})


async def application(scope: Scope, receive: Receive, send: Send) -> Any:
    """Workroom. The launcher starts with the server's lifespan, or with the first request where a server has none."""
    if scope["type"] == "lifespan":
        return await _live(receive, send)
    lifecycle.start()
    return await _router(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            lifecycle.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await lifecycle.drain()
            await send({"type": "lifespan.shutdown.complete"})
            return
