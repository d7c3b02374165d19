"""Ten clients move a card at once on a real server: how soon all of them have every move."""

import asyncio
import math
import time
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.process.fixtures import ServerFor, Tell
from tests.process.people import Room, new_room
from tests.stranger.client import Follower

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

CLIENTS = 10
ROUNDS = 15
# The best of these counts: what else the machine does only adds.
SERIES = 4
# The requirement of 100 ms is judged by `make bench`; here other tests share the machine, and only a stall is a failure.
GUARD_S = 2.0


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn"])
async def test_ten_clients_moving_at_once_see_all_moves_in_time(server_for: ServerFor, tell: Tell, way: str) -> None:
    server = server_for(way, WORKROOM_LIMITS='{"commands_per_s": 1000, "commands_burst": 1000}')
    async with new_room(server.url) as room:
        cards = [await new_card(room) for _ in range(CLIENTS)]
        followers = [await person.follow(room.stream) for person in (room.alice, room.bob) for _ in range(CLIENTS // 2)]
        p95s = []
        for first in range(0, SERIES * ROUNDS, ROUNDS):
            rounds = [await move_at_once(room, followers, cards, turn) for turn in range(first, first + ROUNDS)]
            took = sorted(seconds for each in rounds for seconds in each)
            assert len(took) == ROUNDS * CLIENTS * CLIENTS
            p95s.append(took[math.ceil(0.95 * len(took)) - 1])
        for follower in followers:
            await follower.close()
    tell(f"{way}: 10 clients move at once, to all: p95 {', '.join(f'{p95 * 1000:.0f}' for p95 in p95s)} ms in {SERIES} series")
    assert min(p95s) <= GUARD_S


def has_all(follower: Follower, refs: Iterable[str]) -> bool:
    """Whether the last events of this client are these commands'."""
    return {event["ref"] for event in follower.events[-CLIENTS:]} == set(refs)


async def new_card(room: Room) -> str:
    card: str = (await room.alice.post(f"boards/{room.board}/cards/", {"column": room.columns[0], "title": "Go"}))["card"]["id"]
    return card


async def move_at_once(room: Room, followers: list[Follower], cards: list[str], turn: int) -> list[float]:
    """Seconds from each sending to each arrival."""
    sent: dict[str, float] = {}
    took: list[float] = []

    def note(event: dict[str, Any]) -> None:
        took.append(time.monotonic() - sent[event["ref"]])

    async def move(follower: Follower, card: str) -> None:
        ref = str(uuid4())
        sent[ref] = time.monotonic()
        await follower.do("move_card", ref, card=card, column=room.columns[(turn + 1) % 4])

    for follower in followers:
        follower.on_event = note
    await asyncio.gather(*(move(follower, card) for follower, card in zip(followers, cards, strict=True)))
    await asyncio.gather(*(follower.until(partial(has_all, follower, sent)) for follower in followers))
    return took
