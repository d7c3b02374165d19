"""The group-committing writer: order kept, commits shared, stale holds dropped, a bad item alone in its failure."""

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from project.accounts.models import User
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change
from project.realtime.writer import LogItem, LogWriter
from sessions.events import MessageDelta
from tests.agents.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _every_log_keeps_the_contract() -> None:
    """These tests write text of messages that nobody has begun."""


def item(user: User, session: str, text: str, hold: int = 1) -> LogItem[int]:
    stream = StreamKey.session(UUID(session) if session else uuid4())
    return LogItem(event=MessageDelta(message=uuid4(), offset=0, text=text), stream=stream, actor=user, hold=hold)


def everybody(holds: Collection[int]) -> Collection[int]:
    return holds


async def test_what_comes_during_a_commit_goes_into_the_next(room: Room, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await sync_to_async(room.session)()
    commits: list[int] = []

    def counted(*args: Any) -> Any:
        commits.append(1)
        return run_change(*args)

    monkeypatch.setattr("project.realtime.writer.run_change", counted)
    writer = LogWriter(everybody)
    written = [writer.submit(item(alice, session, str(number))) for number in range(40)]
    assert await asyncio.gather(*written) == [True] * 40
    events = await sync_to_async(room.events)(session, 1)
    assert [event["data"]["text"] for event in events] == [str(number) for number in range(40)]
    assert len(commits) <= 2


async def test_items_of_a_stale_hold_are_dropped_and_counted(room: Room, alice: User) -> None:
    session = await sync_to_async(room.session)()
    writer = LogWriter(lambda holds: {hold for hold in holds if hold == 2})
    assert await asyncio.gather(*(writer.submit(item(alice, session, str(hold), hold)) for hold in (1, 2, 1))) == [False, True, False]
    assert writer.fenced == 2
    assert len(await sync_to_async(room.events)(session, 1)) == 1


async def test_item_that_cannot_be_written_fails_alone(room: Room, alice: User) -> None:
    session = await sync_to_async(room.session)()
    writer = LogWriter(everybody)
    good = [writer.submit(item(alice, session, "before")), writer.submit(item(alice, session, "after"))]
    bad = writer.submit(item(alice, "", "nowhere"))
    results = await asyncio.gather(good[0], bad, good[1], return_exceptions=True)
    assert (results[0], results[2]) == (True, True)
    assert isinstance(results[1], Exception)
    assert len(await sync_to_async(room.events)(session, 1)) == 2
