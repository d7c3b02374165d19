"""A client's place in a stream, what it has acknowledged, and how long it waits before it comes back. Pure."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from project.client.frames import Event

ACK_EVENTS = 64
# Well under the window of 512 KiB; the number of events alone would let large ones fill it.
ACK_BYTES = 128 * 1024
ACK_QUIET_S = 1.0

_CAP_S = 10.0
_BASE_S = 0.5


@dataclass
class Place:
    """The last event taken, of which history of the stream; None before the first hello said where that is."""

    seq: int | None = None
    epoch: str | None = None

    def take(self, events: Sequence[Event]) -> tuple[list[Event], bool]:
        """The events to apply, and whether some are missing before the rest. Repeats are dropped (PROTOCOL §3, "Client rule")."""
        fresh: list[Event] = []
        for event in events:
            last = self.seq or 0
            if event.seq > last + 1:
                return fresh, True
            if event.seq == last + 1:
                self.seq = event.seq
                fresh.append(event)
        return fresh, False

    def query(self) -> dict[str, str]:
        """The place as parameters of the socket's address."""
        named = {"after": self.seq, "epoch": self.epoch}
        return {name: str(value) for name, value in named.items() if value is not None}


@dataclass
class Acks:
    """What was applied and not yet acknowledged."""

    applied: int = 0
    waiting: int = 0
    size: int = 0
    at: float = 0.0

    def note(self, seq: int, size: int, now: float) -> None:
        """One more event is applied."""
        self.applied, self.at = seq, now
        self.waiting += 1
        self.size += size

    def is_due(self, now: float) -> bool:
        """Whether it is time to acknowledge: each 64 events or 128 KiB, or after a second of quiet."""
        return self.waiting >= ACK_EVENTS or self.size >= ACK_BYTES or (self.waiting > 0 and now - self.at >= ACK_QUIET_S)

    def take(self) -> int:
        """The seq to acknowledge now."""
        self.waiting = self.size = 0
        return self.applied


def reconnect_delay(tries: int, retry_ms: int | None) -> float:
    """Seconds until the next try, full jitter: up to a ceiling that doubles with each failed try, or up to `retry_ms`."""
    most = min(_CAP_S, _BASE_S * 2 ** min(tries, 10)) if retry_ms is None else retry_ms / 1000
    return random.uniform(0, most)  # noqa: S311 - jitter that spreads retries; no secret depends on it


def retry_of(reason: str) -> int | None:
    """`retry_ms` of a close reason, where it names one."""
    try:
        value = json.loads(reason).get("retry_ms")
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, int) and value >= 0 else None
