"""The one write transaction: `change` locks streams, hands out a `Change` to append events to, and rings the bell on commit."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from project.accounts.models import User
from project.clock import db_now, from_epoch
from project.errors import NotFound, TooLarge, Unavailable
from project.ids import new_id
from project.limits import limits
from project.realtime import statements
from project.realtime.bell import Bell
from project.realtime.events import EventData, encode, user_to_wire
from project.realtime.layer import ring
from project.realtime.models import Event, Stream, new_epoch
from project.realtime.streams import StreamKey
from project.realtime.turn import writers_turn

T = TypeVar("T")

_DEADLOCKS = {"40P01", "40001"}
_TRIES = 3


class RepeatedCommand(Exception):
    """The command's id is taken: its reply is stored, or its body differs."""


@dataclass(frozen=True)
class Call:
    """Who asks for what. `principal` is whose rights count: the actor, or the human an agent works for."""

    actor: User
    name: str
    command_id: UUID | None = None
    body_hash: str = ""
    acts_for: User | None = None

    @property
    def principal(self) -> User:
        return self.acts_for or self.actor


@dataclass
class _Locked:
    head: int
    epoch: str
    events: list[Event] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)


class Change:
    """An open write transaction that holds the row locks of its streams until commit, so seq order is commit order."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.now: datetime
        self._locked: dict[StreamKey, _Locked] = {}
        self._elsewhere: list[Bell] = []

    @property
    def actor(self) -> User:
        return self.call.actor

    @property
    def principal(self) -> User:
        return self.call.principal

    @property
    def streams(self) -> tuple[StreamKey, ...]:
        """The streams locked at the beginning, and those opened since."""
        return tuple(self._locked)

    def head(self, stream: StreamKey) -> int:
        """The stream's last seq, what this change appended included."""
        return self._locked[stream].head

    def open_stream(self, stream: StreamKey) -> None:
        """Start the stream of a board or work session that this change creates."""
        epoch = new_epoch()
        Stream.objects.create(id=stream.id, kind=stream.kind, head=0, epoch=epoch, created=self.now)
        self._locked[stream] = _Locked(head=0, epoch=epoch)

    @property
    def opened(self) -> StreamKey:
        """The stream this change opened last."""
        return next(reversed(self._locked))

    def append(
        self, event: EventData, stream: StreamKey, *, subject: UUID | None = None, key: str | None = None, actor: User | None = None
    ) -> int | None:
        """Store `event` under the stream's next seq and return that seq; None when `key` is in the stream already."""
        locked = self._locked[stream]
        if key is not None and self._has_key(stream, key):
            return None
        row = Event(
            id=new_id(),
            stream_id=stream.id,
            seq=locked.head + 1,
            type=event.event_type,
            actor=actor or self.actor,
            ref=self.call.command_id,
            subject=subject,
            key=key,
            created=self.now,
        )
        row.text = _encode_event(row, event, stream)
        locked.head += 1
        locked.events.append(row)
        return row.seq

    def last_event(self, stream: StreamKey) -> str:
        """The encoded envelope appended last to `stream` by this change."""
        return self._locked[stream].events[-1].text

    def notify(self, stream: StreamKey, frame: dict[str, object]) -> None:
        """After commit, show `frame` to whoever is on the stream now. Nothing is stored; the stream need not be locked."""
        self._elsewhere.append(Bell(stream=stream.id, frames=(encode(frame),)))

    def access_changed(self, *, user_id: UUID | None = None, stream: StreamKey | None = None) -> None:
        """After commit, check the rights of this user's sockets, or of all sockets of a stream, again at once."""
        self._elsewhere.append(Bell(stream=stream.id if stream else None, access=user_id, is_everybody=stream is not None))

    def after_commit(self, function: Callable[[], object]) -> None:
        """Call `function` once this is committed; what it raises is logged and changes nothing."""
        transaction.on_commit(function, robust=True)

    def store_reply(self, reply: str, stream: StreamKey) -> None:
        """Keep `reply` for repeats of this command's id."""
        if self.call.command_id is not None:
            ref = self.call.command_id
            statements.keep_reply(user_id=self.actor.id, ref=ref, reply=reply, stream_id=stream.id, now=self.now)

    def _has_key(self, stream: StreamKey, key: str) -> bool:
        if any(row.key == key for row in self._locked[stream].events):
            return True
        return Event.objects.filter(stream_id=stream.id, key=key).exists()

    def _begin(self, streams: Sequence[StreamKey]) -> None:
        """Lock the streams and read the clock: times never run against the order of seq."""
        heads, now = statements.lock_heads(sorted(stream.id for stream in streams)) if streams else ({}, None)
        if len(heads) != len(set(streams)):
            raise NotFound
        self.now = now or db_now()
        for stream in streams:
            head, epoch = heads[stream.id]
            self._locked[stream] = _Locked(head=head, epoch=epoch)

    def _claim_command(self) -> None:
        call = self.call
        if call.command_id is None:
            return
        # The command row goes first: a concurrent repeat waits on the unique index and then answers from the stored reply.
        try:
            statements.claim_command(
                user_id=call.actor.id, ref=call.command_id, name=call.name, body_hash=call.body_hash, now=from_epoch(0)
            )
        except IntegrityError as error:
            raise RepeatedCommand from error

    def _store(self) -> None:
        bells = []
        for stream, locked in self._locked.items():
            if locked.events:
                statements.append_events(locked.events)
                statements.move_head(stream.id, locked.head)
                bells.append(Bell(stream=stream.id, events=tuple((row.seq, row.text) for row in locked.events)))
        bells += self._elsewhere
        if bells:
            transaction.on_commit(partial(ring, bells), robust=True)


@contextmanager
def change(call: Call, streams: Sequence[StreamKey]) -> Iterator[Change]:
    """Open the write transaction of `call` with `streams` locked in ascending order.

    Raises RepeatedCommand when the command's id is taken and NotFound when a stream is gone. Domain functions take the
    `Change`; they never open transactions. No model call, tool call or network inside.
    """
    ch = Change(call)
    with writers_turn(), transaction.atomic(durable=True):
        ch._claim_command()
        ch._begin(streams)
        yield ch
        ch._store()


def run_change(call: Call, streams: Sequence[StreamKey], work: Callable[[Change], T]) -> T:
    """`work` done inside `change`, the whole of it again when the database broke a deadlock, three times at most."""
    for tries_left in reversed(range(_TRIES)):
        try:
            with change(call, streams) as ch:
                return work(ch)
        except OperationalError as error:
            if not tries_left or getattr(error.__cause__, "sqlstate", "") not in _DEADLOCKS:
                raise Unavailable(retry_after_s=1) from error
    raise AssertionError("unreachable: the last try returns or raises")


def hash_body(*parts: str) -> str:
    """What tells two bodies of one command apart."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _encode_event(row: Event, event: EventData, stream: StreamKey) -> str:
    text = _envelope(row, event, stream)
    if len(text.encode()) > limits().event_bytes:
        text = _envelope(row, event.cut(), stream)
    if len(text.encode()) > limits().event_bytes:
        raise TooLarge("This is too large for one event.", data={"limit": limits().event_bytes})
    return text


def _envelope(row: Event, event: EventData, stream: StreamKey) -> str:
    timestamp = row.created.timestamp()
    envelope: dict[str, object] = {
        "type": event.event_type,
        "seq": row.seq,
        "id": str(row.id),
        "stream": str(stream),
        "timestamp": timestamp,
        "actor": user_to_wire(row.actor) if row.actor else None,
        "ref": str(row.ref) if row.ref else None,
        "data": event.payload(timestamp=timestamp),
    }
    if event.category is not None:
        envelope |= {"category": event.category, "ui_hint": event.ui_hint}
    return encode(envelope)
