"""A client's place in a stream: what it has been sent, how much of that it has acknowledged, and its one small writer."""

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid4

from project.accounts.credentials import Credential
from project.accounts.models import User
from project.limits import limits
from project.realtime.frames import NO_ACCESS, NOT_AUTHENTICATED, SERVER_ERROR, TOO_SLOW, heartbeat_frame
from project.realtime.log import Item
from project.realtime.streams import Role

if TYPE_CHECKING:
    from project.realtime.follow import Followed

log = logging.getLogger(__name__)

Send = Callable[[str], Awaitable[None]]


class Close(Protocol):
    """Closes a connection with a code of PROTOCOL §3."""

    def __call__(self, code: int, retry_ms: int | None = None) -> Awaitable[None]: ...


_FRAMES_WAITING = 64


@dataclass
class AckWindow:
    """What was sent and not acknowledged yet, bounded in events and bytes."""

    sent: deque[tuple[int, int]] = field(default_factory=deque)
    size: int = 0
    full_since: float | None = None

    def room(self) -> tuple[int, int]:
        """How many events and bytes may be sent now."""
        return limits().ack_events - len(self.sent), limits().ack_bytes - self.size

    def note_sent(self, items: Sequence[Item]) -> None:
        for item in items:
            self.sent.append((item.seq, item.size))
            self.size += item.size

    def acknowledge(self, seq: int) -> bool:
        """Forget what is acknowledged up to `seq`; whether that was anything."""
        before = len(self.sent)
        while self.sent and self.sent[0][0] <= seq:
            self.size -= self.sent.popleft()[1]
        if len(self.sent) < before:
            self.full_since = None
            return True
        return False

    def clear(self) -> None:
        self.sent.clear()
        self.size = 0
        self.full_since = None


class Cursor:
    """One connection's place in one stream. It holds no queue of events: it sends what lies between its position and the head.

    `position` is the last seq sent. While `is_paused` (after a reset) no events go out. Ephemeral frames wait in a
    short list and are dropped first when the client is slow.
    """

    def __init__(self, *, user: User, credential: Credential, role: Role, send: Send, close: Close, is_windowed: bool = True) -> None:
        self.id = uuid4().hex
        self.user = user
        self.credential = credential
        self.role: Role = role
        self.viewing: UUID | None = None
        self.joined = time.time()
        self.position = 0
        self.is_paused = True
        self.followed: Followed
        self._send = send
        self._close = close
        self._window = AckWindow() if is_windowed else None
        self._frames: deque[str] = deque()
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._next_heartbeat = self._heartbeat_due()

    def start(self) -> None:
        """Begin to write: frames at once, events from where `move_to` says."""
        self._writer = asyncio.create_task(self._write(), name=f"cursor in {self.followed.key}")

    def move_to(self, after: int) -> None:
        """Go on from `after`, with nothing outstanding."""
        self.position = after
        self.is_paused = False
        if self._window:
            self._window.clear()
        self._wake.set()

    def pause(self) -> None:
        """Send no events until `move_to`."""
        self.is_paused = True

    async def stop(self) -> None:
        """End the writer."""
        if self._writer:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def wake(self) -> None:
        """There is something new at the head."""
        self._wake.set()

    async def wait(self, timeout_s: float) -> None:
        """For a cursor without a writer: until something may have changed, or `timeout_s` is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        self._wake.clear()

    def show(self, frame: str) -> None:
        """Send an ephemeral frame soon, or never if the client is slow."""
        if not self._is_half_full() and len(self._frames) < _FRAMES_WAITING:
            self.tell(frame)

    def tell(self, frame: str) -> None:
        """Send a frame of the protocol itself, such as a reset or a heartbeat, as soon as the connection takes it."""
        self._frames.append(frame)
        self._wake.set()

    def acknowledge(self, seq: int) -> None:
        """The client has applied everything up to `seq`; what was never sent can't be acknowledged."""
        if self._window and self._window.acknowledge(seq):
            self._wake.set()

    async def close(self, code: int, retry_ms: int | None = None) -> None:
        """Close the connection with `code`; `retry_ms` says within which time its client may come back."""
        await self._close(code, retry_ms)

    def tick(self, now: float) -> None:
        """Once a second: a heartbeat when one is due, and an end to a client that doesn't acknowledge."""
        if self._window and self._window.full_since is not None and now - self._window.full_since > limits().ack_timeout_s:
            self._close_soon(TOO_SLOW)
        elif self.credential.is_expired():
            self._close_soon(NOT_AUTHENTICATED)
        elif now >= self._next_heartbeat:
            self._next_heartbeat = self._heartbeat_due()
            self.tell(heartbeat_frame(self.followed.head, time.time()))

    async def close_without_access(self, *, is_signed_out: bool) -> None:
        """Close because the sign-in has ended or the right to this stream is gone."""
        await self.close(NOT_AUTHENTICATED if is_signed_out else NO_ACCESS)

    def _close_soon(self, code: int) -> None:
        """Begin to close, without waiting for a connection that may take nothing any more."""
        if self._closing is None:
            self._closing = asyncio.create_task(self.close(code), name="closing cursor")

    def _heartbeat_due(self) -> float:
        return time.monotonic() + limits().heartbeat_s * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing

    def _is_half_full(self) -> bool:
        return self._window is not None and self._window.size * 2 > limits().ack_bytes

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._frames:
                    await self._send(self._frames.popleft())
                while self._is_behind() and (batch := await self._next_batch()):
                    await self._send(self.followed.joined(batch))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("A cursor's writer failed; its client is asked to come back.")
            await self.close(SERVER_ERROR)

    def _is_behind(self) -> bool:
        return not self.is_paused and self.position < self.followed.head

    async def _next_batch(self) -> Sequence[Item]:
        """The events to send in one frame now, already counted as sent; empty when there are none or the window is full."""
        room = self._window.room() if self._window else (limits().batch_events, limits().batch_bytes)
        if room[0] <= 0 or room[1] <= 0:
            self._note_full()
            return ()
        after = self.position
        limit = min(room[0], limits().batch_events)
        items = self.followed.newest_after(after, limit)
        if items is None:
            items = await self.followed.items_after(after, limit)
        if self.position != after or self.is_paused:  # moved by a sync while the log was read
            return ()
        batch = fit(items, min(room[1], limits().batch_bytes), is_first_free=not (self._window and self._window.sent))
        if items and not batch:
            self._note_full()
            return ()
        if batch:
            self.position = batch[-1].seq
            if self._window:
                self._window.note_sent(batch)
        return batch

    def _note_full(self) -> None:
        if self._window and self._window.full_since is None:
            self._window.full_since = time.monotonic()


def fit(items: Sequence[Item], room: int, *, is_first_free: bool) -> Sequence[Item]:
    """As many of the first `items` as fit into `room` bytes; the first one in any case when `is_first_free`."""
    size = 0
    for count, item in enumerate(items):
        size += item.size
        if size > room and (count or not is_first_free):
            return items[:count]
    return items
