"""The client against a real server: signing in, REST, streams, and a server that goes away and comes back."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from project.client import Account, Closed, Event, Joined, Lost, Notice, Refused, Stream
from tests.process.fixtures import ServerFor, served
from tests.process.server import Data, Server

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

ENDS = ("run_completed", "run_failed", "run_cancelled")
RUN_S = 60.0


@pytest.fixture(scope="module")
def server(migrated: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all: each test signs up people of its own."""
    with served(migrated, tmp_path_factory.mktemp("client")) as server:
        yield server


async def sign_up(server: Server, name: str) -> Account:
    return await Account.sign_up(server.url, f"{name}-{uuid4().hex[:8]}", "mellon-and-said-it-7")


async def until(stream: Stream, *types: str) -> list[Event]:
    """The events up to the first of these types."""
    seen: list[Event] = []
    async with asyncio.timeout(RUN_S):
        async for item in stream:
            if isinstance(item, Event):
                seen.append(item)
                if item.type in types:
                    return seen
    raise AssertionError(f"The stream has ended before {types}.")


async def test_signs_up_in_out_and_by_token(server: Server) -> None:
    async with await sign_up(server, "alice") as alice:
        name = alice.user.username
        assert (await alice.get("me/"))["username"] == name
        async with await Account.sign_in(server.url, name, "mellon-and-said-it-7") as again:
            assert again.user == alice.user
            async with await Account.by_token(server.url, again.token) as third:
                assert third.user == alice.user
            await again.sign_out()
        with pytest.raises(Refused) as by_token:
            await Account.by_token(server.url, again.token)
        assert (by_token.value.status, by_token.value.code) == (401, "not_authenticated")
        with pytest.raises(Refused) as taken:
            await Account.sign_up(server.url, name, "mellon-and-said-it-7")
        assert (taken.value.status, taken.value.code) == (400, "invalid")
        assert "username" in taken.value.fields


async def test_lists_snapshots_and_logs_come_whole(server: Server) -> None:
    async with await sign_up(server, "alice") as alice:
        key = str(uuid4())
        board = (await alice.post("boards/", {"name": "Launch"}, key=key))["board"]
        assert (await alice.post("boards/", {"name": "Launch"}, key=key))["board"] == board
        column = (await alice.snapshot(f"boards/{board['id']}")).state["columns"][0]["id"]
        for number in range(5):
            await alice.post(f"boards/{board['id']}/cards/", {"column": column, "title": f"Card {number}"})
        assert len(await alice.list_all(f"boards/{board['id']}/cards/", archived="false")) == 5
        snapshot = await alice.snapshot(f"boards/{board['id']}")
        log = [event async for event in alice.log(f"boards/{board['id']}")]
        assert [event.seq for event in log] == list(range(1, snapshot.seq + 1))
        assert log[-1].type == "card_created"
        assert log[-1].actor == alice.user
        renamed = await alice.patch(f"boards/{board['id']}/", {"name": "Opening"})
        assert renamed["board"]["name"] == "Opening"
        await alice.delete(f"boards/{board['id']}/")
        with pytest.raises(Refused, match="not_found"):
            await alice.get(f"boards/{board['id']}/")


@pytest.mark.parametrize("by_ticket", [False, True])
async def test_new_session_answers_over_its_socket(server: Server, by_ticket: bool) -> None:
    async with await sign_up(server, "alice") as alice, alice.new_session(title="A talk", by_ticket=by_ticket) as stream:
        assert stream.session is not None
        assert stream.session["title"] == "A talk"
        reply = await stream.command("send_user_message", content="What can you do?")
        seen = await until(stream, *ENDS)
        assert seen[-1].type == "run_completed"
        assert seen[-1].data["run"]["id"] == reply["run"]["id"]
        assert [event.seq for event in seen] == list(range(seen[0].seq, seen[-1].seq + 1))
        log = [event async for event in alice.log(stream.path)]
        assert [event.envelope for event in log][1 : 1 + len(seen)] == [event.envelope for event in seen]
        with pytest.raises(Refused) as refused:
            await stream.command("send_user_message", content="Hello", during_run="maybe")
        assert refused.value.code == "invalid"


async def test_stranger_is_kept_out(server: Server) -> None:
    async with await sign_up(server, "alice") as alice, await sign_up(server, "charlie") as charlie:
        session = (await alice.post("sessions/", {}))["session"]["id"]
        with pytest.raises(Closed) as closed:
            await charlie.follow(f"sessions/{session}").open()
        assert closed.value.code == 4502
        async with alice.follow(f"sessions/{session}", after=0) as stream:
            await alice.post("auth/logoutall/")
            with pytest.raises(Closed) as ended:
                await until(stream, "nothing")
        assert ended.value.code == 4501


async def test_typing_and_presence_are_notices(server: Server) -> None:
    async with await sign_up(server, "alice") as alice, alice.new_session() as stream, alice.follow(stream.path) as other:
        await stream.control("typing")
        names: set[str] = set()
        async with asyncio.timeout(RUN_S):
            while names != {"presence", "typing"}:
                item = await anext(other)
                names |= {item.type} if isinstance(item, Notice) else set()


async def test_goes_on_over_a_restart_of_the_server(server_for: ServerFor) -> None:
    server = server_for("serve", WORKROOM_RULES_PACE_MS="20", WORKROOM_LIMITS='{"run_lease_s": 3, "run_renew_s": 1, "run_sweep_s": 1}')
    async with await sign_up(server, "alice") as alice, alice.new_session() as stream:
        await stream.command("send_user_message", content="What can you do?")
        seen = await until(stream, "agent_started")
        server.terminate()
        assert await asyncio.to_thread(server.wait) == 0
        asking = asyncio.create_task(stream.command("edit_session", title="Renamed", timeout_s=RUN_S))
        await asyncio.to_thread(server.start)
        assert (await asking)["session"]["title"] == "Renamed"
        turns: list[object] = []
        async with asyncio.timeout(RUN_S):
            while not (seen[-1].type in ENDS and any(event.type == "session_edited" for event in seen)):
                match await anext(stream):
                    case Event() as event:
                        seen.append(event)
                    case Lost() | Joined() as turn:
                        turns.append(turn)
        assert isinstance(turns[0], Lost)
        assert turns[0].code == 4001
        assert isinstance(turns[-1], Joined)
        assert [event.seq for event in seen] == list(range(seen[0].seq, seen[-1].seq + 1))
