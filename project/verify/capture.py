"""One user who asks agents something, captures every event with its arrival, loses the connection on purpose and comes back."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from agents.contract.knowledge import LAST
from project.client import Account, Event, Joined, Json, Stream

RUN_S = 120.0
REJOIN_S = 30.0


@dataclass
class Capture:
    """The events of one work session as they came. `arrivals` are of those that came live, by seq; `rejoined_s` how long a return took."""

    events: list[Event] = field(default_factory=list)
    arrivals: dict[int, float] = field(default_factory=dict)
    rejoined_s: list[float] = field(default_factory=list)
    clock_s: float = 0.0
    """How far the server's clock is ahead of ours, where that is more than the way there and back."""

    def frames(self) -> list[Json]:
        """The envelopes, with `received` by the server's clock."""
        return [self._frame(event) for event in self.events]

    def _frame(self, event: Event) -> Json:
        arrival = self.arrivals.get(event.seq)
        return event.envelope if arrival is None else {**event.envelope, "received": arrival + self.clock_s}


class Listener:
    """Takes what a stream brings into a capture."""

    def __init__(self, stream: Stream) -> None:
        self.capture = Capture()
        self._stream = stream
        self._live_from = 0
        self._is_joined = False
        self._dropped_at: float | None = None

    async def until(self, is_so: Callable[[Event], bool], timeout_s: float = RUN_S) -> Event:
        """The first new event that is `is_so`, captured with all before it. TimeoutError when it doesn't come."""
        async with asyncio.timeout(timeout_s):
            while True:
                event = await self._next()
                if event is not None and is_so(event):
                    return event

    async def ask(self, content: str) -> str:
        """Send a message; the id of the run it starts. Notes how the clocks differ, on the way."""
        ref, sent = str(uuid4()), time.time()
        reply = await self._stream.command("send_user_message", ref=ref, content=content)
        replied = time.time()
        told = await self.until(lambda event: event.ref == ref)
        ahead = told.timestamp - (sent + replied) / 2
        self.capture.clock_s = ahead if abs(ahead) > replied - sent else 0.0
        run: str = reply["run"]["id"]
        return run

    async def run_end(self, run: str) -> Event:
        """The last event of the run, which may have come while the connection came back."""

        def is_last(event: Event) -> bool:
            return event.type in LAST and event.data["run"]["id"] == run

        came = next(filter(is_last, self.capture.events), None)
        return came or await self.until(is_last)

    async def rejoin(self) -> None:
        """Break the connection, and capture on until it is back and everything is there that the server had when it let us in."""
        self._dropped_at, self._is_joined = time.monotonic(), False
        self._stream.drop()
        async with asyncio.timeout(REJOIN_S):
            while self._dropped_at is not None:
                await self._next()

    async def _next(self) -> Event | None:
        """Take one item; the event if it is one."""
        item = await anext(self._stream)
        if isinstance(item, Joined):
            self._live_from, self._is_joined = item.hello.seq, True
        elif isinstance(item, Event):
            self.capture.events.append(item)
            if item.seq > self._live_from:
                self.capture.arrivals[item.seq] = time.time()
        last = self.capture.events[-1].seq if self.capture.events else 0
        if self._dropped_at is not None and self._is_joined and last >= self._live_from:
            self.capture.rejoined_s.append(time.monotonic() - self._dropped_at)
            self._dropped_at = None
        return item if isinstance(item, Event) else None


@dataclass(frozen=True)
class Place:
    """A board with one card and a work session of its own, all of which carry the user's mark."""

    board: str
    session: str
    mark: str

    @property
    def path(self) -> str:
        return f"sessions/{self.session}"


async def make_place(account: Account, mark: str) -> Place:
    """A place for one user's check."""
    title = f"Event check {mark}"
    board: Any = (await account.post("boards/", {"name": title}))["board"]["id"]
    columns = (await account.snapshot(f"boards/{board}")).state["columns"]
    await account.post(f"boards/{board}/cards/", {"column": columns[0]["id"], "title": f"Card of {mark}"})
    session = (await account.post("sessions/", {"title": title, "board": board, "workflow": "chat"}))["session"]["id"]
    return Place(board, session, mark)


async def clear_place(account: Account, place: Place) -> None:
    """Take it away again."""
    await account.delete(f"{place.path}/")
    await account.delete(f"boards/{place.board}/")
