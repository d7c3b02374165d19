"""The channel layer as a doorbell between processes: the only place that calls group_send (the hub alone joins groups).

Nothing here raises or waits longer than 250 ms; what it loses, the hubs' head poll finds.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Sequence
from typing import Any
from uuid import UUID

from channels.layers import BaseChannelLayer, InMemoryChannelLayer, get_channel_layer

from project.realtime.bell import PROCESS, Bell, listen, ring_here

log = logging.getLogger(__name__)

CONTROL_GROUP = "workroom.control"
_DEADLINE_S = 0.250
_FAILURES_TO_OPEN = 3
_PROBE_EVERY_S = 1.0
_MESSAGE_BYTES = 256 * 1024


def group_name(stream: UUID) -> str:
    """The channel group of a stream."""
    return f"workroom.stream.{stream.hex}"


class Breaker:
    """Stops asking a layer that has failed three times in a row, but for one probe a second."""

    def __init__(self) -> None:
        self._failures = 0
        self._probe_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= _FAILURES_TO_OPEN

    def may_try(self) -> bool:
        if not self.is_open:
            return True
        if time.monotonic() < self._probe_at:
            return False
        self._probe_at = time.monotonic() + _PROBE_EVERY_S
        return True

    def note(self, *, is_good: bool) -> None:
        if is_good:
            self._failures = 0
            return
        self._failures += 1
        if self._failures == _FAILURES_TO_OPEN:
            log.warning("The channel layer doesn't answer; events travel by the log until it does.")


breaker = Breaker()


async def guarded(call: Awaitable[object]) -> bool:
    """Whether `call` on the layer ended well within its deadline."""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            await call
    except Exception as error:  # whatever a layer or its client library raises: the doorbell may fail
        log.debug("channel layer: %r", error)
        breaker.note(is_good=False)
        return False
    breaker.note(is_good=True)
    return True


def encode_bell(bell: Bell) -> dict[str, Any]:
    """The one group message there is."""
    message: dict[str, Any] = {
        "type": "stream_changed",
        "origin": PROCESS,
        "stream": str(bell.stream) if bell.stream else None,
        "frames": list(bell.frames),
        "access": str(bell.access) if bell.access else None,
        "everybody": bell.is_everybody,
        "presence": bell.presence,
    }
    is_small = sum(len(text) for _, text in bell.events) < _MESSAGE_BYTES
    # Of a large batch only the head is told; the hubs read it from the log.
    message["events"] = [[seq, text if is_small else ""] for seq, text in bell.events]
    return message


def decode_bell(message: dict[str, Any]) -> Bell:
    """The bell in a group message; frames of this very process, heard directly already, are left out."""
    is_own = message["origin"] == PROCESS
    return Bell(
        stream=UUID(message["stream"]) if message["stream"] else None,
        events=tuple((int(seq), str(text)) for seq, text in message["events"]),
        frames=() if is_own else tuple(message["frames"]),
        access=UUID(message["access"]) if message["access"] and not is_own else None,
        is_everybody=bool(message["everybody"]) and not is_own,
        presence=None if is_own else message["presence"],
    )


class Publisher:
    """Sends this process's bells to the channel groups, one after another, on an event loop it is given or makes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[Bell] = []
        self._task: asyncio.Task[None] | None = None

    def hear_soon(self, bells: Sequence[Bell]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._enqueue, bells)
        except RuntimeError:  # the loop has ended, and with it whoever was to hear
            log.debug("No loop to ring on any more.")

    def _enqueue(self, bells: Sequence[Bell]) -> None:
        self._waiting.extend(bells)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._publish(), name="publisher")

    async def _publish(self) -> None:
        layer = get_channel_layer()
        while self._waiting:
            bell = self._waiting.pop(0)
            group = group_name(bell.stream) if bell.stream else CONTROL_GROUP
            if layer is not None and breaker.may_try():
                await guarded(layer.group_send(group, encode_bell(bell)))


def is_shared(layer: BaseChannelLayer | None) -> bool:
    """Whether the layer reaches other processes."""
    return layer is not None and not isinstance(layer, InMemoryChannelLayer)


_own: list[Publisher] = []
_starting = threading.Lock()


def ring(bells: Sequence[Bell]) -> None:
    """Ring the bell for this process and the others. Callable from any thread; never raises for the layer's sake, never blocks.

    A layer that reaches other processes is spoken to from a thread of its own, so that a hanging one delays nobody here;
    the in-memory layer isn't thread-safe and is spoken to on the hub's loop (see StreamHub).
    """
    if not _own and is_shared(get_channel_layer()):
        with _starting:
            if not _own:
                loop = asyncio.new_event_loop()
                threading.Thread(target=loop.run_forever, name="publisher", daemon=True).start()
                _own.append(Publisher(loop))
                listen(_own[0])
    ring_here(bells)
