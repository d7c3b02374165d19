"""A server of scripts: each connection plays the next one. It answers the requests that the client makes beside it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

Json = dict[str, Any]
Script = Callable[["Line"], Awaitable[None]]

SESSION = "019a9d6e-0000-7000-8000-000000000001"
USER = {"id": "019a9d6e-0000-7000-8000-0000000a11ce", "username": "alice", "kind": "human"}
LIMITS = {"frame_bytes": 65536}


def event(seq: int, **data: Any) -> Json:
    """The envelope of an event."""
    stream = f"session:{SESSION}"
    envelope = {"type": "message_added", "seq": seq, "id": f"e{seq}", "stream": stream, "timestamp": 1.0, "actor": None, "ref": None}
    return envelope | {"data": data}


class Line:
    """The peer's end of one connection; `address` is what was asked for."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        assert connection.request is not None
        self.address = connection.request.path

    async def send(self, *frames: Json) -> None:
        for frame in frames:
            await self.connection.send(json.dumps(frame))

    async def hello(self, seq: int, epoch: str = "one") -> None:
        named = {"protocol": 1, "stream": f"session:{SESSION}", "epoch": epoch, "seq": seq, "floor": 0}
        await self.send({"type": "hello", "data": {**named, "user": USER, "role": "owner", "heartbeat_s": 15, "limits": LIMITS}})

    async def frame(self) -> Json:
        """The next frame of the client."""
        frame: Json = json.loads(await self.connection.recv())
        return frame

    async def until(self, name: str) -> Json:
        """The next frame of this type."""
        while (frame := await self.frame())["type"] != name:
            pass
        return frame

    async def close(self, code: int, /, **reason: Any) -> None:
        await self.connection.close(code, json.dumps(reason))

    async def stay(self) -> None:
        """Until the client leaves."""
        await self.connection.wait_closed()


class Peer:
    """Plays `scripts`, one per connection, then refuses. What went wrong in a script is raised at the end."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.snapshot: Json = {}
        self.requests: list[str] = []
        self.failures: list[Exception] = []
        self._server: Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def _play(self, connection: ServerConnection) -> None:
        script = self.scripts.pop(0) if self.scripts else None
        if script is None:
            await connection.close(4502)
            return
        try:
            async with asyncio.timeout(20):
                await script(Line(connection))
        except Exception as failure:
            self.failures.append(failure)

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path.startswith("/ws/"):
            return None
        self.requests.append(request.path)
        return connection.respond(HTTPStatus.OK, json.dumps(self.snapshot if "snapshot" in request.path else USER))

    async def __aenter__(self) -> Self:
        self._server = await serve(self._play, "127.0.0.1", 0, process_request=self._answer, compression=None)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        if error is None:
            assert self.failures == []
