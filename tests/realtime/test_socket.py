"""The socket by itself: where it starts, what it is told, how it ends."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from unittest.mock import AsyncMock, Mock
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.layers import InMemoryChannelLayer
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from django.test import override_settings
from knox.models import AuthToken

from project.accounts.models import User
from project.errors import NotFound
from project.ids import new_id
from project.realtime import connections, layer, streams
from project.realtime.batch import submit
from project.realtime.bell import Bell
from project.realtime.commands import Ask, Reply, perform_alone, share
from project.realtime.hub import get_hub
from project.realtime.layer import encode_bell, ring
from project.realtime.log import read_head
from project.realtime.models import Event, Stream
from project.realtime.place import Place, find_place
from project.realtime.streams import Role, StreamKey
from tests.conftest import Socket
from tests.realtime import conftest
from tests.realtime.conftest import NOTE, ROLES, Note, application

pytestmark = pytest.mark.django_db(transaction=True)

NoteFn = Callable[..., Reply]
Join = Any
T = TypeVar("T")


async def seqs(socket: Socket, count: int) -> list[int]:
    """The seqs of the next `count` events."""
    found: list[int] = []
    while len(found) < count:
        frame = await socket.until(lambda frame: "seq" in frame)
        found.append(frame["seq"])
    return found


async def test_hello_comes_first_and_tells_where_the_stream_stands(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    await sync_to_async(note)(times=3)
    socket = await join(alice, key)
    hello = socket.hello
    assert hello["protocol"] == 1
    assert hello["stream"] == str(key)
    assert hello["seq"] == 3
    assert hello["floor"] == 0
    assert hello["role"] == "owner"
    assert hello["heartbeat_s"] == 15
    assert hello["user"] == {"id": str(alice.id), "username": "alice", "kind": "human"}
    assert hello["limits"]["frame_bytes"] == 65536


async def test_command_reaches_both_and_replies_with_seq(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    one, two = await join(alice, key), await join(bob, key)
    ref = uuid4()
    assert await one.ok("note", ref, text="hi") == {"text": "hi", "seq": 1}
    for socket in (one, two):
        event = await socket.event("noted")
        assert event["seq"] == 1
        assert event["ref"] == str(ref)
        assert event["data"] == {"text": "hi"}


async def test_event_travels_through_the_channel_group(
    join: Join, alice: User, bob: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the direct way to this process's hubs cut, a bell still arrives by group_send, to both sockets."""
    one, two = await join(alice, key), await join(bob, key)
    hub, publisher = get_hub(), get_hub()._publisher
    monkeypatch.setattr(hub, "hear_soon", lambda bells: None)
    sent: list[str] = []
    original = hub._layer.group_send

    async def group_send(group: str, message: dict[str, Any]) -> None:
        sent.append(group)
        await original(group, message)

    monkeypatch.setattr(hub._layer, "group_send", group_send)
    assert publisher is not None
    await one.ok("note", text="by group")
    assert (await one.event("noted"))["data"]["text"] == "by group"
    assert (await two.event("noted"))["data"]["text"] == "by group"
    assert layer.group_name(key.id) in sent


@pytest.mark.parametrize(("after", "expected"), [(0, [1, 2, 3, 4]), (2, [3, 4]), (4, [])])
async def test_replay_begins_after_the_place_given(
    join: Join, alice: User, key: StreamKey, note: NoteFn, after: int, expected: list[int]
) -> None:
    await sync_to_async(note)(times=4)
    socket = await join(alice, key, f"?after={after}")
    assert await seqs(socket, len(expected)) == expected
    await socket.ok("note", text="live")
    assert await seqs(socket, 1) == [5]


async def test_without_after_only_new_events_come(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    await sync_to_async(note)(times=4)
    socket = await join(alice, key)
    await socket.ok("note", text="live")
    assert await seqs(socket, 1) == [5]


@pytest.mark.parametrize(("query", "reason"), [("?after=0&epoch=other", "epoch"), ("?after=7", "ahead"), ("?epoch=other", "epoch")])
async def test_reset_pauses_until_sync(join: Join, alice: User, key: StreamKey, note: NoteFn, query: str, reason: str) -> None:
    await sync_to_async(note)(times=2)
    socket = await join(alice, key, query)
    reset = await socket.until(lambda frame: frame["type"] == "reset")
    assert reset["data"] == {"reason": reason, "snapshot": f"/api/boards/{key.id}/snapshot/"}
    await socket.ok("note", text="unseen")
    await socket.send({"type": "ping"})
    await socket.until(lambda frame: frame["type"] == "pong")
    assert not [frame for frame in socket.waiting if "seq" in frame]
    await socket.send({"type": "sync", "data": {"after": 1, "epoch": socket.hello["epoch"]}})
    assert await seqs(socket, 2) == [2, 3]


async def test_too_far_behind_is_sent_for_a_snapshot(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    with override_settings(WORKROOM_LIMITS={"replay_events": 10}):
        await sync_to_async(note)(times=11)
        socket = await join(alice, key, "?after=0")
        assert (await socket.until(lambda frame: frame["type"] == "reset"))["data"]["reason"] == "too_far_behind"
        other = await join(alice, key, "?after=1")
        assert await seqs(other, 10) == list(range(2, 12))


async def test_too_many_bytes_behind_too(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    with override_settings(WORKROOM_LIMITS={"replay_bytes": 1000}):
        await sync_to_async(note)(times=11)
        socket = await join(alice, key, "?after=0")
        assert (await socket.until(lambda frame: frame["type"] == "reset"))["data"]["reason"] == "too_far_behind"


@pytest.mark.parametrize("query", ["?after=x", "?after=-1", "?after=1.5", "?after=", "?after=%D9%A1"])
async def test_malformed_place_closes_4500(join: Join, alice: User, key: StreamKey, query: str) -> None:
    socket = await join(alice, key, query, hello=False)
    assert await socket.close_code() == 4500
    assert socket.closed == (4500, {"code": "bad_protocol"})


async def test_anonymous_is_accepted_then_closed_4501(join: Join, key: StreamKey) -> None:
    socket = await join(None, key, hello=False)
    assert await socket.close_code() == 4501


async def test_stranger_and_nonexistent_are_closed_alike(join: Join, charlie: User, key: StreamKey) -> None:
    for stream in (key, StreamKey.board(new_id())):
        socket = await join(charlie, stream, hello=False)
        assert await socket.close_code() == 4502
        assert socket.closed == (4502, {"code": "no_access"})


async def test_place_is_the_ring_or_the_log_alike(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    """The first socket makes the ring; a later one that starts before it reads the log and goes on live."""
    with override_settings(WORKROOM_LIMITS={"ring_events": 3}):
        await sync_to_async(note)(times=5)
        one = await join(alice, key)
        await sync_to_async(note)(times=5)
        assert await seqs(one, 5) == [6, 7, 8, 9, 10]
        two = await join(alice, key, "?after=0")
        assert await seqs(two, 10) == list(range(1, 11))


async def test_bell_may_lose_double_and_reorder(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    """R5 in small: the log is read wherever the bell left a gap."""
    socket = await join(alice, key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("project.realtime.transaction.ring", lambda bells: None)
        await sync_to_async(note)(times=4)
    texts = await sync_to_async(lambda: list(Event.objects.order_by("seq").values_list("seq", "text")))()
    for seq, text in (texts[3], texts[3], texts[1]):
        ring([Bell(stream=key.id, events=((seq, text),))])
    assert await seqs(socket, 4) == [1, 2, 3, 4]
    assert get_hub()._followed[key.id].healed_gaps >= 1


async def test_lost_bell_is_found_by_the_head_poll(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    with override_settings(WORKROOM_LIMITS={"head_poll_s": 0}):
        socket = await join(alice, key)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("project.realtime.transaction.ring", lambda bells: None)
            await sync_to_async(note)()
        assert await seqs(socket, 1) == [1]


async def test_restored_log_sends_everybody_for_a_snapshot(join: Join, alice: User, key: StreamKey) -> None:
    with override_settings(WORKROOM_LIMITS={"head_poll_s": 0}):
        socket = await join(alice, key)
        await sync_to_async(Stream.objects.filter(id=key.id).update)(epoch="another")
        assert (await socket.until(lambda frame: frame["type"] == "reset"))["data"]["reason"] == "epoch"


async def test_window_pauses_without_acks_and_closes_4002(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    with override_settings(WORKROOM_LIMITS={"ack_events": 4, "ack_timeout_s": 0.5}):
        socket = await join(alice, key)
        await sync_to_async(note)(times=10)
        assert await seqs(socket, 4) == [1, 2, 3, 4]
        await socket.send({"type": "ack", "data": {"seq": 2}})
        assert await seqs(socket, 2) == [5, 6]
        assert await socket.close_code() == 4002


async def test_acked_client_gets_everything(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    with override_settings(WORKROOM_LIMITS={"ack_events": 4}):
        socket = await join(alice, key)
        await sync_to_async(note)(times=20)
        for seq in range(1, 21):
            assert await seqs(socket, 1) == [seq]
            await socket.send({"type": "ack", "data": {"seq": seq}})


async def test_single_large_event_passes_an_empty_window(join: Join, alice: User, key: StreamKey) -> None:
    with override_settings(WORKROOM_LIMITS={"ack_bytes": 1000}):
        socket = await join(alice, key)
        await socket.ok("note", text="x" * 5000)
        assert await seqs(socket, 1) == [1]


BAD_FRAMES = [
    "{",
    "[]",
    "null",
    '"note"',
    "[" * 100_000,
    '{"type":"note","data":{"text":NaN}}',
    '{"type":"note","data":{"text":"a","text":"b"}}',
    '{"type":"note","data":{"text":"\\u0000"}}',
    '{"type":"note","data":{"text":"\\ud800"}}',
    '{"type":"note","data":{"text":"x","times":1e400}}',
    '{"type":"note","data":{"text":"x","times":' + "9" * 5000 + "}}",
    '{"type":"note","data":{"text":7}}',
    '{"type":"note","data":{"text":"x","times":"2"}}',
    '{"type":"note","data":{"text":"x","times":true}}',
    '{"type":"note","data":{"text":"x","more":1}}',
    '{"type":"note","data":{"text":""}}',
    '{"type":"note","data":{"text":"' + "x" * 16_001 + '"}}',
    '{"type":"note","data":[]}',
    '{"type":"note"}',
    '{"type":"nothing","data":{}}',
    '{"type":"__class__","data":{}}',
    '{"type":5,"data":{}}',
    '{"data":{}}',
    '{"type":"note","ref":"NOT-A-UUID","data":{"text":"x"}}',
    '{"type":"note","extra":1,"data":{"text":"x"}}',
    '{"type":"ack","data":{"seq":-1}}',
    '{"type":"sync","data":{"after":0}}',
    '{"type":"ping","data":{"x":1}}',
    '{"type":"viewing","data":{"card":"x"}}',
    "x" * 70_000,
]


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=lambda frame: frame[:40])
async def test_bad_frame_is_told_and_the_socket_lives(join: Join, alice: User, key: StreamKey, frame: str) -> None:
    socket = await join(alice, key)
    await socket.send(frame)
    error = await socket.until(lambda frame: frame["type"] == "error")
    assert error["error"]["code"] in {"invalid", "too_large"}
    assert error["timestamp"] > 1_700_000_000
    assert await socket.ok("note", text="still here") == {"text": "still here", "seq": 1}
    assert await sync_to_async(Event.objects.count)() == 1


async def test_bad_data_with_a_ref_is_a_refused_reply(join: Join, alice: User, key: StreamKey) -> None:
    socket = await join(alice, key)
    reply = await socket.command("note", text=5)
    assert reply["ok"] is False
    assert reply["error"]["code"] == "invalid"
    assert "text" in reply["error"]["fields"]


async def test_binary_is_refused(join: Join, alice: User, key: StreamKey) -> None:
    socket = await join(alice, key)
    await socket.communicator.send_to(bytes_data=b"\x00\x01")
    assert (await socket.until(lambda frame: frame["type"] == "error"))["error"]["code"] == "invalid"


async def test_eleven_bad_frames_a_minute_close_4500(join: Join, alice: User, key: StreamKey) -> None:
    socket = await join(alice, key)
    for _ in range(11):
        await socket.send("{")
    assert await socket.close_code() == 4500


async def test_huge_frame_closes_4503(join: Join, alice: User, key: StreamKey) -> None:
    socket = await join(alice, key)
    await socket.send("x" * 200_000)
    assert await socket.close_code() == 4503


async def test_defect_is_told_by_its_reference_and_the_socket_lives(join: Join, alice: User, key: StreamKey) -> None:
    socket = await join(alice, key)
    reply = await socket.command("boom", text="x")
    assert reply["error"]["code"] == "internal"
    assert reply["error"]["data"]["error_id"]
    assert "defect" not in json.dumps(reply)
    assert (await socket.ok("note", text="x"))["seq"] == 1


async def test_defect_that_no_future_takes_holds_up_nobody_on_the_stream(
    join: Join, alice: User, bob: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await join(alice, key), await join(bob, key)
    with monkeypatch.context() as patch:
        patch.setattr("tests.realtime.conftest.note_access", Mock(side_effect=StopIteration))
        assert (await one.command("note", text="x"))["error"]["code"] == "internal"
    assert (await two.ok("note", text="x"))["seq"] == 1


async def test_command_without_its_database_is_refused_as_unavailable(
    join: Join, alice: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await join(alice, key)
    monkeypatch.setattr("tests.realtime.conftest.note_access", Mock(side_effect=OperationalError("the connection is closed")))
    error = (await socket.command("note", text="x"))["error"]
    assert (error["code"], error["data"]) == ("unavailable", {"retry_after_s": 1})


async def test_refusal_carries_its_code(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    ROLES[bob.id, key.id] = "viewer"
    socket = await join(bob, key)
    assert (await socket.command("note", text="x"))["error"]["code"] == "forbidden"
    one = await join(alice, key)
    assert (await one.command("note", text="x", fails=True))["error"]["code"] == "conflict"


async def test_commands_beyond_the_pace_are_refused_then_closed(join: Join, alice: User, key: StreamKey) -> None:
    with override_settings(WORKROOM_LIMITS={"commands_burst": 3, "commands_per_s": 0.5, "refusals_per_10s": 2}):
        socket = await join(alice, key)
        for _ in range(3):
            await socket.ok("note", text="x")
        refused = await socket.command("note", text="x")
        assert refused["error"]["code"] == "rate_limited"
        assert refused["error"]["data"]["retry_after_s"] == 2
        for _ in range(2):
            await socket.send({"type": "note", "ref": str(uuid4()), "data": {"text": "x"}})
        assert await socket.close_code() == 4008
        assert socket.closed is not None
        assert socket.closed[1]["retry_ms"] > 0


async def test_too_many_connections_close_4504(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    with override_settings(WORKROOM_LIMITS={"sockets_per_user": 2}):
        for _ in range(2):
            await join(alice, key)
        third = await join(alice, key, hello=False)
        assert await third.close_code() == 4504
        await join(bob, key)


async def test_lost_right_closes_at_once(join: Join, bob: User, key: StreamKey) -> None:
    socket = await join(bob, key)
    del ROLES[bob.id, key.id]
    ring([Bell(access=bob.id)])
    assert await socket.close_code(2) == 4502


async def test_right_lost_while_joining_closes(join: Join, bob: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the first look at the right and the cursor's place in the hub no bell can find the socket."""
    asked: list[User] = []

    def once(user: User, stream_id: UUID) -> Role:
        asked.append(user)
        if len(asked) > 1:
            raise NotFound
        return "editor"

    monkeypatch.setitem(streams._access, "board", once)
    socket = await join(bob, key, hello=False)
    assert await socket.close_code() == 4502


async def test_defect_while_joining_is_told_by_its_reference_and_closes_4004(
    join: Join, bob: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(user: User, stream_id: UUID) -> Role:
        raise RuntimeError("the stairs are gone")

    monkeypatch.setitem(streams._access, "board", broken)
    socket = await join(bob, key, hello=False)
    error = (await socket.frame())["error"]
    assert error["code"] == "internal"
    assert "stairs" not in json.dumps(error)
    assert f"error {error['data']['error_id']}" in caplog.text
    assert "the stairs are gone" in caplog.text
    assert await socket.close_code() == 4004


async def test_signed_out_socket_closes_4501(join: Join, bob: User, key: StreamKey) -> None:
    socket = await join(bob, key)
    await sync_to_async(AuthToken.objects.filter(user=bob).delete)()
    ring([Bell(access=bob.id)])
    assert await socket.close_code(2) == 4501


async def test_presence_lists_each_user_once(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    one = await join(alice, key)
    await join(bob, key)
    tab = await join(bob, key)
    card = str(new_id())
    await tab.send({"type": "viewing", "data": {"card": card}})

    def is_complete(frame: dict[str, Any]) -> bool:
        users = frame["data"]["users"] if frame["type"] == "presence" else []
        return [(user["username"], user["connections"], user["viewing"]) for user in users] == [("alice", 1, None), ("bob", 2, card)]

    assert (await one.until(is_complete))["data"]["total"] == 2


async def test_typing_is_shown_at_most_every_two_seconds(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    one, two = await join(alice, key), await join(bob, key)
    for _ in range(3):
        await one.send({"type": "typing"})
    assert (await two.event("typing"))["data"]["user"]["username"] == "alice"
    with pytest.raises(TimeoutError):
        await two.until(lambda frame: frame["type"] == "typing", 0.3)


async def test_heartbeat_carries_the_head(join: Join, alice: User, key: StreamKey, note: NoteFn) -> None:
    with override_settings(WORKROOM_LIMITS={"heartbeat_s": 0.1}):
        await sync_to_async(note)(times=2)
        socket = await join(alice, key)
        heartbeat = await socket.until(lambda frame: frame["type"] == "heartbeat")
        assert heartbeat["data"]["seq"] == 2


async def test_slow_command_delays_only_its_own_socket(join: Join, alice: User, bob: User, key: StreamKey, note: NoteFn) -> None:
    one, two = await join(alice, key), await join(bob, key)

    def slow(user: User, stream_id: Any) -> Any:
        if user.id == alice.id:
            time.sleep(0.5)
        return ROLES[user.id, stream_id]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conftest, "note_access", slow)
        started = time.monotonic()
        slow_reply = asyncio.create_task(one.ok("note", text="slow"))
        await asyncio.sleep(0.05)
        await two.send({"type": "ping"})
        await two.until(lambda frame: frame["type"] == "pong")
        assert time.monotonic() - started < 0.4
        await slow_reply


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://testserver", "http://testserver:81", "http://testserver.evil"])
async def test_cookie_from_a_foreign_origin_is_refused_before_accept(alice: User, key: StreamKey, origin: str) -> None:
    headers = [(b"cookie", b"sessionid=whatever"), (b"origin", origin.encode()), (b"host", b"testserver")]
    communicator = WebsocketCommunicator(application, f"/ws/boards/{key.id}/", headers=headers)
    assert await communicator.connect() == (False, 1008)


async def test_hub_goes_with_its_last_cursor(join: Join, alice: User, key: StreamKey) -> None:
    socket = await join(alice, key)
    hub = get_hub()
    assert hub.cursors
    await socket.close()
    assert not hub.cursors
    assert not hub._followed
    assert get_hub() is not hub


async def test_commands_that_arrive_meanwhile_are_done_together(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    """The first is under way: the others wait, and share one lock and one frame."""
    sockets = [await join(user, key) for user in (alice, bob, alice, bob)]
    begun, may_go = threading.Event(), threading.Event()
    sizes: list[int] = []

    def first(ask: Any) -> Reply:
        sizes.append(1)
        begun.set()
        may_go.wait(5)
        return perform_alone(ask)

    def later(asks: Sequence[Any]) -> Sequence[Any]:
        sizes.append(len(asks))
        return share(asks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("project.realtime.batch.perform_alone", first)
        patch.setattr("project.realtime.batch.share", later)
        asked = [asyncio.create_task(sockets[0].ok("note", text="first"))]
        while not begun.is_set():
            await asyncio.sleep(0.01)
        asked += [asyncio.create_task(socket.ok("note", text="later")) for socket in sockets[1:]]
        await asyncio.sleep(0.1)
        may_go.set()
        replies = await asyncio.gather(*asked)
    assert sizes == [1, 3]
    assert sorted(reply["seq"] for reply in replies) == [1, 2, 3, 4]


async def test_commands_that_come_over_several_sockets_at_once_are_done_together_from_the_first(
    alice: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def together(asks: Sequence[Any]) -> Sequence[Any]:
        sizes.append(len(asks))
        return [{}] * len(asks)

    monkeypatch.setattr("project.realtime.batch.share", together)
    waiting = []
    for _ in range(3):  # each socket is read in a pass of the loop of its own
        waiting.append(submit(Ask(NOTE, alice, Note(text="hi"), within=key), key))
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert sizes == [3]


async def test_server_that_ends_a_slow_socket_without_a_disconnect_leaves_nothing_behind(
    join: Join, alice: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await join(alice, key)
    hub, begun, may_go = get_hub(), threading.Event(), threading.Event()

    def slow(_: Any) -> Reply:
        begun.set()
        may_go.wait(5)
        return {}

    monkeypatch.setattr("project.realtime.batch.perform_alone", slow)
    await socket.send({"type": "note", "data": {"text": "hi"}})
    while not begun.is_set():
        await asyncio.sleep(0.01)
    socket.communicator.future.cancel()
    await asyncio.wait([socket.communicator.future])
    may_go.set()
    monkeypatch.setattr(socket, "close", AsyncMock())  # there is nothing to disconnect from any more
    assert (connections.count(), hub.cursors) == (0, [])


async def test_who_comes_while_the_last_one_leaves_is_in_the_hub_that_stays(
    join: Join, alice: User, bob: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await join(alice, key)
    channel_layer = get_hub()._layer
    assert channel_layer is not None
    discard = channel_layer.group_discard
    leaving, may_go = asyncio.Event(), asyncio.Event()

    async def slow(group: str, channel: str) -> None:
        if group == layer.CONTROL_GROUP:
            leaving.set()
            await asyncio.wait_for(may_go.wait(), 0.2)
        await discard(group, channel)

    monkeypatch.setattr(channel_layer, "group_discard", slow)
    closing = asyncio.create_task(first.close())
    await leaving.wait()
    await join(bob, key)
    may_go.set()
    await closing
    assert [cursor.user for cursor in get_hub().cursors] == [bob]


async def test_socket_that_cannot_even_be_closed_holds_up_nobody(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    with override_settings(WORKROOM_LIMITS={"heartbeat_s": 0.1}):
        await join(alice, key)
        good = await join(bob, key)
        [stuck] = [cursor for cursor in get_hub().cursors if cursor.user == alice]

        async def never(code: int, retry_ms: int | None = None) -> None:
            await asyncio.sleep(60)

        stuck._close = never
        stuck.credential = replace(stuck.credential, expires=datetime.now(tz=UTC) - timedelta(seconds=1))
        await asyncio.sleep(1.5)
        good.waiting.clear()
        await good.until(lambda frame: frame["type"] == "heartbeat", 3)


async def test_typing_counts_per_user_and_not_per_socket(join: Join, alice: User, bob: User, key: StreamKey) -> None:
    watcher = await join(bob, key)
    for socket in (await join(alice, key), await join(alice, key)):
        await socket.send({"type": "typing", "data": {}})
        await socket.send({"type": "ping", "data": {}})
        await socket.event("pong")
    await watcher.event("typing")
    with pytest.raises(TimeoutError):
        await watcher.event("typing", 0.3)


async def test_client_ahead_of_a_deaf_hub_is_caught_up_with_while_a_repair_is_pending(
    join: Join, alice: User, key: StreamKey, note: NoteFn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(alice, key)
    [cursor] = get_hub().cursors
    followed = cursor.followed
    with monkeypatch.context() as deaf:
        deaf.setattr("project.realtime.bell._listeners", [])
        await sync_to_async(note)(times=3)
    followed._mend_soon(0.01)
    assert (await find_place(followed, after=3, epoch=None)) == Place(3)


class Unsteady:
    """A layer that reaches other processes, while it isn't down or hanging."""

    def __init__(self) -> None:
        self.trouble: Callable[[], Awaitable[None]] | None = None
        self._steady = InMemoryChannelLayer()
        self.groups = self._steady.groups

    async def new_channel(self, prefix: str = "specific.") -> str:
        return await self._do(self._steady.new_channel(prefix))

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self._do(self._steady.receive(channel))

    async def group_add(self, group: str, channel: str) -> None:
        await self._do(self._steady.group_add(group, channel))

    async def group_discard(self, group: str, channel: str) -> None:
        await self._do(self._steady.group_discard(group, channel))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._steady.group_send(group, message)

    async def _do(self, work: Coroutine[Any, Any, T]) -> T:
        if self.trouble is not None:
            work.close()
            await self.trouble()
        return await work


async def is_down() -> None:
    raise ConnectionError


async def hangs() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("trouble", [is_down, hangs])
async def test_first_socket_of_a_process_comes_in_while_the_layer_is_in_trouble(
    join: Join,
    alice: User,
    bob: User,
    key: StreamKey,
    note: NoteFn,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[], Awaitable[None]],
) -> None:
    """It gets everything from the log and from this very process, and what others tell once the layer is back."""
    unsteady = Unsteady()
    unsteady.trouble = trouble
    monkeypatch.setattr("project.realtime.hub.get_channel_layer", lambda: unsteady)
    monkeypatch.setattr(layer.breaker, "_failures", 0)
    with override_settings(WORKROOM_LIMITS={"head_poll_s": 0, "head_poll_down_s": 0}):
        one = await join(alice, key)
        two = await join(bob, key)
        await sync_to_async(note)("here")
        assert [await seqs(socket, 1) for socket in (one, two)] == [[1], [1]]
        unsteady.trouble = None
        frame = '{"type":"typing","data":{}}'
        elsewhere = {**encode_bell(Bell(stream=key.id, frames=(frame,))), "origin": "another process"}
        async with asyncio.timeout(10):
            while key.id.hex not in "".join(unsteady.groups):
                await asyncio.sleep(0.05)
        await unsteady.group_send(layer.group_name(key.id), elsewhere)
        await one.event("typing")


async def test_client_ahead_of_the_hub_sends_nobody_for_a_snapshot_when_the_bell_rings_meanwhile(
    join: Join, alice: User, bob: User, key: StreamKey, note: NoteFn, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await join(alice, key), await join(bob, key)

    def overtaken(stream_id: UUID) -> tuple[int, str]:
        answer = read_head(stream_id)
        note("meanwhile")
        return answer

    monkeypatch.setattr("project.realtime.follow.read_head", overtaken)
    await two.send({"type": "sync", "data": {"after": 9, "epoch": two.hello["epoch"]}})
    assert (await two.event("reset"))["data"]["reason"] == "ahead"
    await one.ok("note", text="later")
    assert await seqs(one, 2) == [1, 2]
    assert "reset" not in [frame["type"] for frame in one.waiting]


async def test_log_that_turns_out_to_be_another_gives_no_events_before_a_sync(
    join: Join, alice: User, bob: User, key: StreamKey, note: NoteFn
) -> None:
    await sync_to_async(note)(times=2)
    await join(alice, key)
    await sync_to_async(Stream.objects.filter(id=key.id).update)(epoch="restored", head=5)
    socket = await join(bob, key, "?after=3")
    await socket.event("reset")
    await socket.ok("note", text="new")
    await socket.send({"type": "ping"})
    await socket.event("pong")
    assert not [frame for frame in socket.waiting if "seq" in frame]


async def test_right_that_cannot_be_checked_keeps_no_other_from_being(
    join: Join, alice: User, bob: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await join(alice, key)
    socket = await join(bob, key)

    def broken_for_alice(user: User, stream_id: UUID) -> Role:
        raise OperationalError("the connection is closed") if user == alice else NotFound

    monkeypatch.setitem(streams._access, "board", broken_for_alice)
    ring([Bell(stream=key.id, is_everybody=True)])
    assert await socket.close_code(2) == 4502


async def test_sync_that_fails_leaves_the_socket_as_it_was(
    join: Join, alice: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await join(alice, key)
    with monkeypatch.context() as outage:
        outage.setattr("project.realtime.consumers.find_place", AsyncMock(side_effect=OperationalError("the connection is closed")))
        await socket.send({"type": "sync", "data": {"after": 0, "epoch": socket.hello["epoch"]}})
        assert (await socket.event("error"))["error"]["code"] == "unavailable"
    await socket.ok("note", text="hi")
    assert await seqs(socket, 1) == [1]


async def test_reset_is_told_behind_whatever_else_waits(join: Join, alice: User, key: StreamKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ephemeral frames that come while the connection takes nothing push nothing of the protocol out."""
    await join(alice, key)
    [cursor] = get_hub().cursors
    sent: list[str] = []
    may_go = asyncio.Event()

    async def slow(frame: str) -> None:
        await may_go.wait()
        sent.append(json.loads(frame)["type"])

    monkeypatch.setattr(cursor, "_send", slow)
    cursor.followed.note_head(0, "restored", known=0)
    for _ in range(200):
        cursor.show('{"type":"typing"}')
    may_go.set()
    await asyncio.sleep(0.05)
    assert "reset" in sent
    assert len(sent) < 100
