"""Timing messages from a sender to every client of a WebSocket server."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from agents.bench.errors import Failed
from agents.bench.performance.audience import Audience
from agents.bench.performance.declared import Broadcast
from agents.bench.performance.samples import Samples, Tell, unheard
from agents.bench.performance.sockets import Data, Socket
from agents.bench.scripts.values import Values, as_text

_PLACE = re.compile(r"\{(n|id)\}")
_KEYS = {"n": r"(\d+)", "id": r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"}
_GIVE_UP_AFTER = 3


async def load_broadcast(plan: Broadcast, clients: Sequence[Mapping[str, Any]], tell: Tell = unheard) -> Samples:
    """Connect, warm up, then `repeats` times `messages`. `clients` are each client's values."""
    samples = Samples()
    async with Audience(plan, clients) as audience:
        turns = Turns(plan, audience)
        await turns.go(Samples(), plan.warm_up)
        await tell("warm")
        for turn in range(plan.repeats):
            await turns.go(samples, plan.messages)
            await tell(f"round {turn + 1} of {plan.repeats}")
    return samples


def marker_pattern(marker: str) -> tuple[str, re.Pattern[bytes]]:
    """Which of {n} and {id} tells messages apart, and what finds it in what arrives."""
    before, name, after = _PLACE.split(marker, maxsplit=1)
    return name, re.compile((re.escape(before) + _KEYS[name] + re.escape(after)).encode())


@dataclass
class _Message:
    """One message on its way. `came` are moments of receipt, by client in the order of connecting."""

    sent: float
    came: list[float | None]

    @property
    def took(self) -> list[float | None]:
        """Seconds to each client."""
        return [None if moment is None else moment - self.sent for moment in self.came]


@dataclass
class Turns:
    """Sends turn after turn, and knows which client has which message. The next turn waits until all have the last."""

    plan: Broadcast
    audience: Audience
    _under_way: dict[bytes, _Message] = field(default_factory=dict)
    _sizes: list[int] = field(default_factory=list)
    _sent: int = 0
    _bytes: int = 0
    _turn: int = 0
    _open: int = 0
    _complete: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._key, self._marker = marker_pattern(self.plan.marker)
        self._only = self.plan.only.encode()
        self._acks = _Acks(self.plan)
        self._places = {socket.number: place for place, socket in enumerate(self.audience.readers)}
        for socket in self.audience.readers:
            socket.listen(self._see)
            socket.on_lost = self._lose

    async def go(self, samples: Samples, messages: int) -> None:
        """Send at least so many messages, in whole turns. Given up after three turns that some client never got whole."""
        began, left, late = time.monotonic(), messages, 0
        while left > 0:
            senders = self._senders()
            left -= len(senders)
            if late == _GIVE_UP_AFTER:
                _give_up(samples, len(senders) * len(self.audience.readers), self.plan.timeout_s, time.monotonic() - began)
                continue
            late += not await self._take_turn(senders)
            self._report(samples, began - samples.seconds)
            if left > 0:
                await asyncio.sleep(self.plan.pace_ms / 1000)
        samples.seconds += time.monotonic() - began

    def _senders(self) -> Sequence[Socket]:
        readers = self.audience.readers
        if self.plan.senders == "all":
            return readers
        return [readers[self._turn % len(readers)] if self.plan.senders == "each" else readers[0]]

    async def _take_turn(self, senders: Sequence[Socket]) -> bool:
        """Whether all clients that are still there got all of it in time."""
        texts = [(socket, *self._message(socket)) for socket in senders]
        self._turn += 1
        self._bytes = max(len(text) for _, _, text in texts)
        alive = sum(not socket.is_lost for socket in self.audience.readers)
        self._open = sum(not socket.is_lost for socket in senders) * alive
        self._complete.clear()
        for socket, key, text in texts:
            self._under_way[key] = _Message(time.monotonic(), [None] * len(self.audience.readers))
            socket.send(text)
        try:
            if self._open:
                await asyncio.wait_for(self._complete.wait(), self.plan.timeout_s)
        except TimeoutError:
            return False
        return alive == len(self.audience.readers)

    def _message(self, socket: Socket) -> tuple[bytes, bytes]:
        """The next message of this client: what tells it apart, and its text."""
        self._sent += 1
        given = {**self.audience.values[socket.number], "n": self._sent, "id": str(uuid4())}
        values = Values(given)
        values.save({name: _pick(name, values.fill(items), self._turn) for name, items in self.plan.cycle.items()})
        return str(given[self._key]).encode(), as_text(values.fill(self.plan.send)).encode()

    def _see(self, socket: Socket, data: Data, now: float) -> None:
        if self._only in data:
            self._note(self._places[socket.number], data, now)
        self._acks.answer(socket, data)

    def _note(self, place: int, data: Data, now: float) -> None:
        found = False
        for key in self._marker.findall(data):
            message = self._under_way.get(key)
            if message is not None and message.came[place] is None:
                message.came[place] = now
                found = True
                self._count_down()
        if found:
            self._sizes.append(len(data))

    def _count_down(self) -> None:
        self._open -= 1
        if self._open <= 0:
            self._complete.set()

    def _lose(self, socket: Socket) -> None:
        """Nobody waits for a client that is gone."""
        for message in self._under_way.values():
            if message.came[self._places[socket.number]] is None:
                self._count_down()

    def _report(self, samples: Samples, began: float) -> None:
        """Add what came of the turn."""
        lost = [socket.is_lost for socket in self.audience.readers]
        count = 0
        for message in self._under_way.values():
            took = message.took
            for seconds in sorted(each for each in took if each is not None):
                samples.add(seconds, message.sent + seconds - began)
            for place, each in enumerate(took):
                if each is None:
                    samples.fail("connection lost" if lost[place] else "not delivered", time.monotonic() - began, self.plan.timeout_s)
            samples.to_all.append(max(self.plan.timeout_s if each is None else each for each in took))
            samples.deliveries.append(took)
            count += len(took)
        samples.blocks.append(count)
        samples.sizes += self._sizes
        samples.sent_bytes = self._bytes
        self._under_way.clear()
        self._sizes.clear()


class _Acks:
    """Sends what clients have to answer on their own."""

    def __init__(self, plan: Broadcast) -> None:
        self._plan = plan.acknowledge
        self._pattern = re.compile(self._plan.pattern.encode()) if self._plan else None
        self._seen: dict[int, int] = {}

    def answer(self, socket: Socket, data: Data) -> None:
        """Count the matches in a message, and acknowledge if it is time."""
        if self._plan is None or self._pattern is None:
            return
        found = self._pattern.findall(data)
        seen = self._seen.get(socket.number, 0) + len(found)
        if seen >= self._plan.every:
            seen = 0
            newest = found[-1].decode()
            values = Values({"found": int(newest) if newest.isdigit() else newest})
            socket.send(as_text(values.fill(self._plan.send)).encode())
        self._seen[socket.number] = seen


def _pick(name: str, items: Any, turn: int) -> Any:
    if not isinstance(items, list) or not items:
        raise Failed(f"{name} of cycle is no list: {str(items)[:200]}")
    return items[turn % len(items)]


def _give_up(samples: Samples, deliveries: int, timeout_s: float, at: float) -> None:
    for _ in range(deliveries):
        samples.fail("given up", at, timeout_s)
    samples.blocks.append(deliveries)
