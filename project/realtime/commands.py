"""Commands: the one way anything is asked for, whether over REST, a socket, the admin, an agent's tool or a script."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from project.accounts.models import User
from project.buckets import Buckets
from project.errors import AppError, Busy, IdReused, NotFound, RateLimited, Unavailable
from project.realtime.change import Call, Change, OtherStreams, hash_body
from project.realtime.events import encode
from project.realtime.models import Command
from project.realtime.streams import StreamKey, access_stream
from project.realtime.transaction import RepeatedCommand, Task, run_change, run_together
from project.wire import Payload

P = TypeVar("P", bound=Payload)

Reply: TypeAlias = dict[str, Any]
"""JSON as PROTOCOL §3 lists it for the command, `seq` included."""

NO_SCOPE = UUID(int=0)

rates = Buckets()

_TRIES = 3


@dataclass(frozen=True)
class CommandSpec(Generic[P]):
    """What a command takes, who may ask for it, and what it does.

    `authorise(user, scope, payload)` gives the streams it writes to, the one whose seq the reply carries first, or
    raises; what it says under the locks counts. A command that `opens` a stream replies with the seq of that one, and may
    name none; one that `is_wide` often writes to more than the stream of its socket. `run(change, scope, payload)` does it
    and returns the reply without `seq`. `scope` is the id of the board or work session of the socket or path; `is_scoped`
    says that the payload alone does not name the object. `per_minute` limits how often a user may ask. `prepare(scope,
    payload)` is work on the payload, and on rows as they are, that is too slow for under the locks (Markdown, schemas); the
    payload keeps its result. One that `checks_itself` is often asked for: its `run` asks for the right
    in the statement that reads what it changes, and confirms the streams (`Change.confirm`).
    """

    name: str
    payload: type[P]
    authorise: Callable[[User, UUID, P], tuple[StreamKey, ...]]
    run: Callable[[Change, UUID, P], Reply]
    is_scoped: bool = False
    per_minute: Callable[[], int] | None = None
    opens: bool = False
    is_wide: bool = False
    prepare: Callable[[UUID, P], object] | None = None
    checks_itself: bool = False


CommandTable: TypeAlias = Mapping[str, CommandSpec[Any]]


@dataclass(frozen=True)
class Ask(Generic[P]):
    """A command as somebody asks for it. `within` is the stream of the socket that asks: a command about another one finds nothing."""

    spec: CommandSpec[P]
    actor: User
    payload: P
    scope: UUID = NO_SCOPE
    command_id: UUID | None = None
    acts_for: User | None = None
    within: StreamKey | None = None

    @cached_property
    def call(self) -> Call:
        body = json.dumps(self.payload.model_dump(mode="json", exclude_unset=True), sort_keys=True)
        body_hash = hash_body(self.spec.name, str(self.scope) if self.spec.is_scoped else "", body)
        return Call(actor=self.actor, name=self.spec.name, command_id=self.command_id, body_hash=body_hash, acts_for=self.acts_for)

    @property
    def can_share(self) -> bool:
        """Whether it may be tried under the lock of its socket's stream straight away, with nothing asked or made ready before."""
        return self.within is not None and self.spec.prepare is None and not self.spec.is_wide

    @cached_property
    def _wait_s(self) -> float:
        """How long the user has to wait before asking this again; counted once, however often the transaction is begun."""
        if self.spec.per_minute is None:
            return 0.0
        most = self.spec.per_minute()
        return rates.take((self.spec.name, self.actor.pk), per_s=most / 60, burst=most)

    def authorise(self) -> tuple[StreamKey, ...]:
        """The streams it writes to, or a refusal."""
        return self.spec.authorise(self.call.principal, self.scope, self.payload)

    def carry_out(self, ch: Change) -> Reply:
        """Do it under the locks. Raises OtherStreams when it writes to others than those."""
        if not self.spec.checks_itself:
            ch.confirm(self.authorise())
        if self._wait_s:
            raise RateLimited(retry_after_s=ceil(self._wait_s))
        reply = self.spec.run(ch, self.scope, self.payload)
        if (streams := ch.writes_to) is None:
            raise AssertionError(f"{self.spec.name} was done without a right")
        primary = ch.opened if self.spec.opens or not streams else streams[0]
        reply["seq"] = ch.head(primary)
        ch.store_reply(encode(reply), primary)
        return reply


def perform(
    spec: CommandSpec[P],
    *,
    actor: User,
    payload: P,
    scope: UUID = NO_SCOPE,
    command_id: UUID | None = None,
    acts_for: User | None = None,
    within: StreamKey | None = None,
) -> Reply:
    """Carry out a command and return its reply; the repeat of a command id returns the stored reply instead.

    Raises AppError: NotFound or Forbidden without the right, IdReused for another body under a used id, and what the
    command itself refuses.
    """
    return perform_alone(Ask(spec, actor, payload, scope, command_id, acts_for, within))


def perform_alone(ask: Ask[P]) -> Reply:
    """Carry out one command in a transaction of its own; see `perform`."""
    if ask.can_share and ask.within is not None:
        streams: tuple[StreamKey, ...] = (ask.within,)
    else:
        try:
            streams = ask.authorise()
        except (Busy, NotFound) as refusal:
            # What the command is about may be gone or busy by its own doing: the repeat of a delete gets the delete's reply.
            return _stored_reply(ask.call, otherwise=refusal)
        if ask.within is not None and ask.within not in streams:
            return _stored_reply(ask.call, otherwise=NotFound())
    if ask.spec.prepare is not None:
        ask.spec.prepare(ask.scope, ask.payload)
    try:
        return _settled(ask, streams)
    except RepeatedCommand:
        return _stored_reply(ask.call, otherwise=NotFound())


def share(asks: Sequence[Ask[Any]]) -> Sequence[Reply | Exception | None]:
    """What each of these commands of one stream's sockets replies or raises, those that can share done in one transaction.

    None stands for one that has to be carried out alone: it can't share, is a repeat, or writes to other streams as well.
    """
    sharing = [ask for ask in asks if ask.can_share]
    outcomes = dict(zip(map(id, sharing), _done_together(sharing), strict=True)) if len(sharing) > 1 else {}
    return [outcomes.get(id(ask)) for ask in asks]


def _done_together(asks: Sequence[Ask[Any]]) -> Sequence[Reply | Exception | None]:
    streams = {ask.within for ask in asks if ask.within is not None}
    try:
        outcomes = run_together(list(streams), [Task(ask.call, ask.carry_out) for ask in asks])
    except NotFound:
        return [None] * len(asks)
    except Unavailable as outage:
        return [outage] * len(asks)
    return [None if isinstance(outcome, RepeatedCommand | OtherStreams) else outcome for outcome in outcomes]


def _settled(ask: Ask[P], streams: tuple[StreamKey, ...]) -> Reply:
    """The command done under the locks of the streams it turns out to write to: what it is about may move before they are held."""
    for _ in range(_TRIES):
        try:
            return run_change(ask.call, streams, ask.carry_out)
        except OtherStreams as other:
            streams = other.streams
            if ask.within is not None and ask.within not in streams:
                raise NotFound from None
    raise Unavailable(retry_after_s=1)


def _stored_reply(call: Call, *, otherwise: AppError) -> Reply:
    """The reply kept for this command id; without one raises `otherwise`, and NotFound when the principal lost access to its stream."""
    if call.command_id is None:
        raise otherwise
    row = Command.objects.select_related("stream").filter(user=call.actor, ref=call.command_id).first()
    if row is None or row.stream is None:
        raise otherwise
    access_stream(call.principal, StreamKey.of(row.stream))
    if row.body_hash != call.body_hash:
        raise IdReused
    reply: Reply = json.loads(row.reply)
    return reply
