"""`python -m tests.rig.held --port N`: `manage.py serve` with one address more, /held: what the process keeps for good."""

import asyncio
import gc
import json
import os
import sys
from typing import Any
from unittest.mock import patch

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from project import server  # noqa: E402 - these need the app registry that `setup` fills
from project.asgi import application as workroom  # noqa: E402 - as above
from project.buckets import TokenBucket  # noqa: E402 - as above

OURS = {"agents", "boards", "project", "sessions"}


async def application(scope: Any, receive: Any, send: Any) -> Any:
    """Workroom, and /held."""
    if scope["type"] != "http" or scope["path"] != "/held":
        return await workroom(scope, receive, send)
    gc.collect()
    body = {"objects": sum(map(_is_ours, gc.get_objects())), "tasks": len(asyncio.all_tasks())}
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
    return None


def _is_ours(thing: object) -> bool:
    """Whether the product's own; its rate limits remember the last 10,000 people on purpose."""
    kind = type(thing)
    return kind.__module__.partition(".")[0] in OURS and kind is not TokenBucket


if __name__ == "__main__":
    with patch.object(server, "application", application):
        call_command("serve", *sys.argv[1:])
