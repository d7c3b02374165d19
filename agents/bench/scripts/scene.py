"""What the steps of a play share: clients, HTTP, applications, the record. Closing it leaves nothing behind."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, urlencode, urlsplit

import httpx2

from agents.bench.errors import Failed
from agents.bench.scripts.asgi import load_application
from agents.bench.scripts.client import Client
from agents.bench.scripts.lifespan import lifespan
from agents.bench.scripts.messages import NO_JSON, Reading, Received
from agents.bench.scripts.model import ClientShape, Script
from agents.bench.scripts.patterns import filled, matches
from agents.bench.scripts.reach import Reach
from agents.bench.scripts.recorder import Place, Recorder, StepFailed
from agents.bench.scripts.steps import Connect
from agents.bench.scripts.transport import Target
from agents.bench.scripts.values import Values

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss", "asgi": "asgi"}


@dataclass
class Scope:
    """What one group of steps has of its own: its values, when it last sent something, and whether it is inside a repeat."""

    values: Values
    sent_at: float | None = None
    is_repeated: bool = False


@dataclass
class Scene:
    """Use it in `async with`. `clients` are those that were ever connected, by name; without `reach` they connect anywhere."""

    script: Script
    folder: Path
    recorder: Recorder
    reach: Reach | None = None
    clients: dict[str, Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._exit = contextlib.AsyncExitStack()
        self._http: dict[str, httpx2.AsyncClient] = {}
        self._started: set[str] = set()
        self._starting = asyncio.Lock()

    async def connect(self, step: Connect, values: Values, within_s: float) -> Client:
        """The client, connected. HandshakeRefused or Failed otherwise."""
        name, shape = step.connect, self.script.everybody[step.connect]
        target = target_of(shape, step, values)
        await self._admit(target.url)
        reading = self._reading(name, shape, values)
        client = await Client.open(target, name=name, limits=self.script.limits, reading=reading, within_s=within_s)
        client.on_ending = lambda ending: self.recorder.entry(name, "closed", str(ending))
        self.recorder.entry(name, "connected", target.url)
        former = self.clients.get(name)
        self.clients[name] = client
        if former is not None:
            await former.close()
        return client

    async def http_for(self, url: str) -> tuple[httpx2.AsyncClient, str]:
        """What asks this URL, and as which: over the network, or straight from an application of this process."""
        await self._admit(url)
        parts = split(url)
        application = parts.netloc if parts.scheme == "asgi" else ""
        if application not in self._http:
            self._http[application] = httpx2.AsyncClient(transport=_transport(application), trust_env=False)
        return self._http[application], parts._replace(scheme="http", netloc="localhost").geturl() if application else url

    async def _admit(self, url: str) -> None:
        """Failed where the URL is out of reach. The application of an asgi:// URL is imported from the script's folder, and started."""
        if self.reach is not None:
            self.reach.check(url)
        parts = split(url)
        if parts.scheme != "asgi":
            return
        async with self._starting:
            if parts.netloc not in self._started:
                application = load_application(parts.netloc, self.folder)
                await self._exit.enter_async_context(lifespan(application, parts.netloc))
                self._started.add(parts.netloc)

    def _reading(self, name: str, shape: ClientShape, values: Values) -> Reading:
        """What this client's messages count as, each told to the timeline."""
        ignored = [filled(pattern, values) for pattern in shape.ignore]

        def is_ignored(message: Received) -> bool:
            return message.value is not NO_JSON and any(matches(pattern, message.value) for pattern in ignored)

        def read(message: Received) -> Sequence[Received]:
            counted = [each for each in unpacked(message, shape.unpack) if not is_ignored(each)]
            for each in counted:
                self.recorder.entry(name, "received", each.shown(), at=each.at)
            return counted

        return read

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close whatever is open, each within its own time."""
        closing = [client.close() for client in self.clients.values()] + [http.aclose() for http in self._http.values()]
        await asyncio.gather(*closing, return_exceptions=True)
        try:
            await self._exit.aclose()
        except Failed as failed:
            self.recorder.fail(self.place, StepFailed(failed.message))

    @property
    def place(self) -> Place:
        """The script as a whole, for what no step of it is to blame for."""
        return Place("script", self.script.file, self.script.line(()), self.script.name)


def _transport(application: str) -> httpx2.AsyncBaseTransport:
    if not application:
        return httpx2.AsyncHTTPTransport()
    app: Any = load_application(application)  # its type is narrower there than ASGI's
    return httpx2.ASGITransport(app=app, raise_app_exceptions=False)


def split(url: str) -> SplitResult:
    """The parts of a URL. Failed where it is none."""
    try:
        parts = urlsplit(url)
        if parts.scheme != "asgi" and parts.port == 0:  # one that is no number, or too large, is told as it is looked at
            raise ValueError("there is no port 0")
    except ValueError as error:
        raise Failed(f"{url} is no address: {error}") from error
    return parts


def unpacked(message: Received, key: str | None) -> Sequence[Received]:
    """The messages in a message's list under `key`; itself where it has none."""
    value = message.value if key else None
    items = value.get(key) if isinstance(value, dict) else None
    if not isinstance(items, list):
        return (message,)
    return [Received(message.at, json.dumps(item, ensure_ascii=False)) for item in items]


def target_of(shape: ClientShape, step: Connect, values: Values) -> Target:
    """Where the client connects, placeholders filled. Failed where the URL is none for WebSockets."""
    url = f"asgi://{shape.app}{values.text(shape.url)}" if shape.app else values.text(shape.url)
    scheme, _, rest = url.partition("://")
    if scheme not in _SCHEMES or not rest:
        raise Failed(f"{url} is no address for a client: it begins with ws://, wss://, http://, https:// or asgi://")
    query = urlencode({key: values.fill(value) for key, value in (shape.query | step.query).items()})
    joint = "&" if "?" in rest else "?"
    headers = [(name, values.text(value)) for name, value in shape.headers.items()]
    headers += [("Authorization", f"Bearer {values.text(shape.token)}")] if shape.token is not None else []
    origin = values.text(shape.origin) if shape.origin is not None else None
    return Target(f"{_SCHEMES[scheme]}://{rest}{joint + query if query else ''}", tuple(headers), tuple(shape.subprotocols), origin)
