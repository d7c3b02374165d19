"""A stream that everybody may watch and sockets that come through the real handshake with whatever credentials a test gives."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, cast

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.urls import path

from project.accounts import guard
from project.accounts.models import User
from project.ids import new_id
from project.realtime import streams
from project.realtime.change import Call
from project.realtime.consumers import StreamConsumer
from project.realtime.handshake import Handshake
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change
from tests.conftest import Socket

OWN_ORIGIN = "http://testserver"


class OpenConsumer(StreamConsumer):
    kind = "board"


routes: Any = URLRouter([path("ws/boards/<uuid:id>/", cast("Any", OpenConsumer.as_asgi()))])  # typed for views only
application = Handshake(routes)


@pytest.fixture(autouse=True)
def _fresh_guard() -> Iterator[None]:
    guard.tries.clear()
    yield
    guard.tries.clear()


@pytest.fixture
def stream(alice: User, monkeypatch: pytest.MonkeyPatch) -> StreamKey:
    """A stream any user may watch: what is tested is who somebody is, not what they may."""
    monkeypatch.setitem(streams._access, "board", lambda user, stream_id: "owner")
    key = StreamKey.board(new_id())
    run_change(Call(actor=alice, name="open"), [], lambda ch: ch.open_stream(key))
    return key


Knock = Callable[..., Awaitable[Socket | int]]


@pytest.fixture
async def knock(stream: StreamKey) -> AsyncIterator[Knock]:
    """Knock at the stream with a query and headers: it gives the socket once accepted, or the code it was refused with before that."""
    opened: list[Socket] = []

    async def connect(query: str = "", **headers: str) -> Socket | int:
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        communicator = WebsocketCommunicator(application, f"/ws/boards/{stream.id}/{query}", headers=[(b"host", b"testserver"), *lines])
        connected, code = await communicator.connect(timeout=5)
        if not connected:
            return int(code or 0)
        opened.append(Socket(communicator))
        return opened[-1]

    yield connect
    for socket in opened:
        await socket.close()


async def who(answer: Socket | int) -> str | int:
    """Whose socket this has become, or the code that closed it."""
    if isinstance(answer, int):
        return answer
    try:
        hello = await answer.frame()
    except AssertionError:
        return await answer.close_code()
    name: str = hello["data"]["user"]["username"]
    return name


@pytest.fixture
def browser() -> Client:
    """A browser: cookies, and CSRF enforced as in life."""
    return Client(enforce_csrf_checks=True)


def submit(browser: Client, page: str, fields: Mapping[str, str | list[str]], **more: Any) -> Any:
    """Open `page` and send its form."""
    browser.get(page)
    token = browser.cookies["csrftoken"].value
    return browser.post(page, {**fields, "csrfmiddlewaretoken": token}, **more)


def signed_in_browser(user: User) -> Client:
    """A browser signed in as `user` by the sign-in page."""
    browser = Client(enforce_csrf_checks=True)
    response = submit(browser, "/accounts/login/", {"username": user.username, "password": f"{user.username}-pass-1234"})
    assert response.status_code == 302, response.content
    return browser


def session_key(browser: Client) -> str:
    return browser.cookies["sessionid"].value
