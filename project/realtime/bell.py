"""The doorbell: tells every hub, here and in other processes, that a stream has grown. It may fail; the log is the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4

PROCESS = uuid4().hex


@dataclass(frozen=True)
class Bell:
    """News of one stream: events (seq, encoded envelope), ephemeral frames, or a changed right to be checked again.

    `access` names the user whose cursors are to be checked; with `is_everybody`, all cursors of the stream are.
    """

    stream: UUID | None = None
    events: tuple[tuple[int, str], ...] = ()
    frames: tuple[str, ...] = ()
    access: UUID | None = None
    is_everybody: bool = False
    presence: dict[str, object] | None = None


class Listener(Protocol):
    """What a hub and the publisher offer: they take bells from any thread and return at once."""

    def hear_soon(self, bells: Sequence[Bell]) -> None: ...


_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """From now on `listener` hears every bell rung in this process."""
    _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    """`listener` hears nothing any more."""
    if listener in _listeners:
        _listeners.remove(listener)


def ring_here(bells: Sequence[Bell]) -> None:
    """Tell everybody in this process who listens. Callable from any thread; never blocks."""
    for listener in tuple(_listeners):  # one whose loop has ended leaves on hearing
        listener.hear_soon(bells)
