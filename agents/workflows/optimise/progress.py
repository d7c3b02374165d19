"""Telling of work that takes long, and saying a text that is written already: what of optimise people watch."""

import asyncio
from uuid import UUID

from agents.emit import MessageOpened, MessageText, Thought
from agents.services.scope import Step
from agents.workflows.desk import Desk

_PIECE_CHARS = 16_000
_PACE_S = 1.5


class Progress:
    """Shows lines as thoughts of a step, at a pace that people can read: of what comes faster, the newest."""

    def __init__(self, desk: Desk, step: Step, *, pace_s: float = _PACE_S) -> None:
        self._desk = desk
        self._step = step
        self._pace_s = pace_s
        self._waiting = ""
        self._pause: asyncio.TimerHandle | None = None

    def __call__(self, line: str) -> None:
        """One more line."""
        if self._pause is None:
            self._show(line)
        else:
            self._waiting = line

    def end(self) -> None:
        """Show the last line, if it still waits; none is shown later."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if self._waiting:
            self._tell(self._waiting)
            self._waiting = ""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _show(self, line: str) -> None:
        self._waiting = ""
        self._tell(line)
        self._pause = asyncio.get_running_loop().call_later(self._pace_s, self._resume)

    def _resume(self) -> None:
        self._pause = None
        if self._waiting:
            self._show(self._waiting)

    def _tell(self, line: str) -> None:
        self._desk.stream(Thought(self._step, f"{line}\n", self._desk.next_thought(self._step), is_final=False))


async def say(desk: Desk, step: Step, key: str, text: str) -> UUID:
    """Open a message with all of this text; whoever calls closes it together with what it is kept as."""
    desk.messages_opened += 1
    first, rest = text[:_PIECE_CHARS], text[_PIECE_CHARS:]
    # A key of its own for every time it is begun: one that a crash broke off stays as it is.
    key = f"{desk.attempt.run_id}/{key}/{desk.attempt.number}.{desk.messages_opened}"
    [message] = await desk.emit(MessageOpened(step, key, first))
    message_id: UUID = message.id
    for start in range(0, len(rest), _PIECE_CHARS):
        desk.stream(MessageText(message_id, _PIECE_CHARS + start, rest[start : start + _PIECE_CHARS]))
    return message_id
