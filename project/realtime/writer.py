"""The group-committing writer: events that change no table, many a second, share transactions. One per process and event loop."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from project.accounts.models import User
from project.realtime.change import Call, Change
from project.realtime.db import run_db
from project.realtime.events import EventData
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change

log = logging.getLogger(__name__)

Hold = TypeVar("Hold")

_BATCH = 256


@dataclass(frozen=True)
class LogItem(Generic[Hold]):
    """One event to append. The fence is asked about `hold`; `after`, if given, is called right after the append."""

    event: EventData
    stream: StreamKey
    actor: User
    hold: Hold
    subject: UUID | None = None
    after: Callable[[Change], None] | None = None


class LogWriter(Generic[Hold]):
    """Whatever is submitted during one commit goes into the next.

    `fence` is asked under the locks of the streams which of some holds are still good; items of others are dropped and
    counted. An item that can't be written fails alone.
    """

    def __init__(self, fence: Callable[[Collection[Hold]], Collection[Hold]]) -> None:
        self.fenced = 0
        self._fence = fence
        self._waiting: list[tuple[LogItem[Hold], asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    def submit(self, item: LogItem[Hold]) -> "asyncio.Future[bool]":
        """Queue `item`; the future tells whether it was written (True) or fenced (False)."""
        future = asyncio.get_running_loop().create_future()
        future.add_done_callback(_note_failure)
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_all(), name="log writer")
        return future

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            items = [item for item, _ in batch]
            outcomes = await self._write(items)
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if future.done():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

    async def _write(self, items: Sequence[LogItem[Hold]]) -> "list[bool | Exception]":
        try:
            written: list[bool | Exception] = [*await run_db(self._commit, items)]
        except Exception as error:
            if len(items) == 1:
                return [error]
            log.debug("A batch of %d events failed: each is tried alone.", len(items))
            return [outcome for item in items for outcome in await self._write([item])]
        self.fenced += sum(1 for outcome in written if outcome is False)
        return written

    def _commit(self, items: Sequence[LogItem[Hold]]) -> list[bool]:
        streams = list({item.stream: None for item in items})

        def append_all(ch: Change) -> list[bool]:
            good = self._fence({item.hold for item in items})
            return [_append(ch, item) if item.hold in good else False for item in items]

        return run_change(Call(actor=items[0].actor, name="log"), streams, append_all)


def _append(ch: Change, item: LogItem[Any]) -> bool:
    ch.append(item.event, item.stream, subject=item.subject, actor=item.actor)
    if item.after:
        item.after(ch)
    return True


def _note_failure(future: "asyncio.Future[bool]") -> None:
    """Take notice of a failure, so that one nobody awaits isn't reported as forgotten."""
    if not future.cancelled() and future.exception():
        log.warning("An event could not be written: %r", future.exception())


_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Any, LogWriter[Any]]] = WeakKeyDictionary()


def get_writer(fence: Callable[[Collection[Hold]], Collection[Hold]]) -> LogWriter[Hold]:
    """The writer of the running event loop for items that `fence` judges."""
    writers = _writers.setdefault(asyncio.get_running_loop(), {})
    if fence not in writers:
        writers[fence] = LogWriter(fence)
    return writers[fence]
