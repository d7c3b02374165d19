"""kill -9 under load, three times: nothing acknowledged is lost, nothing is doubled or reordered, everybody catches up."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from websockets.exceptions import WebSocketException

from tests.process.fixtures import ServerFor, Tell
from tests.process.history import History, Sent, Witness, fold_cards
from tests.process.people import Room, new_room
from tests.process.server import Server
from tests.stranger.client import Closed, Follower

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

KILLS = 3
WRITERS = 4
WATCHERS = 2
UNHINDERED = '{"commands_per_s": 10000, "commands_burst": 10000, "rest_per_s": 10000, "rest_burst": 10000}'
LOST = (Closed, OSError, TimeoutError, WebSocketException, httpx2.TransportError)


@dataclass
class Load:
    """What everybody does on one board while the server is killed, and what they saw."""

    room: Room
    seed: int
    sent: list[Sent] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    is_over: bool = False
    unanswered: int = 0
    newest: dict[str, str] = field(default_factory=dict)
    watching: dict[str, Follower] = field(default_factory=dict)
    repeated: int = 0

    async def connect(self, witness: Witness) -> Follower:
        """A socket that goes on where this witness left, tried until the server is there."""
        while True:
            try:
                place = witness.after + len(witness.applied)
                follower = await self.room.bob.follow(self.room.stream, after=place)
            except LOST:
                await asyncio.sleep(0.05)
                continue
            witness.applied += follower.events
            follower.on_event = witness.applied.append
            return follower

    async def watch(self, witness: Witness) -> None:
        """Follow the board over every end of the connection, to the head it has when the load is over."""
        while not self.is_over:
            follower = self.watching[witness.name] = await self.connect(witness)
            await follower.end(timeout_s=60)
        async with await self.connect(witness) as follower:
            head = await self.room.head()
            await follower.until(lambda: follower.last == head)

    async def finish(self, writers: Sequence[asyncio.Future[None]]) -> None:
        """Let writers end with their last reply, then watchers at the head."""
        self.is_over = True
        await asyncio.gather(*writers)
        for follower in list(self.watching.values()):
            await follower.close()

    async def write(self, witness: Witness) -> None:
        """Send one command after another, each repeated under its ref until it is answered, half of them by REST."""
        dice = random.Random(f"{self.seed} {witness.name}")
        follower = await self.connect(witness)
        for name, data in self.commands(dice, witness.name):
            ref, by_rest, reply = str(uuid4()), False, None
            while reply is None:
                try:
                    reply = await (self.ask(name, data, ref) if by_rest else follower.do(name, ref, **data))
                except LOST:
                    self.unanswered += 1
                    await follower.close()
                    follower = await self.connect(witness)
                    by_rest = dice.random() < 0.5
            self.sent.append(Sent(witness.name, ref, reply["seq"]))
            self.newest[witness.name] = reply["card"]["id"]
        await follower.close()

    def commands(self, dice: random.Random, witness: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """New cards, and moves of the newest one to another column than it is in: each makes one event."""
        place = 0
        while not self.is_over:
            if witness not in self.newest or dice.random() < 0.3:
                place = 0
                yield "create_card", {"column": self.room.columns[place], "title": f"Card {dice.random()}", "after": None}
            else:
                place = (place + dice.randint(1, 3)) % 4
                yield "move_card", {"card": self.newest[witness], "column": self.room.columns[place], "after": None}

    async def ask(self, name: str, data: dict[str, Any], ref: str) -> dict[str, Any]:
        """The same command over REST."""
        body = dict(data)
        path = f"{self.room.stream}/cards/" if name == "create_card" else f"cards/{body.pop('card')}/move/"
        reply: dict[str, Any] = await self.room.bob.post(path, body, key=ref)
        return reply


async def log_of(room: Room) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while page := (await room.bob.get(f"{room.stream}/events/", after=len(events)))["events"]:
        events += page
    return events


async def kill_again_and_again(server: Server, dice: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.4, 1.2))
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(dice.uniform(0.0, 0.3))
        await asyncio.to_thread(server.start)
    await asyncio.sleep(0.5)


async def suffer(server: Server, room: Room, seed: int) -> Load:
    """Writers and watchers at work while the server is killed."""
    load = Load(room, seed)
    start = await room.head()
    load.witnesses = [
        Witness(f"{kind} {n}", start, []) for kind, n in [*(("writer", n) for n in range(WRITERS)), ("watcher", 0), ("watcher", 1)]
    ]
    works: list[Callable[[Witness], Awaitable[None]]] = [*([load.write] * WRITERS), *([load.watch] * WATCHERS)]
    tasks = [asyncio.ensure_future(work(witness)) for work, witness in zip(works, load.witnesses, strict=True)]
    try:
        await kill_again_and_again(server, random.Random(seed))
        await load.finish(tasks[:WRITERS])
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return load


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn"])
async def test_nothing_is_lost_doubled_or_reordered(server_for: ServerFor, tell: Tell, way: str) -> None:
    seed = int(os.environ.get("WORKROOM_TEST_SEED") or random.randrange(10**6))
    tell(f"seed {seed} (repeat with WORKROOM_TEST_SEED={seed})")
    server = server_for(way, WORKROOM_LIMITS=UNHINDERED)
    async with new_room(server.url) as room:
        load = await suffer(server, room, seed)
        log = await log_of(room)
        # A writer stops when its last reply is there; only watchers wait for the head.
        watchers = [witness for witness in load.witnesses if witness.name.startswith("watcher")]
        assert History(log, watchers, load.sent).problems() == []
        for writer in load.witnesses:
            assert writer.applied == log[writer.after :][: len(writer.applied)]
        await check_state(room, log)
        tell(f"{len(log)} events, {len(load.sent)} commands, {load.unanswered} of them left unanswered by {KILLS} kills")
        assert load.unanswered >= KILLS, "no kill hit a command under way: the test has proved nothing"
        await check_repeats(room, load)


async def check_state(room: Room, log: list[dict[str, Any]]) -> None:
    """The tables say what the events say."""
    state = (await room.bob.get(f"{room.stream}/snapshot/"))["state"]
    assert {card["id"]: (card["column"], card["rank"], card["version"]) for card in state["cards"]} == fold_cards(log)


async def check_repeats(room: Room, load: Load) -> None:
    """A ref that was answered before a kill is answered alike after it, and does nothing."""
    log = await log_of(room)
    first = load.sent[0]
    event = log[(first.seq or 0) - 1]
    data = event["data"]
    if event["type"] == "card_moved":
        reply = await room.bob.refused("POST", f"cards/{data['card']}/move/", {"column": str(uuid4())}, key=first.ref)
    else:
        reply = await room.bob.refused("POST", f"{room.stream}/cards/", {"column": room.columns[0], "title": "Other"}, key=first.ref)
    assert reply.code == "id_reused"
    assert len(await log_of(room)) == len(log)
