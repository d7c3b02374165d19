"""Where a client starts in a stream (PROTOCOL §3 "Where a socket starts"), the same for sockets, `sync` and event streams."""

from dataclasses import dataclass
from typing import Literal

from project.errors import Invalid
from project.limits import limits
from project.realtime.db import run_db
from project.realtime.follow import Followed
from project.realtime.log import measure_backlog


@dataclass(frozen=True)
class Place:
    """Feed from `after` on, unless there is a reason to send the client for a snapshot."""

    after: int
    reset: Literal["epoch", "ahead", "too_far_behind"] | None = None


def parse_position(after: str | None) -> int | None:
    """The seq a client gives as text, None when it gives none; Invalid when it isn't a number."""
    if after is None:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= 16):
        raise Invalid("Not a place in a stream.", fields={"after": ["This must be a whole number from 0 on."]})
    return int(after)


async def find_place(followed: Followed, *, after: int | None, epoch: str | None) -> Place:
    """Where to begin for a client that has applied everything up to `after` in `epoch`; None means from the head."""
    known = followed.epoch
    if epoch is not None and epoch != known:
        return Place(followed.head, "epoch")
    if after is None:
        return Place(followed.head)
    await followed.level_with(after)
    if followed.epoch != known:
        return Place(followed.head, "epoch")
    if after > followed.head:
        return Place(followed.head, "ahead")
    if followed.head - after > limits().replay_events or await _bytes_behind(followed, after) > limits().replay_bytes:
        return Place(followed.head, "too_far_behind")
    return Place(after)


async def _bytes_behind(followed: Followed, after: int) -> int:
    if followed.is_in_ring(after):
        return followed.bytes_after(after)
    _, size = await run_db(measure_backlog, followed.key.id, after=after)
    return size
