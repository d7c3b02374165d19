"""Shared fixtures: the people, a board, REST and socket clients. `connect_as(user, path)` is documented in CONTRIBUTING."""

import asyncio
import gc
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections
from django.test import TransactionTestCase
from knox.models import AuthToken
from rest_framework.test import APIClient

from agents.llm import client
from agents.llm.profiles import Profile
from project.accounts import rest
from project.accounts.credentials import find_token
from project.accounts.models import User
from project.realtime import commands
from project.realtime import connections as open_connections
from tests.process.fixtures import copied, data, demo_data, migrated, pytest_terminal_summary, server_for, tell
from tests.tools.tables import empty_tables

# Servers for whoever asks: were the folders of tests to import them each, each would have its own data made.
__all__ = ["copied", "data", "demo_data", "migrated", "pytest_terminal_summary", "server_for", "tell"]

_WAIT_S = 5.0


def pytest_configure() -> None:
    """Ctrl-C reaches the servers of tests although the suite was started in the background, where shells have it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Server processes first: they take longest, and what is quick fills up the workers' ends."""
    items.sort(key=lambda item: item.get_closest_marker("process") is None)


def pytest_collection_finish() -> None:
    """What is imported by now stays: leave it out of each garbage collection from here on, which is a tenth of the suite's time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _close_connections(django_db_setup: None) -> Iterator[None]:
    """`sync_to_async` works on a thread whose connection nobody else closes, and PostgreSQL won't drop a database in use."""
    yield
    asyncio.run(sync_to_async(connections.close_all)())


@pytest.fixture(scope="session", autouse=True)
def _quick_teardown() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    rest.requests_by_user.clear()
    commands.rates.clear()
    yield
    assert open_connections.count() == 0, "A test left a connection open: await socket.close()."


@pytest.fixture(autouse=True)
def _no_live_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models are asked on this machine only, where a mock server answers."""
    open_client = client.get_client

    async def guarded(profile: Profile) -> Any:
        host = urlsplit(profile.base_url).hostname
        assert host in {"127.0.0.1", "localhost"}, f"A test asks a live model at {host}."
        return await open_client(profile)

    monkeypatch.setattr(client, "get_client", guarded)


def make_user(name: str, **fields: Any) -> User:
    return User.objects.create_user(username=name, password=f"{name}-pass-1234", **fields)


@pytest.fixture
def alice(transactional_db: None) -> User:
    """Owner of the board."""
    return make_user("alice")


@pytest.fixture
def bob(transactional_db: None) -> User:
    """Editor of the board."""
    return make_user("bob")


@pytest.fixture
def vera(transactional_db: None) -> User:
    """Viewer of the board."""
    return make_user("vera")


@pytest.fixture
def charlie(transactional_db: None) -> User:
    """A stranger to the board."""
    return make_user("charlie")


@pytest.fixture
def robo(transactional_db: None) -> User:
    """An agent."""
    return make_user("robo", kind=User.Kind.AGENT)


class Api:
    """A REST client signed in by bearer token; `ok` insists on success and gives the body."""

    def __init__(self, user: User | None) -> None:
        self.client = APIClient()
        self.user = user
        if user is not None:
            self.token = AuthToken.objects.create(user)[1]
            self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.token}")

    def call(self, method: str, path: str, data: Any = None, *, key: UUID | None = None, **headers: str) -> Any:
        extra = {"HTTP_IDEMPOTENCY_KEY": str(key)} if key else {}
        return getattr(self.client, method)(path, data, format="json", **extra, **headers)

    def ok(self, method: str, path: str, data: Any = None, *, key: UUID | None = None) -> Any:
        response = self.call(method, path, data, key=key)
        assert 200 <= response.status_code < 300, (response.status_code, response.content)
        return response.json() if response.content else None

    def refused(self, method: str, path: str, data: Any = None, *, key: UUID | None = None) -> tuple[int, dict[str, Any]]:
        """Status and error object of a request that must be refused."""
        response = self.call(method, path, data, key=key)
        assert response.status_code >= 400, (response.status_code, response.content)
        return response.status_code, response.json()["error"]


@pytest.fixture
def api(transactional_db: None) -> Callable[[User | None], Api]:
    """`api(user)` gives a REST client for that user, `api(None)` an anonymous one."""
    return Api


class Socket:
    """A connected test socket: frames as dicts, replies by ref, events in order."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator
        self.closed: tuple[int, dict[str, Any]] | None = None
        self.waiting: list[dict[str, Any]] = []
        self.hello: dict[str, Any] = {}

    async def frame(self, timeout_s: float = _WAIT_S) -> dict[str, Any]:
        """The next frame; AssertionError once the socket is closed."""
        message = await self.communicator.receive_output(timeout_s)
        if message["type"] == "websocket.close":
            self.closed = message["code"], json.loads(message.get("reason") or "{}")
            raise AssertionError(f"closed: {self.closed}")
        frame: dict[str, Any] = json.loads(message["text"])
        return frame

    async def until(self, wanted: Callable[[dict[str, Any]], bool], timeout_s: float = _WAIT_S) -> dict[str, Any]:
        """The first frame that is `wanted`, those before it set aside in `waiting`; `events` frames are taken apart."""
        async with asyncio.timeout(timeout_s):
            for index, frame in enumerate(self.waiting):
                if wanted(frame):
                    return self.waiting.pop(index)
            while True:
                frame = await self.frame(timeout_s)
                frames: list[dict[str, Any]] = frame["events"] if frame["type"] == "events" else [frame]
                for index, each in enumerate(frames):
                    if wanted(each):
                        self.waiting.extend(frames[index + 1 :])
                        return each
                    self.waiting.append(each)

    async def event(self, event_type: str, timeout_s: float = _WAIT_S) -> dict[str, Any]:
        return await self.until(lambda frame: frame["type"] == event_type, timeout_s)

    async def send(self, frame: Any) -> None:
        await self.communicator.send_to(text_data=frame if isinstance(frame, str) else json.dumps(frame))

    async def command(self, name: str, ref: UUID | None = None, /, **data: Any) -> dict[str, Any]:
        """The reply frame to a command."""
        ref = ref or uuid4()
        await self.send({"type": name, "ref": str(ref), "data": data})
        return await self.until(lambda frame: frame["type"] == "reply" and frame["ref"] == str(ref))

    async def ok(self, name: str, ref: UUID | None = None, /, **data: Any) -> dict[str, Any]:
        """The data of a command that must succeed."""
        reply = await self.command(name, ref, **data)
        assert reply["ok"], reply
        result: dict[str, Any] = reply["data"]
        return result

    async def close_code(self, timeout_s: float = _WAIT_S) -> int:
        """Read on until the server closes; the code it gives."""
        while self.closed is None:
            try:
                await self.frame(timeout_s)
            except AssertionError:
                break
        assert self.closed is not None
        return self.closed[0]

    async def close(self) -> None:
        await self.communicator.disconnect()


ConnectAs = Callable[..., Awaitable[Socket]]


@pytest.fixture
async def connect_as(transactional_db: None) -> AsyncIterator[ConnectAs]:
    """The function that connects test sockets as a user; all are closed after the test.

    `user` None connects without credentials. The whole way is real: handshake, consumer, hub, channel layer, database.
    """
    websocket = import_module("project.routing").websocket
    opened: list[Socket] = []

    async def connect(user: User | None, path: str, **headers: str) -> Socket:
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        communicator = WebsocketCommunicator(websocket, path, headers=lines)
        if user is not None:
            _, token = await sync_to_async(AuthToken.objects.create)(user)
            communicator.scope["credential"] = await sync_to_async(find_token)(token)
        connected, code = await communicator.connect(timeout=_WAIT_S)
        assert connected, f"refused before accept: {code}"
        opened.append(Socket(communicator))
        return opened[-1]

    yield connect
    for socket in opened:
        await socket.close()
