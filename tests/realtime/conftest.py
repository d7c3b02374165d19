"""A stream with one command, `note`, so that the kernel is tested by itself."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.urls import path
from knox.models import AuthToken

from project.accounts.credentials import find_token
from project.accounts.models import User
from project.errors import Conflict, Forbidden, NotFound
from project.ids import new_id
from project.realtime import events, streams
from project.realtime.change import Call, Change
from project.realtime.commands import CommandSpec, Reply, perform
from project.realtime.consumers import StreamConsumer
from project.realtime.events import EventData
from project.realtime.handshake import Handshake
from project.realtime.streams import Role, StreamKey
from project.realtime.transaction import run_change
from project.wire import Payload, Said
from tests.conftest import Socket


class Noted(EventData):
    event_type: ClassVar[str] = "noted"
    text: str

    def cut(self) -> "Noted":
        return Noted(text=self.text[:10])


del events._types["noted"]  # a type of these tests only; the product's list must not know it


class Note(Payload):
    text: Said
    times: int = 1
    fails: bool = False


ROLES: dict[tuple[UUID, UUID], Role] = {}


def note_access(user: User, stream_id: UUID) -> Role:
    role = ROLES.get((user.id, stream_id))
    if role is None:
        raise NotFound
    return role


def authorise(user: User, scope: UUID, payload: Note) -> tuple[StreamKey, ...]:
    del payload
    if note_access(user, scope) == "viewer":
        raise Forbidden
    return (StreamKey.board(scope),)


def run_note(ch: Change, scope: UUID, payload: Note) -> Reply:
    for number in range(payload.times):
        ch.append(Noted(text=f"{payload.text}{number or ''}"), StreamKey.board(scope))
    if payload.fails:
        raise Conflict
    return {"text": payload.text}


NOTE = CommandSpec("note", Note, authorise, run_note, is_scoped=True)


def boom(ch: Change, scope: UUID, payload: Note) -> Reply:
    raise ZeroDivisionError("a defect")


BOOM = CommandSpec("boom", Note, authorise, boom, is_scoped=True)


class NoteConsumer(StreamConsumer):
    kind = "board"


application = Handshake(URLRouter([path("ws/boards/<uuid:id>/", NoteConsumer.as_asgi(commands={"note": NOTE, "boom": BOOM}))]))


@pytest.fixture(autouse=True)
def _notes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(streams._access, "board", note_access)
    ROLES.clear()
    yield
    ROLES.clear()


@pytest.fixture
def key(alice: User, bob: User) -> StreamKey:
    """A stream that alice owns and bob edits."""
    stream = StreamKey.board(new_id())
    run_change(Call(actor=alice, name="open"), [], lambda ch: ch.open_stream(stream))
    ROLES[alice.id, stream.id] = "owner"
    ROLES[bob.id, stream.id] = "editor"
    return stream


@pytest.fixture
def note(alice: User, key: StreamKey) -> Callable[..., Reply]:
    """Perform the command `note` as alice."""

    def send(text: str = "hello", command_id: UUID | None = None, actor: User | None = None, **more: Any) -> Reply:
        return perform(NOTE, actor=actor or alice, payload=Note(text=text, **more), scope=key.id, command_id=command_id)

    return send


@pytest.fixture
async def join(transactional_db: None) -> Any:
    """The function that connects sockets to a stream and reads their hello."""
    opened: list[Socket] = []

    async def connect(user: User | None, key: StreamKey, query: str = "", *, hello: bool = True) -> Socket:
        communicator = WebsocketCommunicator(application, f"/ws/boards/{key.id}/{query}")
        if user is not None:
            _, token = await sync_to_async(AuthToken.objects.create)(user)
            communicator.scope["credential"] = await sync_to_async(find_token)(token)
        connected, _ = await communicator.connect()
        assert connected
        socket = Socket(communicator)
        opened.append(socket)
        if hello:
            frame = await socket.frame()
            assert frame["type"] == "hello", frame
            socket.hello = frame["data"]
        return socket

    yield connect
    for socket in opened:
        await socket.close()
