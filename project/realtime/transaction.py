"""The one write transaction: it takes the command's id, locks the streams, lets the work be done, and rings the bell on commit.

`run_change` does one piece of work in a transaction of its own, `run_together` several that wait for the same lock.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import OperationalError, transaction

from project.clock import db_now
from project.errors import NotFound, Unavailable
from project.realtime import statements
from project.realtime.bell import Bell
from project.realtime.change import Call, Change
from project.realtime.layer import ring
from project.realtime.models import Event
from project.realtime.statements import Claim, StoredReply
from project.realtime.streams import StreamKey
from project.realtime.turn import writers_turn

T = TypeVar("T")
R = TypeVar("R")

_DEADLOCKS = {"40P01", "40001"}
_TRIES = 3


class RepeatedCommand(Exception):
    """The command's id is taken: its reply is stored, or its body differs."""


class _Refused(Exception):
    """One of several tasks was refused. Savepoints cost two journeys to the database for each, so they come with a second try."""


@dataclass(frozen=True)
class Task(Generic[T]):
    """Work to be done for a call once its streams are locked."""

    call: Call
    work: Callable[[Change], T]


class Held:
    """The locked streams of an open transaction, and what its changes have appended so far."""

    def __init__(self, streams: Sequence[StreamKey]) -> None:
        """Lock the streams and read the clock: times never run against the order of seq."""
        heads, now = statements.lock_heads(sorted(stream.id for stream in streams)) if streams else ({}, None)
        if len(heads) != len(set(streams)):
            raise NotFound
        self.now: datetime = now or db_now()
        self._heads = {stream: heads[stream.id] for stream in streams}
        self._events: list[Event] = []
        self._replies: list[StoredReply] = []
        self._elsewhere: list[Bell] = []

    def begin(self, call: Call) -> Change:
        """A change that goes on where the ones before it have ended."""
        return Change(call, self.now, self._heads, self._events)

    def keep(self, ch: Change) -> None:
        """Take over what a change that has done its work wants to store and tell."""
        for stream, grown in ch.grown.items():
            self._heads[stream] = grown.head, grown.epoch
            self._events += grown.events
        if ch.reply is not None:
            self._replies.append(ch.reply)
        self._elsewhere += ch.elsewhere

    def close(self) -> None:
        """Store the events and replies, move the heads, and ring the bell on commit."""
        statements.append_events(self._events)
        statements.keep_replies(self._replies, self.now)
        bells = []
        for stream, (head, _) in self._heads.items():
            events = tuple((row.seq, row.text) for row in self._events if row.stream_id == stream.id)
            if events:
                statements.move_head(stream.id, head)
                bells.append(Bell(stream=stream.id, events=events))
        bells += self._elsewhere
        if bells:
            transaction.on_commit(partial(ring, bells), robust=True)


@contextmanager
def change(call: Call, streams: Sequence[StreamKey]) -> Iterator[Change]:
    """Open the write transaction of `call` with `streams` locked in ascending order.

    Raises RepeatedCommand when the command's id is taken and NotFound when a stream is gone. Domain functions take the
    `Change`; they never open transactions. No model call, tool call or network inside.
    """
    with writers_turn(), transaction.atomic(durable=True):
        if not _claim([call])[0]:
            raise RepeatedCommand
        held = Held(streams)
        ch = held.begin(call)
        yield ch
        held.keep(ch)
        held.close()


def run_change(call: Call, streams: Sequence[StreamKey], work: Callable[[Change], T]) -> T:
    """`work` done inside `change`, the whole of it again when the database broke a deadlock, three times at most."""

    def once() -> T:
        with change(call, streams) as ch:
            return work(ch)

    return _persistently(once)


def run_together(streams: Sequence[StreamKey], tasks: Sequence[Task[R]]) -> list[R | Exception]:
    """What each task gives or raises, in order, all done under one lock and committed at once.

    One that raises leaves nothing behind and stops none of the others; RepeatedCommand stands for an id that is taken.
    Raises NotFound when a stream is gone, Unavailable when the transaction fails: then none is done.
    """
    try:
        return _persistently(partial(_all_at_once, streams, tasks, nullcontext))
    except _Refused:
        return _persistently(partial(_all_at_once, streams, tasks, transaction.atomic))


def _all_at_once(
    streams: Sequence[StreamKey], tasks: Sequence[Task[R]], guard: Callable[[], AbstractContextManager[None]]
) -> list[R | Exception]:
    with writers_turn(), transaction.atomic(durable=True):
        # All ids before the streams, as everywhere: who holds a stream never waits for an id.
        is_new = _claim([task.call for task in tasks])
        held = Held(streams)
        outcomes = [_attempt(held, task, guard) if new else RepeatedCommand() for task, new in zip(tasks, is_new, strict=True)]
        held.close()
    return outcomes


def _persistently(once: Callable[[], T]) -> T:
    for tries_left in reversed(range(_TRIES)):
        try:
            return once()
        except OperationalError as error:
            if not tries_left or getattr(error.__cause__, "sqlstate", "") not in _DEADLOCKS:
                raise Unavailable(retry_after_s=1) from error
    raise AssertionError("unreachable: the last try returns or raises")


def _attempt(held: Held, task: Task[Any], guard: Callable[[], AbstractContextManager[None]]) -> Any:
    """What the task gives or raises; what it had written is undone by `guard`. Without a guard a refusal ends the transaction."""
    try:
        with guard():
            ch = held.begin(task.call)
            result = task.work(ch)
            held.keep(ch)
    except OperationalError:
        raise  # of the transaction, not of this task
    except Exception as refusal:
        if guard is nullcontext:
            raise _Refused from refusal
        if task.call.command_id is not None:
            statements.give_up_command(user_id=task.call.actor.id, ref=task.call.command_id)
        return refusal
    return result


def _claim(calls: Sequence[Call]) -> list[bool]:
    """Whether each call is new. The command row goes first: a repeat waits on its unique index, then answers from the stored reply."""
    firsts: dict[tuple[UUID, UUID], Call] = {}
    for call in calls:
        if call.command_id is not None:
            firsts.setdefault((call.actor.id, call.command_id), call)
    # In one order everywhere, so that two processes that repeat the same ids wait for each other one way only.
    free = statements.claim_commands([Claim(*key, call.name, call.body_hash) for key, call in sorted(firsts.items(), key=itemgetter(0))])
    new = {id(firsts[key]) for key in free}
    return [call.command_id is None or id(call) in new for call in calls]
