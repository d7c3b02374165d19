"""What a command does to the log: a `Change` is handed to domain functions, which append events to the streams it holds."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from project.accounts.models import User
from project.errors import TooLarge
from project.ids import new_id
from project.limits import limits
from project.realtime.bell import Bell
from project.realtime.events import EventData, encode, user_to_wire
from project.realtime.models import Event, Stream, new_epoch
from project.realtime.statements import StoredReply
from project.realtime.streams import StreamKey


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


class OtherStreams(Exception):
    """Under the locks, the command turns out to write to other streams than those locked."""

    def __init__(self, streams: tuple[StreamKey, ...]) -> None:
        super().__init__()
        self.streams = streams


@dataclass
class Grown:
    """A locked stream: its last seq, and the events appended to it."""

    head: int
    epoch: str
    events: list[Event] = field(default_factory=list)


class Change:
    """One command's part of a write transaction that holds the row locks of its streams until commit, so seq order is commit order."""

    def __init__(self, call: Call, now: datetime, heads: Mapping[StreamKey, tuple[int, str]], kept: Sequence[Event] = ()) -> None:
        """`kept` are events that came before in the same transaction and are not in the table yet."""
        self.call = call
        self.now = now
        self.grown = {stream: Grown(head, epoch) for stream, (head, epoch) in heads.items()}
        self.elsewhere: list[Bell] = []
        self.reply: StoredReply | None = None
        self.writes_to: tuple[StreamKey, ...] | None = None
        self._kept = kept

    @property
    def actor(self) -> User:
        return self.call.actor

    @property
    def principal(self) -> User:
        return self.call.principal

    @property
    def streams(self) -> tuple[StreamKey, ...]:
        """The streams locked at the beginning, and those opened since."""
        return tuple(self.grown)

    def head(self, stream: StreamKey) -> int:
        """The stream's last seq, what this change appended included."""
        return self.grown[stream].head

    def confirm(self, streams: tuple[StreamKey, ...]) -> None:
        """The command may be done and writes to these streams, said under the locks. OtherStreams when others are locked."""
        if streams != self.streams:
            raise OtherStreams(streams)
        self.writes_to = streams

    def open_stream(self, stream: StreamKey) -> None:
        """Start the stream of a board or work session that this change creates."""
        epoch = new_epoch()
        Stream.objects.create(id=stream.id, kind=stream.kind, head=0, epoch=epoch, created=self.now)
        self.grown[stream] = Grown(head=0, epoch=epoch)

    @property
    def opened(self) -> StreamKey:
        """The stream this change opened last."""
        return next(reversed(self.grown))

    def append(
        self, event: EventData, stream: StreamKey, *, subject: UUID | None = None, key: str | None = None, actor: User | None = None
    ) -> int | None:
        """Store `event` under the stream's next seq and return that seq; None when `key` is in the stream already."""
        grown = self.grown[stream]
        if key is not None and self._has_key(stream, key):
            return None
        row = Event(
            id=new_id(),
            stream_id=stream.id,
            seq=grown.head + 1,
            type=event.event_type,
            actor=actor or self.actor,
            ref=self.call.command_id,
            subject=subject,
            key=key,
            created=self.now,
        )
        row.text = _encode_event(row, event, stream)
        grown.head += 1
        grown.events.append(row)
        return row.seq

    def last_event(self, stream: StreamKey) -> str:
        """The encoded envelope appended last to `stream` by this change."""
        return self.grown[stream].events[-1].text

    def notify(self, stream: StreamKey, frame: dict[str, object]) -> None:
        """After commit, show `frame` to whoever is on the stream now. Nothing is stored; the stream need not be locked."""
        self.elsewhere.append(Bell(stream=stream.id, frames=(encode(frame),)))

    def access_changed(self, *, user_id: UUID | None = None, stream: StreamKey | None = None) -> None:
        """After commit, check the rights of this user's sockets, or of all sockets of a stream, again at once."""
        self.elsewhere.append(Bell(stream=stream.id if stream else None, access=user_id, is_everybody=stream is not None))

    def after_commit(self, function: Callable[[], object]) -> None:
        """Call `function` once this is committed; what it raises is logged and changes nothing."""
        transaction.on_commit(function, robust=True)

    def store_reply(self, reply: str, stream: StreamKey) -> None:
        """Keep `reply` for repeats of this command's id."""
        if self.call.command_id is not None:
            self.reply = StoredReply(self.actor.id, self.call.command_id, reply, stream.id)

    def _has_key(self, stream: StreamKey, key: str) -> bool:
        if any((row.stream_id, row.key) == (stream.id, key) for row in (*self._kept, *self.grown[stream].events)):
            return True
        return Event.objects.filter(stream_id=stream.id, key=key).exists()


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
