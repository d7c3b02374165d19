"""Messages as a client gets them, and the bounded list of those nobody has read yet."""

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from agents.bench.scripts.model import Limits

NO_JSON: Final = object()
"""The value of a message that isn't JSON. No pattern matches it."""


@dataclass(eq=False)
class Received:
    """One message. `at` is when it came, in seconds of the loop's clock; `number` its place in the inbox, from 1."""

    at: float
    data: str | bytes
    number: int = 0

    @cached_property
    def value(self) -> Any:
        """Its JSON, or NO_JSON."""
        try:
            return json.loads(self.data, parse_constant=_refuse) if isinstance(self.data, str) else NO_JSON
        except (ValueError, RecursionError):
            return NO_JSON

    @property
    def size(self) -> int:
        """In bytes of text as JSON writes it; what is not ASCII may take more on the wire."""
        return len(self.data)

    def shown(self) -> str:
        """As text: bytes in base64."""
        return self.data if isinstance(self.data, str) else f"base64 {base64.b64encode(self.data).decode()}"


def _refuse(constant: str) -> None:
    """NaN and Infinity are Python's, not JSON's: no other client could read them."""
    raise ValueError(constant)


Reading = Callable[[Received], Sequence[Received]]
"""What a message counts as: itself, none, or the several it carries."""


def as_it_is(message: Received) -> Sequence[Received]:
    """Every message counts, as one."""
    return (message,)


@dataclass
class Inbox:
    """What came and wasn't read, oldest first, never more than the limits allow."""

    limits: Limits
    unread: list[Received] = field(default_factory=list)
    unread_bytes: int = 0
    received: int = 0

    def __post_init__(self) -> None:
        self._news = asyncio.Event()

    def put(self, messages: Sequence[Received]) -> bool:
        """Keep them; False, and none kept, where that is more than anybody may leave unread."""
        size = sum(message.size for message in messages)
        if len(self.unread) + len(messages) > self.limits.unread or self.unread_bytes + size > self.limits.unread_bytes:
            return False
        for message in messages:
            self.received += 1
            message.number = self.received
            self.unread.append(message)
        self.unread_bytes += size
        self.tell()
        return True

    def take(self, message: Received) -> None:
        """It is read."""
        self.unread.remove(message)
        self.unread_bytes -= message.size

    def clear(self) -> int:
        """Drop all; how many those were."""
        count = len(self.unread)
        self.unread.clear()
        self.unread_bytes = 0
        return count

    def tell(self) -> None:
        """Wake everybody who waits for news."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Return with the next message, or whatever else is told."""
        await self._news.wait()
