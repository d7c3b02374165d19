"""Ten people work at once, each with a session, a socket and a run: nobody sees anything of another's (F1, F6, L78, L120)."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.process.fixtures import ServerFor
from tests.stranger.client import Follower, Person
from tests.stranger.contract import broken_promises

pytestmark = [pytest.mark.process, pytest.mark.timeout(240)]

PEOPLE = 10
WORK = "Find the card {mark} and create a card called New {mark}"
LAST = {"run_completed", "run_failed", "run_cancelled"}


@dataclass
class Place:
    """One person's board and session; `mark` is in everything they write."""

    person: Person
    mark: str
    board: str
    session: str

    @classmethod
    async def make(cls, url: str) -> "Place":
        mark = uuid4().hex
        person = await Person.sign_up(url, f"p-{mark[:8]}")
        board = (await person.post("boards/", {"name": f"Board {mark}"}))["board"]["id"]
        column = (await person.get(f"boards/{board}/snapshot/"))["state"]["columns"][0]["id"]
        card = (await person.post(f"boards/{board}/cards/", {"column": column, "title": f"Card {mark}"}))["card"]["id"]
        session = (await person.post("sessions/", {"card": card, "workflow": "resolve"}))["session"]["id"]
        return cls(person, mark, board, session)

    async def work(self) -> list[dict[str, Any]]:
        """What this person's sockets, one on the session and one on the board, get while a run does its work."""
        async with (
            await self.person.follow(f"sessions/{self.session}", after=0) as room,
            await self.person.follow(f"boards/{self.board}", after=0) as board,
        ):
            await room.do("send_user_message", content=WORK.format(mark=self.mark))
            await room.until(lambda: is_over(room), timeout_s=180)
            assert broken_promises(room.events) == []
            return [*room.events, *room.frames, *board.events, *board.frames]


def is_over(follower: Follower) -> bool:
    return any(event["type"] in LAST for event in follower.events)


async def test_runs_of_ten_people_do_not_mix(server_for: ServerFor) -> None:
    server = server_for(WORKROOM_RULES_PACE_MS="5")
    places = [await Place.make(server.url) for _ in range(PEOPLE)]
    try:
        seen = await asyncio.gather(*(place.work() for place in places))
        for place, frames in zip(places, seen, strict=True):
            await check_own(place, frames, [other for other in places if other is not place])
    finally:
        for place in places:
            await place.person.close()


async def check_own(place: Place, frames: list[dict[str, Any]], others: list[Place]) -> None:
    """The run was done, told of in this person's words, and holds no word, id or user of the others."""
    text = json.dumps(frames)
    snapshot = json.dumps(await place.person.get(f"sessions/{place.session}/snapshot/"))
    assert "run_completed" in text
    assert f"New {place.mark}" in text
    for other in others:
        for word in (other.mark, other.board, other.session, other.person.user["id"]):
            assert word not in text
            assert word not in snapshot
    titles = [card["title"] for card in (await place.person.get(f"boards/{place.board}/snapshot/"))["state"]["cards"]]
    assert sorted(titles) == sorted([f"Card {place.mark}", f"New {place.mark}"])
