"""Commands: the one way anything is asked for, whether over REST, a socket, the admin, an agent's tool or a script."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from project.accounts.models import User
from project.buckets import Buckets
from project.errors import AppError, Busy, IdReused, NotFound, RateLimited, Unavailable
from project.realtime.change import Call, Change, RepeatedCommand, hash_body, run_change
from project.realtime.events import encode
from project.realtime.models import Command
from project.realtime.streams import StreamKey, access_stream
from project.wire import Payload

P = TypeVar("P", bound=Payload)

Reply: TypeAlias = dict[str, Any]
"""JSON as PROTOCOL §3 lists it for the command, `seq` included."""

NO_SCOPE = UUID(int=0)

rates = Buckets()

_TRIES = 3


class _OtherStreams(Exception):
    """Under the locks, the command turns out to write to other streams than those locked."""

    def __init__(self, streams: tuple[StreamKey, ...]) -> None:
        super().__init__()
        self.streams = streams


@dataclass(frozen=True)
class CommandSpec(Generic[P]):
    """What a command takes, who may ask for it, and what it does.

    `authorise(user, scope, payload)` gives the streams it writes to, the one whose seq the reply carries first, or
    raises; what it says under the locks counts. A command that `opens` a stream replies with the seq of that one, and may
    name none. `run(change, scope, payload)` does it and returns the reply without `seq`. `scope` is the id of the board or
    work session of the socket or path; `is_scoped` says that the payload alone does not name the object. `per_minute`
    limits how often a user may ask. `prepare(payload)` is work on the payload alone that is too slow for under the locks
    (Markdown); the payload keeps its result in a `cached_property`.
    """

    name: str
    payload: type[P]
    authorise: Callable[[User, UUID, P], tuple[StreamKey, ...]]
    run: Callable[[Change, UUID, P], Reply]
    is_scoped: bool = False
    per_minute: Callable[[], int] | None = None
    opens: bool = False
    prepare: Callable[[P], object] | None = None


CommandTable: TypeAlias = Mapping[str, CommandSpec[Any]]


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

    `within` is the stream of the socket that asks: a command about another one finds nothing.

    Raises AppError: NotFound or Forbidden without the right, IdReused for another body under a used id, and what the
    command itself refuses.
    """
    body = json.dumps(payload.model_dump(mode="json", exclude_unset=True), sort_keys=True)
    body_hash = hash_body(spec.name, str(scope) if spec.is_scoped else "", body)
    call = Call(actor=actor, name=spec.name, command_id=command_id, body_hash=body_hash, acts_for=acts_for)
    if within is not None and spec.prepare is None:
        # Most commands of a socket write to its own stream only: the locks will tell.
        streams: tuple[StreamKey, ...] = (within,)
    else:
        try:
            streams = spec.authorise(call.principal, scope, payload)
        except (Busy, NotFound) as refusal:
            # What the command is about may be gone or busy by its own doing: the repeat of a delete gets the delete's reply.
            return _stored_reply(call, otherwise=refusal)
        if within is not None and within not in streams:
            return _stored_reply(call, otherwise=NotFound())
    if spec.prepare is not None:
        spec.prepare(payload)

    def work(ch: Change) -> Reply:
        found = spec.authorise(call.principal, scope, payload)
        if found != ch.streams:
            raise _OtherStreams(found)
        _check_rate(spec, actor)
        reply = spec.run(ch, scope, payload)
        primary = ch.opened if spec.opens or not found else found[0]
        reply["seq"] = ch.head(primary)
        ch.store_reply(encode(reply), primary)
        return reply

    try:
        return _run_settled(call, streams, work, within)
    except RepeatedCommand:
        return _stored_reply(call, otherwise=NotFound())


def _run_settled(call: Call, streams: tuple[StreamKey, ...], work: Callable[[Change], Reply], within: StreamKey | None) -> Reply:
    """`work` under the locks of the streams it turns out to write to: what it is about may move before they are held."""
    for _ in range(_TRIES):
        try:
            return run_change(call, streams, work)
        except _OtherStreams as other:
            streams = other.streams
            if within is not None and within not in streams:
                raise NotFound from None
    raise Unavailable(retry_after_s=1)


def _check_rate(spec: CommandSpec[P], actor: User) -> None:
    if spec.per_minute is None:
        return
    wait_s = rates.take((spec.name, actor.pk), per_s=spec.per_minute() / 60, burst=spec.per_minute())
    if wait_s:
        raise RateLimited(retry_after_s=ceil(wait_s))


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
