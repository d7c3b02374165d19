"""What the client does about a server that stumbles, played by scripts."""

import asyncio
from typing import Any
from unittest.mock import AsyncMock

import pytest

from project.client import Account, ClientError, Closed, Event, Joined, Lost, Notice, Refused, Snapshot, Stream, Unreachable, User
from tests.client.peer import SESSION, USER, Line, Peer, event
from tests.process.server import free_port

PATH = f"sessions/{SESSION}"


def alice(peer: Peer) -> Account:
    return Account(peer.url, "a-token", User(**USER))


async def take(stream: Stream, count: int) -> list[Any]:
    """That many events, snapshots, notices and losses, in short words."""
    words: list[Any] = []
    async with asyncio.timeout(20):
        while len(words) < count:
            match await anext(stream):
                case Event(seq=seq):
                    words.append(seq)
                case Lost(code=code):
                    words.append(f"lost {code}")
                case Snapshot(seq=seq):
                    words.append(f"snapshot {seq}")
                case Notice(type=name):
                    words.append(name)
                case Joined():
                    pass
    return words


async def test_goes_on_after_a_loss_where_it_was(peer: Peer) -> None:
    async def first(line: Line) -> None:
        assert line.address == f"/ws/{PATH}/?after=0"
        await line.hello(2)
        await line.send({"type": "events", "events": [event(1), event(2)]})
        await line.close(4001, code="going_away", retry_ms=50)

    async def second(line: Line) -> None:
        assert line.address == f"/ws/{PATH}/?after=2&epoch=one"
        await line.hello(3)
        await line.send(event(2), event(3))
        await line.stay()

    peer.scripts = [first, second]
    async with alice(peer) as account, account.follow(PATH, after=0) as stream:
        assert await take(stream, 4) == [1, 2, "lost 4001", 3]
        assert (stream.seq, stream.epoch) == (3, "one")


async def test_gap_is_healed_by_one_sync(peer: Peer) -> None:
    async def script(line: Line) -> None:
        await line.hello(5)
        await line.send(event(1), event(3), event(4))
        assert (await line.until("sync"))["data"] == {"after": 1, "epoch": "one"}
        await line.send({"type": "events", "events": [event(seq) for seq in (2, 3, 4, 5)]})
        assert (await line.frame())["type"] == "ack"
        await line.stay()

    peer.scripts = [script]
    async with alice(peer) as account, account.follow(PATH, after=0) as stream:
        assert await take(stream, 5) == [1, 2, 3, 4, 5]
        await asyncio.sleep(1.5)


async def test_two_heartbeats_ahead_make_it_ask_again(peer: Peer) -> None:
    async def script(line: Line) -> None:
        await line.hello(0)
        for _ in range(2):
            await line.send({"type": "heartbeat", "data": {"seq": 2, "timestamp": 1.0}})
        assert (await line.until("sync"))["data"]["after"] == 0
        await line.send(event(1), event(2))
        await line.stay()

    peer.scripts = [script]
    async with alice(peer) as account, account.follow(PATH, after=0) as stream:
        assert await take(stream, 2) == [1, 2]


async def test_reset_brings_the_snapshot_then_what_follows(peer: Peer) -> None:
    async def script(line: Line) -> None:
        await line.hello(2, epoch="two")
        await line.send({"type": "reset", "data": {"reason": "epoch", "snapshot": f"/api/{PATH}/snapshot/"}})
        assert (await line.until("sync"))["data"] == {"after": 2, "epoch": "two"}
        await line.send(event(3))
        assert (await line.frame())["data"] == {"seq": 3}
        await line.stay()

    peer.scripts = [script]
    peer.snapshot = {"stream": f"session:{SESSION}", "epoch": "two", "seq": 2, "state": {"messages": []}}
    async with alice(peer) as account, account.follow(PATH, after=40, epoch="one") as stream:
        assert await take(stream, 2) == ["snapshot 2", 3]
        assert (stream.seq, stream.epoch) == (3, "two")
        await asyncio.sleep(1.5)


async def test_two_resets_at_once_are_one(peer: Peer) -> None:
    reset = {"type": "reset", "data": {"reason": "epoch", "snapshot": f"/api/{PATH}/snapshot/"}}

    async def script(line: Line) -> None:
        await line.hello(2, epoch="two")
        await line.send(reset, reset)
        await line.until("sync")
        await line.send(event(3))
        await line.stay()

    peer.scripts = [script]
    peer.snapshot = {"stream": f"session:{SESSION}", "epoch": "two", "seq": 2, "state": {"messages": []}}
    async with alice(peer) as account, account.follow(PATH, after=40, epoch="one") as stream:
        assert await take(stream, 2) == ["snapshot 2", 3]


async def test_loss_amid_a_reset_leaves_it_watchful(peer: Peer) -> None:
    """The second reset waits for its turn to sync when the connection is lost; what is lost later is asked for all the same."""
    reset = {"type": "reset", "data": {"reason": "too_far_behind", "snapshot": f"/api/{PATH}/snapshot/"}}

    async def first(line: Line) -> None:
        await line.hello(2, epoch="two")
        await line.send(reset)
        await line.until("sync")
        await line.send(reset)
        while len(peer.requests) < 2:
            await asyncio.sleep(0.01)
        await line.close(4001, retry_ms=10)

    async def second(line: Line) -> None:
        await line.hello(2, epoch="two")
        for _ in range(2):
            await line.send({"type": "heartbeat", "data": {"seq": 3, "timestamp": 1.0}})
        await line.until("sync")
        await line.send(event(3))
        await line.stay()

    peer.scripts = [first, second]
    peer.snapshot = {"stream": f"session:{SESSION}", "epoch": "two", "seq": 2, "state": {"messages": []}}
    async with alice(peer) as account, account.follow(PATH, after=1, epoch="two") as stream:
        while await take(stream, 1) != [3]:
            pass


async def test_acknowledges_each_64_and_after_a_second_of_quiet(peer: Peer) -> None:
    acked: list[int] = []

    async def script(line: Line) -> None:
        await line.hello(100)
        await line.send({"type": "events", "events": [event(seq) for seq in range(1, 101)]})
        while not acked or acked[-1] < 100:
            acked.append((await line.until("ack"))["data"]["seq"])

    peer.scripts = [script]
    async with alice(peer) as account, account.follow(PATH, after=0) as stream:
        assert len(await take(stream, 64)) == 64
        await asyncio.sleep(0.5)
        assert acked == [64]
        assert len(await take(stream, 36)) == 36
        await asyncio.sleep(1.6)
    assert acked == [64, 100]


async def test_nothing_is_acknowledged_that_nobody_took(peer: Peer) -> None:
    frames: list[Any] = []

    async def script(line: Line) -> None:
        await line.hello(100)
        await line.send({"type": "events", "events": [event(seq) for seq in range(1, 101)]})
        frames.append(await line.frame())

    peer.scripts = [script]
    async with alice(peer) as account, account.follow(PATH, after=0) as stream:
        await asyncio.sleep(1.5)
        assert frames == []
        await stream.control("ping")
        await asyncio.sleep(0.3)
        assert frames == [{"type": "ping", "data": {}}]


async def test_command_survives_a_loss_under_its_ref(peer: Peer) -> None:
    refs: list[str] = []

    async def first(line: Line) -> None:
        await line.hello(0)
        refs.append((await line.until("send_user_message"))["ref"])
        await line.close(4004, code="server_error", retry_ms=10)

    async def second(line: Line) -> None:
        await line.hello(0)
        refs.append((await line.until("send_user_message"))["ref"])
        await line.send({"type": "reply", "ref": refs[1], "ok": True, "data": {"seq": 1}})
        await line.stay()

    peer.scripts = [first, second]
    async with alice(peer) as account, account.follow(PATH) as stream:
        assert await stream.command("send_user_message", content="Hello") == {"seq": 1}
    assert refs[0] == refs[1]


async def test_refusal_and_silence_have_their_own_errors(peer: Peer) -> None:
    error = {"code": "invalid", "message": "This isn't valid.", "fields": {"content": ["Too long."]}}

    async def script(line: Line) -> None:
        await line.hello(0)
        frame = await line.until("edit_session")
        await line.send({"type": "reply", "ref": frame["ref"], "ok": False, "error": error})
        await line.stay()

    peer.scripts = [script]
    async with alice(peer) as account, account.follow(PATH) as stream:
        with pytest.raises(Refused, match=r"This isn't valid. \(invalid; content: Too long.\)") as refused:
            await stream.command("edit_session", title="")
        assert (refused.value.code, refused.value.fields, refused.value.status) == ("invalid", {"content": ["Too long."]}, 0)
        with pytest.raises(ClientError, match="No reply to stop_session within"):
            await stream.command("stop_session", timeout_s=0.2)


@pytest.mark.parametrize("code", [4500, 4501, 4502, 4503, 4504])
async def test_final_code_ends_iteration_and_commands(peer: Peer, code: int) -> None:
    async def script(line: Line) -> None:
        await line.hello(0)
        await line.until("stop_session")
        await line.close(code, code="the_end")

    peer.scripts = [script]
    async with alice(peer) as account, account.follow(PATH) as stream:
        with pytest.raises(Closed) as from_command:
            await stream.command("stop_session")
        with pytest.raises(Closed):
            await take(stream, 1)
        with pytest.raises(Closed):
            await anext(stream)
        with pytest.raises(Closed):
            await stream.command("stop_session", timeout_s=5)
    assert from_command.value.code == code
    assert peer.scripts == []


async def test_new_session_is_started_once_over_a_loss(peer: Peer) -> None:
    refs: list[str] = []

    async def first(line: Line) -> None:
        assert line.address == "/ws/sessions/"
        refs.append((await line.until("start_session"))["ref"])
        await line.close(4001, code="going_away", retry_ms=10)

    async def second(line: Line) -> None:
        frame = await line.until("start_session")
        refs.append(frame["ref"])
        assert frame["data"] == {"title": "New"}
        await line.send({"type": "reply", "ref": frame["ref"], "ok": True, "data": {"session": {"id": SESSION}, "seq": 1}})
        await line.hello(1)
        await line.send(event(2))
        await line.close(4002, code="too_slow", retry_ms=10)

    async def third(line: Line) -> None:
        assert line.address == f"/ws/{PATH}/?after=2&epoch=one"
        await line.hello(2)
        await line.stay()

    peer.scripts = [first, second, third]
    async with alice(peer) as account, account.new_session(title="New") as stream:
        assert stream.session == {"id": SESSION}
        assert stream.path == PATH
        assert await take(stream, 3) == ["lost 4001", 2, "lost 4002"]
        assert isinstance(await anext(stream), Joined)
    assert len(set(refs)) == 1


async def test_refused_session_is_told(peer: Peer) -> None:
    async def script(line: Line) -> None:
        frame = await line.until("start_session")
        await line.send({"type": "reply", "ref": frame["ref"], "ok": False, "error": {"code": "invalid", "message": "No."}})
        await line.stay()

    peer.scripts = [script]
    async with alice(peer) as account:
        with pytest.raises(Refused, match="invalid"):
            await account.new_session().open()


async def test_other_frames_are_handed_on_and_nonsense_is_an_error(peer: Peer) -> None:
    async def script(line: Line) -> None:
        await line.hello(0)
        await line.send({"type": "presence", "data": {"users": [], "total": 0}}, {"type": "from_the_future", "data": {}})
        await line.connection.send("{")
        await line.stay()

    peer.scripts = [script]
    async with alice(peer) as account, account.follow(PATH) as stream:
        assert await take(stream, 2) == ["presence", "from_the_future"]
        with pytest.raises(ClientError, match="can't read"):
            await take(stream, 1)


async def test_nobody_there_is_told_at_once() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable, match="can't be reached"):
        await Account.sign_in(nobody, "alice", "secret")
    async with Account(nobody, "a-token", User(**USER)) as account:
        with pytest.raises(Unreachable, match="can't be reached"):
            await account.follow(PATH).open()
    for url in ("localhost:8000", "http://[localhost", "http://localhost:port"):
        with pytest.raises(Unreachable, match="is no address"):
            await Account.sign_in(url, "alice", "secret")


async def test_leaving_ends_iteration_quietly(peer: Peer) -> None:
    async def script(line: Line) -> None:
        await line.hello(1)
        await line.send(event(1))
        await line.stay()

    peer.scripts = [script]
    async with alice(peer) as account:
        async with account.follow(PATH, after=0) as stream:
            assert await take(stream, 1) == [1]
        assert [item async for item in stream] == []


async def test_ticket_that_is_not_to_be_had_now_is_asked_for_again(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def first(line: Line) -> None:
        await line.hello(0)
        await line.close(4001, code="going_away", retry_ms=1)

    async def second(line: Line) -> None:
        assert "ticket=two" in line.address
        await line.hello(1)
        await line.send(event(1))
        await line.stay()

    peer.scripts = [first, second]
    async with alice(peer) as account:
        outage = Refused({"code": "unavailable", "message": "Busy."}, 503)
        monkeypatch.setattr(account, "ticket", AsyncMock(side_effect=["one", outage, "two"]))
        async with account.follow(PATH, after=0, by_ticket=True) as stream:
            assert await take(stream, 3) == ["lost 4001", "lost 1006", 1]


async def test_ticket_that_is_refused_for_good_ends_the_stream(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with alice(peer) as account:
        refusal = Refused({"code": "not_authenticated", "message": "Sign in first."}, 401)
        monkeypatch.setattr(account, "ticket", AsyncMock(side_effect=refusal))
        with pytest.raises(Refused):
            await account.follow(PATH, by_ticket=True).open()
