"""Two people and the board they share, made over REST."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from agents.contract.validator import Expected, validate_events
from tests.stranger.client import Person

_GONE_S = 30.0


@dataclass
class Room:
    """Alice's board "Launch" with the four usual columns and one card in the first; Bob may edit it."""

    alice: Person
    bob: Person
    board: str
    columns: list[str]
    card: str

    @property
    def stream(self) -> str:
        return f"boards/{self.board}"

    async def head(self) -> int:
        """Where the board's log stands."""
        seq: int = (await self.alice.get(f"{self.stream}/snapshot/"))["seq"]
        return seq


@contextlib.asynccontextmanager
async def new_room(url: str) -> AsyncIterator[Room]:
    """Both sign up, under names nobody else has, and meet on a new board. What agents did there must have kept the contract."""
    mark = uuid4().hex[:8]
    alice, bob = await Person.sign_up(url, f"alice-{mark}"), await Person.sign_up(url, f"bob-{mark}")
    board = (await alice.post("boards/", {"name": "Launch"}))["board"]["id"]
    await alice.post(f"boards/{board}/members/", {"username": bob.user["username"], "role": "editor"})
    state = (await alice.get(f"boards/{board}/snapshot/"))["state"]
    columns = [column["id"] for column in state["columns"]]
    card = (await alice.post(f"boards/{board}/cards/", {"column": columns[0], "title": "Write the plan"}))["card"]["id"]
    try:
        yield Room(alice, bob, board, columns, card)
        # A test that has ended the server has nothing more to judge.
        with contextlib.suppress(httpx2.TransportError):
            await check_logs(alice)
    finally:
        await alice.close()
        await bob.close()


async def check_logs(person: Person) -> None:
    """Every log of a work session this person may see keeps the contract of PROTOCOL §3."""
    for session in (await person.get("sessions/"))["results"]:
        report = validate_events(await log_of(person, f"sessions/{session['id']}"), Expected(f"session:{session['id']}", after=0))
        assert report.faults == []


async def log_of(person: Person, path: str) -> list[dict[str, Any]]:
    """All events of a stream."""
    events: list[dict[str, Any]] = []
    while page := (await person.get(f"{path}/events/", after=len(events)))["events"]:
        events += page
    return events


async def wait_until_left(http: httpx2.AsyncClient) -> int:
    """How many connections /healthz still counts once all have had the time to go."""
    count = -1
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GONE_S):
            while count := (await http.get("/healthz")).json()["connections"]:
                await asyncio.sleep(0.05)
    return count
