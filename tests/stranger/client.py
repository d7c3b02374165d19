"""The stranger's client: REST with a bearer token, sockets that follow a stream by the client rule, and event streams over HTTP."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Json = dict[str, Any]

WAIT_S = 10.0
# The servers of tests speak plain HTTP, and to load the certificates takes each client as long as ten requests.
_HTTP: Any = {"timeout": 30, "verify": False}
_ACK_EVERY_EVENTS = 64
_ACK_AFTER_QUIET_S = 1.0


class Refused(Exception):
    """The server has refused; `error` is the error object of PROTOCOL §2."""

    def __init__(self, error: Json, status: int = 0) -> None:
        super().__init__(f"{status or ''} {error}")
        self.error = error
        self.status = status
        self.code: str = error["code"]


class Closed(Exception):
    """The socket was closed; `reason` is the close reason as text."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Person:
    """Somebody who signed up over REST. Keeps no cookies."""

    def __init__(self, url: str, signed_in: Json) -> None:
        self.url = url
        self.token: str = signed_in["token"]
        self.user: Json = signed_in["user"]
        self.http = httpx2.AsyncClient(base_url=f"{url}/api/", headers=self.bearer, **_HTTP)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @classmethod
    async def sign_up(cls, url: str, name: str) -> Self:
        async with httpx2.AsyncClient(base_url=f"{url}/api/", **_HTTP) as http:
            answer = await http.post("auth/signup/", json={"username": name, "password": "mellon-and-said-it-7"})
            assert answer.status_code == 201, answer.text
            assert "set-cookie" not in answer.headers
            return cls(url, answer.json())

    async def call(self, method: str, path: str, data: Json | None = None, *, key: str | None = None, **query: Any) -> httpx2.Response:
        """The raw answer."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.request(method, path, json=data, headers=headers, params=query)

    async def ask(self, method: str, path: str, data: Json | None = None, *, key: str | None = None, **query: Any) -> Any:
        """The body of a good answer; Refused otherwise."""
        answer = await self.call(method, path, data, key=key, **query)
        if answer.status_code >= 400:
            raise Refused(answer.json()["error"], answer.status_code)
        return answer.json() if answer.content else None

    async def get(self, path: str, **query: Any) -> Any:
        return await self.ask("GET", path, **query)

    async def post(self, path: str, data: Json | None = None, *, key: str | None = None) -> Any:
        return await self.ask("POST", path, data or {}, key=key)

    async def refused(self, method: str, path: str, data: Json | None = None, *, key: str | None = None, **query: Any) -> Refused:
        """The refusal of a request that must be refused."""
        try:
            body = await self.ask(method, path, data, key=key, **query)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} {path} was not refused: {body}")

    async def follow(self, path: str, *, after: int | None = None, epoch: str | None = None, by_ticket: bool = False) -> "Follower":
        """A connected socket on the stream at `path` ("boards/<id>"), hello received."""
        ticket = (await self.post("auth/ticket/"))["ticket"] if by_ticket else None
        return await Follower.open(self.url, path, token=None if ticket else self.token, ticket=ticket, after=after, epoch=epoch)

    @contextlib.asynccontextmanager
    async def event_stream(self, path: str, *, last_id: str | None = None, **query: Any) -> AsyncIterator[AsyncIterator[Json]]:
        """The messages of an event stream as {event, id, data}, comments left out."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        async with self.http.stream("GET", path, headers=headers, params=query) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield messages_of(answer.aiter_lines())

    async def close(self) -> None:
        await self.http.aclose()


async def messages_of(lines: AsyncIterator[str]) -> AsyncIterator[Json]:
    """The messages in an event stream's lines."""
    message: Json = {}
    async for line in lines:
        if not line:
            if "data" in message:
                yield {"event": message.get("event", "message"), "id": message.get("id"), "data": json.loads(message["data"])}
            message = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            message[name] = value.removeprefix(" ")


class Follower:
    """One socket that follows a stream: applies each event once and in order, acks, and remembers where it stands.

    `last` is the seq applied last. What came is kept: `events` (applied), `frames` (everything else, hello first),
    `dropped` (repeats), `healed` (gaps that needed a sync).
    """

    def __init__(self, socket: ClientConnection, after: int | None) -> None:
        self.socket = socket
        self.hello: Json = {}
        self.last = after
        self.events: list[Json] = []
        self.frames: list[Json] = []
        self.frame_sizes: list[int] = []
        self.dropped = self.healed = 0
        self.closed: Closed | None = None
        self.on_event: Callable[[Json], None] | None = None
        self._acked = after or 0
        self._is_syncing = False
        self._replies: dict[str, asyncio.Future[Json]] = {}
        self._news = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls, url: str, path: str, *, token: str | None = None, ticket: str | None = None, after: int | None = None, epoch: str | None = None
    ) -> Self:
        """A connected follower; Closed when the server lets nobody in."""
        given: Mapping[str, object] = {"ticket": ticket, "after": after, "epoch": epoch}
        query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"{url.replace('http', 'ws', 1)}/ws/{path}/?{query}"
        socket = await connect(address, additional_headers=headers, compression=None, open_timeout=WAIT_S, max_size=2**20)
        self = cls(socket, after)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._ack_when_quiet())]
        await self.until(lambda: bool(self.hello) or self.closed is not None)
        if self.closed is not None:
            raise self.closed
        return self

    # -- reading -----------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                assert isinstance(text, str), "the server sends text frames only"
                await self._take(json.loads(text), len(text.encode()))
        except ConnectionClosed:
            pass
        finally:
            self.closed = Closed(self.socket.close_code or 1006, self.socket.close_reason or "")
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(self.closed)
            async with self._news:
                self._news.notify_all()

    async def _take(self, frame: Json, size: int) -> None:
        self.frame_sizes.append(size)
        events = frame["events"] if frame["type"] == "events" else [frame] if "seq" in frame else None
        if events is None:
            self._take_other(frame)
        else:
            for event in events:
                await self._apply(event)
        async with self._news:
            self._news.notify_all()

    def _take_other(self, frame: Json) -> None:
        if frame["type"] == "hello":
            assert not self.frames or self._is_new_session_socket, "hello is the first frame"
            self.hello = frame["data"]
            self.last = self.hello["seq"] if self.last is None else self.last
        elif frame["type"] == "reply" and frame["ref"] in self._replies:
            if not self._replies[frame["ref"]].done():
                self._replies[frame["ref"]].set_result(frame)
            return
        self.frames.append(frame)

    @property
    def _is_new_session_socket(self) -> bool:
        return not self.hello

    async def _apply(self, event: Json) -> None:
        assert self.last is not None, "no event comes before hello"
        if event["seq"] <= self.last:
            self.dropped += 1
        elif event["seq"] > self.last + 1:
            await self._heal()
        else:
            self._is_syncing = False
            self.last = event["seq"]
            self.events.append(event)
            if self.on_event:
                self.on_event(event)
            if self.last - self._acked >= _ACK_EVERY_EVENTS:
                await self.ack()

    async def _heal(self) -> None:
        if not self._is_syncing:
            self._is_syncing = True
            self.healed += 1
            await self.sync(self.last or 0, self.hello["epoch"])

    async def _ack_when_quiet(self) -> None:
        while True:
            await asyncio.sleep(_ACK_AFTER_QUIET_S)
            with contextlib.suppress(ConnectionClosed):
                await self.ack()

    # -- asking ------------------------------------------------------------------------------------------------------

    async def ack(self) -> None:
        """Tell how far everything is applied."""
        if self.last is not None and self.last > self._acked:
            self._acked = self.last
            await self.send({"type": "ack", "data": {"seq": self.last}})

    async def sync(self, after: int, epoch: str) -> None:
        """Go on from `after` of a snapshot, or ask again for what was missed."""
        self.last = after
        self._acked = min(self._acked, after)
        await self.send({"type": "sync", "data": {"after": after, "epoch": epoch}})

    async def send(self, frame: Json | str) -> None:
        await self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def command(self, name: str, ref: str | None = None, **data: Any) -> Json:
        """The reply frame; Closed when the socket ends before it comes."""
        ref = ref or str(uuid4())
        reply = self._replies[ref] = asyncio.get_running_loop().create_future()
        try:
            await self.send({"type": name, "ref": ref, "data": data})
        except ConnectionClosed:
            await self.end()
        return await asyncio.wait_for(reply, WAIT_S)

    async def do(self, name: str, ref: str | None = None, **data: Any) -> Json:
        """The data of a good reply; Refused otherwise."""
        reply = await self.command(name, ref, **data)
        if not reply["ok"]:
            raise Refused(reply["error"])
        result: Json = reply["data"]
        return result

    async def until(self, is_so: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        """Return once `is_so`; TimeoutError otherwise."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(is_so)

    async def end(self, timeout_s: float = WAIT_S) -> Closed:
        """How the socket was closed, once it is."""
        await self.until(lambda: self.closed is not None, timeout_s)
        assert self.closed is not None
        return self.closed

    async def event(self, event_type: str, *, after: int = 0, timeout_s: float = WAIT_S) -> Json:
        """The first event of this type past seq `after`, waited for if need be."""
        found: list[Json] = []

        def look() -> bool:
            found[:] = [event for event in self.events if event["type"] == event_type and event["seq"] > after][:1]
            return bool(found) or self.closed is not None

        await self.until(look, timeout_s)
        assert found, f"closed before {event_type}: {self.closed}"
        return found[0]

    async def frame(self, frame_type: str, timeout_s: float = WAIT_S) -> Json:
        """The first kept frame of this type, waited for if need be."""
        await self.until(lambda: any(frame["type"] == frame_type for frame in self.frames) or self.closed is not None, timeout_s)
        return next(frame for frame in self.frames if frame["type"] == frame_type)

    async def close(self) -> None:
        for task in self._tasks[1:]:
            task.cancel()
        await self.socket.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()
