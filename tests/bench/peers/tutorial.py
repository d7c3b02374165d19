"""Competitor: Channels the way everybody begins, one group member per socket, on plain daphne with the in-memory layer."""

import json
import os
import time
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "channels"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    ROOT_URLCONF="",
)

from django.core.asgi import get_asgi_application  # noqa: E402 - the settings come first

get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - needs the app registry
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402 - as above
from channels.layers import get_channel_layer  # noqa: E402 - as above
from channels.routing import ProtocolTypeRouter  # noqa: E402 - as above
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402 - as above

from tests.bench.peers.payload import event_text  # noqa: E402 - as above

GROUP = "board"


class BoardConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # untyped where Django is configured by hand
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def board_event(self, message: dict[str, Any]) -> None:
        """Pass a group message on."""
        await self.send(text_data=message["text"])


async def control(scope: Any, receive: Any, send: Any) -> None:
    """Answer /emit and /healthz."""
    began = time.monotonic()
    if scope["path"] == "/emit":
        layer = get_channel_layer()
        assert layer is not None
        for number in range(int(parse_qs(scope["query_string"].decode())["count"][0])):
            await layer.group_send(GROUP, {"type": "board.event", "text": event_text(number)})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps({"at": began}).encode()})


application = ProtocolTypeRouter({"http": control, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(BoardConsumer.as_asgi()))})
