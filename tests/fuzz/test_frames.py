"""2,000 frames that no honest client sends: only their sender may be closed, by a documented code, and nothing is stored."""

import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.fuzz.mutate import Raw, Valid, frames
from tests.process.fixtures import ServerFor, Tell
from tests.process.people import Room, new_room
from tests.stranger.client import Follower, Json, Person

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

FRAMES = 2_000
SOCKETS = 8
# PROTOCOL §3: bad protocol. RFC 6455 itself asks for 1007 when text isn't UTF-8.
DOCUMENTED = {4500, 1007}
CODES = {"invalid", "too_large", "not_found", "forbidden", "stale_version"}
PATIENT = '{"commands_per_s": 100000, "commands_burst": 100000, "protocol_errors_per_min": 1000000, "refusals_per_10s": 1000000}'


@dataclass
class Fuzzer:
    """One client's share of the frames. Counts how its sockets end and what it is told."""

    person: Person
    path: str
    answers: Counter[str] = field(default_factory=Counter)
    closes: Counter[tuple[int, str]] = field(default_factory=Counter)
    internal: list[str] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, share: list[Raw]) -> None:
        """Send all of them one after another, each answered before the next, on a new socket whenever one is closed."""
        waiting = list(reversed(share))
        while waiting:
            async with connect(self._address, additional_headers=self.person.bearer, compression=None) as socket:
                reader = asyncio.create_task(self._read(socket))
                kind = ""
                while waiting and not reader.done():
                    frame = waiting.pop()
                    kind = frame.kind
                    await self._send(socket, frame)
                await socket.close()
                await reader
                if socket.close_code != 1000:
                    self.closes[socket.close_code or 1006, kind] += 1

    @property
    def _address(self) -> str:
        return f"{self.person.url.replace('http', 'ws', 1)}/ws/{self.path}/"

    async def _send(self, socket: ClientConnection, frame: Raw) -> None:
        self.answered.clear()
        with contextlib.suppress(ConnectionClosed):
            await socket.send(frame.content, text=frame.is_text)
            async with asyncio.timeout(10):
                await self.answered.wait()

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                self._take(json.loads(text))
        self.answered.set()

    def _take(self, frame: Json) -> None:
        if frame["type"] == "error" or (frame["type"] == "reply" and not frame["ok"]):
            self.answered.set()
            self.answers[frame["error"]["code"]] += 1
            if frame["error"]["code"] not in CODES:
                self.internal.append(json.dumps(frame))
        else:
            self.answers["done" if frame["type"] == "reply" else frame["type"]] += 1


async def fuzz(room: Room, seed: int, tell: Tell) -> list[Fuzzer]:
    """Spread the frames over sockets of both people, while another one works on the same board undisturbed."""
    tell(f"fuzz seed {seed} (repeat with WORKROOM_TEST_SEED={seed})")
    all_frames = list(frames(seed, FRAMES, Valid(room.columns[0], room.card)))
    fuzzers = [Fuzzer(person, room.stream) for person in (room.alice, room.bob) for _ in range(SOCKETS // 2)]
    async with await room.bob.follow(room.stream) as healthy:
        working = asyncio.create_task(work(healthy, room))
        try:
            await asyncio.gather(*(fuzzer.run(all_frames[place::SOCKETS]) for place, fuzzer in enumerate(fuzzers)))
        finally:
            working.cancel()
        waits = await asyncio.gather(working, return_exceptions=True)
        assert not isinstance(waits[0], Exception), waits
        assert healthy.closed is None
        assert (await healthy.do("move_card", card=room.card, column=room.columns[2]))["seq"] == await room.head()
    return fuzzers


async def work(healthy: Follower, room: Room) -> None:
    """An honest client meanwhile: each of its pings is answered within a second."""
    while True:
        began = time.monotonic()
        seen = len(healthy.frames)
        await healthy.send({"type": "ping", "data": {}})
        await healthy.until(lambda seen=seen: any(frame["type"] == "pong" for frame in healthy.frames[seen:]))  # type: ignore[misc]  # a lambda with a default
        assert time.monotonic() - began < 1.0
        await asyncio.sleep(0.1)


def defects(output: str) -> int:
    """Tracebacks in what the server wrote, but for the one with which uvicorn logs text that isn't UTF-8."""
    return output.count("Traceback") - output.count("Invalid UTF-8 sequence received from client.")


async def contents(room: Room) -> tuple[object, object]:
    snapshot = await room.alice.get(f"{room.stream}/snapshot/")
    return snapshot["seq"], snapshot["state"]


def seed() -> int:
    return int(os.environ.get("WORKROOM_TEST_SEED") or random.randrange(10**6))


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn"])
async def test_sockets_live_through_every_frame(server_for: ServerFor, tell: Tell, way: str) -> None:
    """With the counting of bad frames switched off, no frame but one that breaks WebSocket itself ends even its own socket."""
    server = server_for(way, WORKROOM_LIMITS=PATIENT)
    async with new_room(server.url) as room:
        before = await contents(room)
        fuzzers = await fuzz(room, seed(), tell)
        closes = sum((fuzzer.closes for fuzzer in fuzzers), Counter())
        answers = sum((fuzzer.answers for fuzzer in fuzzers), Counter())
        tell(f"{way}: {closes.total()} sockets closed, frames answered {dict(answers)}")
        assert set(closes) == {(1007, "not UTF-8")}
        assert answers["done"] == 0
        assert [text for fuzzer in fuzzers for text in fuzzer.internal] == []
        await check_nothing_stored(room, before)
    assert defects(server.output) == 0


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn"])
async def test_only_the_offender_is_closed_and_nothing_is_stored(server_for: ServerFor, tell: Tell, way: str) -> None:
    server = server_for(way)
    async with new_room(server.url) as room:
        before = await contents(room)
        fuzzers = await fuzz(room, seed(), tell)
        closes = sum((fuzzer.closes for fuzzer in fuzzers), Counter())
        tell(f"{way}: {closes.total()} sockets closed for it")
        assert {code for code, _ in closes} == DOCUMENTED
        assert closes.total() >= FRAMES // 15, "offenders are ended at the eleventh bad frame of a minute"
        await check_nothing_stored(room, before)
    assert defects(server.output) == 0


async def check_nothing_stored(room: Room, before: tuple[object, object]) -> None:
    """All there is now comes from the one honest move at the end."""
    assert isinstance(before[0], int)
    seq, state = await contents(room)
    assert seq == before[0] + 1
    events = (await room.alice.get(f"{room.stream}/events/", after=before[0]))["events"]
    assert [event["type"] for event in events] == ["card_moved"]
    await room.alice.post(f"cards/{room.card}/move/", {"column": room.columns[0]})
    assert isinstance(state, dict)
    assert {**state, "cards": None} == {**before[1], "cards": None}  # type: ignore[dict-item]  # the state is a dict
