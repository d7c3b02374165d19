"""Event streams over HTTP: places, ids, resets, ends."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import Any
from unittest.mock import Mock

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, override_settings
from knox.models import AuthToken

from project.accounts.models import User
from project.realtime import connections, streams
from project.realtime.bell import Bell
from project.realtime.commands import Reply
from project.realtime.layer import ring
from project.realtime.models import Stream
from project.realtime.sse import event_stream
from project.realtime.streams import StreamKey
from tests.realtime.conftest import ROLES

pytestmark = pytest.mark.django_db(transaction=True)

NoteFn = Callable[..., Reply]


class Listening:
    """One response, read block by block."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.body = response.__aiter__() if isinstance(response, StreamingHttpResponse) else None
        self.blocks: list[str] = []

    async def block(self) -> str:
        while not self.blocks:
            assert self.body is not None
            async with asyncio.timeout(5):
                text = (await anext(self.body)).decode()
            self.blocks = [block for block in text.split("\n\n") if block]
        return self.blocks.pop(0)

    async def event(self) -> tuple[str, dict[str, Any]]:
        lines = dict(line.split(": ", 1) for line in (await self.block()).splitlines())
        return lines.get("id", lines.get("event", "")), json.loads(lines["data"])

    async def close(self) -> None:
        if isinstance(self.body, AsyncGenerator):
            await self.body.aclose()


@pytest.fixture
async def listen(transactional_db: None) -> Any:
    opened: list[Listening] = []

    async def connect(user: User | None, key: StreamKey, query: str = "", last_id: str | None = None) -> Listening:
        headers = {} if last_id is None else {"last-event-id": last_id}
        if user:
            _, token = await sync_to_async(AuthToken.objects.create)(user)
            headers["authorization"] = f"Bearer {token}"
        request = AsyncRequestFactory().get(f"/api/boards/{key.id}/stream/{query}", headers=headers)
        opened.append(Listening(await event_stream(request, key.id, kind="board")))
        return opened[-1]

    yield connect
    for stream in opened:
        await stream.close()


async def test_hello_then_replay_then_live(listen: Any, alice: User, key: StreamKey, note: NoteFn) -> None:
    await sync_to_async(note)(times=2)
    stream = await listen(alice, key, "?after=0")
    assert stream.response["Cache-Control"] == "no-store"
    assert stream.response["X-Accel-Buffering"] == "no"
    assert stream.response["Content-Type"] == "text/event-stream"
    hello = await stream.block()
    assert hello.startswith("retry: 2000\nevent: hello\ndata: ")
    epoch = (await sync_to_async(Stream.objects.get)()).epoch
    for seq in (1, 2):
        event_id, envelope = await stream.event()
        assert event_id == f"{epoch}.{seq}"
        assert envelope["seq"] == seq
    await sync_to_async(note)("live")
    assert (await stream.event())[1]["data"]["text"] == "live"


async def test_last_event_id_wins(listen: Any, alice: User, key: StreamKey, note: NoteFn) -> None:
    await sync_to_async(note)(times=3)
    epoch = (await sync_to_async(Stream.objects.get)()).epoch
    stream = await listen(alice, key, "?after=0", last_id=f"{epoch}.2")
    await stream.block()
    assert (await stream.event())[1]["seq"] == 3


@pytest.mark.parametrize(("query", "reason"), [("?after=9", "ahead"), ("?after=0&epoch=other", "epoch")])
async def test_bad_place_is_a_reset_and_the_end(listen: Any, alice: User, key: StreamKey, query: str, reason: str) -> None:
    stream = await listen(alice, key, query)
    await stream.block()
    name, frame = await stream.event()
    assert name == "reset"
    assert frame["data"] == {"reason": reason, "snapshot": key.snapshot_path}
    with pytest.raises(StopAsyncIteration):
        await stream.block()
    assert connections.count() == 0


async def test_stranger_malformed_and_anonymous_get_their_errors(listen: Any, charlie: User, alice: User, key: StreamKey) -> None:
    for user, query, status, code in [
        (charlie, "", 404, "not_found"),
        (alice, "?after=x", 400, "invalid"),
        (alice, "?more=1", 400, "invalid"),
        (alice, "?" + "a&" * 1001, 400, "invalid"),
        (None, "", 401, "not_authenticated"),
    ]:
        stream = await listen(user, key, query)
        assert stream.response.status_code == status
        assert json.loads(stream.response.content)["error"]["code"] == code


async def test_stream_without_its_database_is_unavailable(
    listen: Any, alice: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(streams._access, "board", Mock(side_effect=OperationalError("the connection is closed")))
    stream = await listen(alice, key)
    assert (stream.response.status_code, stream.response["Retry-After"]) == (503, "1")
    assert json.loads(stream.response.content)["error"]["code"] == "unavailable"


async def test_heartbeat_and_end_by_size(listen: Any, alice: User, key: StreamKey, note: NoteFn) -> None:
    with override_settings(WORKROOM_LIMITS={"heartbeat_s": 0.05, "sse_bytes": 500}):
        stream = await listen(alice, key)
        await stream.block()
        assert await stream.block() == ": heartbeat"
        await sync_to_async(note)("x" * 600)
        while (block := await stream.block()) == ": heartbeat":
            pass
        assert '"seq":1' in block
        with pytest.raises(StopAsyncIteration):
            await stream.block()


async def test_lost_right_ends_the_stream(listen: Any, bob: User, key: StreamKey) -> None:
    stream = await listen(bob, key)
    await stream.block()
    waiting = asyncio.create_task(stream.block())
    await asyncio.sleep(0.05)
    del ROLES[bob.id, key.id]
    ring([Bell(access=bob.id)])
    await asyncio.sleep(0.2)
    ring([Bell(stream=key.id, frames=())])
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await waiting


async def test_too_many_connections_are_refused(listen: Any, alice: User, key: StreamKey) -> None:
    with override_settings(WORKROOM_LIMITS={"sockets_per_user": 1}):
        first = await listen(alice, key)
        await first.block()
        second = await listen(alice, key)
        assert second.response.status_code == 429
        assert second.response["Retry-After"]
