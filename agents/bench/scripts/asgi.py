"""A WebSocket connection to an ASGI application of this process: no server, no port, the same client."""

import asyncio
import contextlib
import importlib
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from agents.bench.errors import Failed
from agents.bench.scripts.transport import BROKEN, TOO_BIG, Ended, Ending, HandshakeRefused, Target

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

INTERNAL = 1011
_UNSENT = 16
_LEAVE_S = 1.0


def load_application(name: str, folder: Path | None = None) -> Application:
    """The application `module:attribute`, also from `folder`. Failed where there is none. An imported module stays imported."""
    module_name, _, attribute = name.partition(":")
    try:
        with _importable(folder):
            found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # whatever a module does as it is imported
        raise Failed(f"the application {name} can't be imported: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise Failed(f"{name} is no ASGI application")
    application: Application = found
    return application


@contextlib.contextmanager
def _importable(folder: Path | None) -> Iterator[None]:
    """Python looks into the folder first, for as long as this lasts."""
    if folder is None:
        yield
        return
    sys.path.insert(0, str(folder.resolve()))
    try:
        yield
    finally:
        sys.path.remove(str(folder.resolve()))


def scope_of(target: Target) -> Message:
    """What the application is told of the connection."""
    url = urlsplit(target.url)
    headers = [("host", "localhost"), *target.headers]
    headers += [("origin", target.origin)] if target.origin is not None else []
    headers += [("sec-websocket-protocol", ", ".join(target.subprotocols))] if target.subprotocols else []
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": unquote(url.path) or "/",
        "raw_path": (url.path or "/").encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
        "subprotocols": list(target.subprotocols),
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }


class AsgiTransport:
    """A connection to `asgi://module:attribute/path`. The application may be 16 messages ahead of its reader."""

    def __init__(self, target: Target, application: Application, most_bytes: int) -> None:
        scope = scope_of(target)
        self.subprotocol: str | None = None
        self._most_bytes = most_bytes
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue(_UNSENT)
        self._ending: Ending | None = None
        self._task = asyncio.create_task(self._run(application, scope), name=f"application at {target.url}")

    @classmethod
    async def open(cls, target: Target, *, within_s: float, most_bytes: int) -> Self:
        """A connection that the application has accepted. HandshakeRefused or Failed where it doesn't within that time."""
        try:
            self = cls(target, load_application(urlsplit(target.url).netloc), most_bytes)
        except UnicodeEncodeError as error:
            raise Failed(f"a header has characters that HTTP can't carry: {error.object!r}") from error
        async with contextlib.AsyncExitStack() as unless_accepted:
            unless_accepted.push_async_callback(self.abort)
            try:
                async with asyncio.timeout(within_s):
                    await self._handshake()
            except TimeoutError as error:
                raise Failed(f"{target.url} neither accepted nor refused within {within_s * 1000:.0f} ms") from error
            unless_accepted.pop_all()
        return self

    async def _handshake(self) -> None:
        self._to_app.put_nowait({"type": "websocket.connect"})
        answer = await self._from_app.get()
        match answer["type"]:
            case "websocket.accept":
                self.subprotocol = answer.get("subprotocol")
            case "websocket.http.response.start":
                raise HandshakeRefused(answer["status"])
            case "websocket.close":
                raise HandshakeRefused(403)
            case _:
                raise Failed(f"the application answered the handshake with {_problem_in(answer)}")

    async def _run(self, application: Application, scope: Message) -> None:
        """The application, and after it a last message that says how it went."""
        try:
            await application(scope, self._to_app.get, self._from_app.put)
            last: Message = {"type": "_over", "code": BROKEN, "problem": "the application has returned"}
        except Exception as error:  # what an application raises ends its connection, as a server ends it
            last = {"type": "_over", "code": INTERNAL, "problem": f"the application raised {type(error).__name__}: {error}"}
        await self._from_app.put(last)

    async def send(self, data: str | bytes) -> None:
        """Hand one message to the application."""
        if self._ending is not None:
            raise Ended(self._ending)
        key = "text" if isinstance(data, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", key: data})

    async def receive(self) -> str | bytes:
        """The next message from the application."""
        if self._ending is not None:
            raise Ended(self._ending)
        message = await self._from_app.get()
        if message["type"] != "websocket.send":
            raise Ended(self._end(_ending_in(message)))
        data: str | bytes = message["text"] if message.get("text") is not None else message["bytes"]
        if len(data) > self._most_bytes:
            problem = f"the server sent a message of more than {self._most_bytes:,} bytes"
            raise Ended(self._end(Ending(TOO_BIG, by="client", problem=problem)))
        return data

    async def close(self, code: int, reason: str) -> Ending:
        """Leave; the application has a second to end."""
        ending = self._end(Ending(code, reason, "client"))
        await self._leave()
        return ending

    async def abort(self) -> None:
        """Be gone, as after a lost network."""
        self._end(Ending(BROKEN, by="client"))
        await self._leave()

    def _end(self, ending: Ending) -> Ending:
        """How it ended first. The application is told, also of an ending of its own."""
        if self._ending is None:
            self._ending = ending
            self._to_app.put_nowait({"type": "websocket.disconnect", "code": ending.code, "reason": ending.reason})
        return self._ending

    async def _leave(self) -> None:
        """Drop what the application still says, and cancel it where it doesn't end."""
        drain = asyncio.create_task(self._drain())
        await asyncio.wait([self._task], timeout=_LEAVE_S)
        for task in (self._task, drain):
            task.cancel()
        await asyncio.gather(self._task, drain, return_exceptions=True)

    async def _drain(self) -> None:
        while True:
            await self._from_app.get()


def _ending_in(message: Message) -> Ending:
    """How a message of the application ends the connection."""
    match message["type"]:
        case "websocket.close":
            return Ending(message.get("code", 1000), message.get("reason") or "", "server")
        case "_over":
            return Ending(message["code"], "", "server", message["problem"])
        case _:
            return Ending(INTERNAL, "", "server", f"the application sent {_problem_in(message)}")


def _problem_in(message: Message) -> str:
    return str(message.get("problem") or f"a message of type {message['type']}")
