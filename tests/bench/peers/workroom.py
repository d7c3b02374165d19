"""Workroom itself, with one address more: /emit stores events on a board and then rings for them one by one."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from project.asgi import application as workroom  # noqa: I001 - it fills Django's app registry, which all others need
from boards.events import CardMoved
from boards.models import Card
from project import server
from project.accounts.models import User
from project.realtime import transaction
from project.realtime.bell import Bell
from project.realtime.change import Call
from project.realtime.transaction import run_change
from project.realtime.db import run_db
from project.realtime.layer import ring
from project.realtime.streams import StreamKey

_kept: list[Bell] = []


async def application(scope: Any, receive: Any, send: Any) -> Any:
    """Workroom, and /emit?board=…&count=…"""
    if scope["type"] != "http" or scope["path"] != "/emit":
        return await workroom(scope, receive, send)
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    bells = await run_db(store, UUID(query["board"]), int(query["count"]))
    began = time.monotonic()
    for bell in bells:
        ring([bell])
        await asyncio.sleep(0)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps({"at": began}).encode()})
    return None


def store(board_id: UUID, count: int) -> list[Bell]:
    """Append events as a move does, and keep their bells back: one for each."""
    card = Card.objects.filter(board_id=board_id).first()
    actor = User.objects.first()
    assert card is not None
    assert actor is not None
    stream = StreamKey.board(board_id)
    event = CardMoved(card=card.id, column=card.column_id, from_column=card.column_id, rank=card.rank, version=card.version)
    with patch.object(transaction, "ring", _keep):
        run_change(Call(actor=actor, name="bench"), (stream,), lambda ch: [ch.append(event, stream) for _ in range(count)])
    kept = [Bell(stream=bell.stream, events=(event,)) for bell in _kept for event in bell.events]
    _kept.clear()
    return kept


def _keep(bells: Sequence[Bell]) -> None:
    _kept.extend(bells)


if __name__ == "__main__":
    kind, port = sys.argv[1], int(sys.argv[2])
    serve = server.serve_uvicorn if kind == "uvicorn" else server.serve_daphne
    with patch.object(server, "application", application):
        serve("127.0.0.1", port, on_ready=lambda: None)
