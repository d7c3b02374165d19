"""The statements that every change runs, as SQL: built by the ORM they took 1.5 ms of a command's 5 (measured 2026-11-21)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from project.clock import SQL_NOW, from_epoch
from project.realtime.models import Event
from project.sql import as_id, fetch_all, run, run_many

_CLAIM = (
    "INSERT INTO realtime_command (ref, user_id, name, body_hash, reply, created) VALUES {rows}"
    " ON CONFLICT DO NOTHING RETURNING user_id, ref"
)
_CLAIM_ROW = "(%s, %s, %s, %s, '', %s)"
_UNCLAIM = "DELETE FROM realtime_command WHERE user_id = %s AND ref = %s"
_KEEP_REPLY = "UPDATE realtime_command SET reply = %s, stream_id = %s, created = %s WHERE user_id = %s AND ref = %s"
_HEADS = "SELECT id, head, epoch, {now} FROM realtime_stream WHERE id IN ({places}) ORDER BY id"
_MOVE_HEAD = "UPDATE realtime_stream SET head = %s WHERE id = %s"
_APPEND = (
    "INSERT INTO realtime_event (id, stream_id, seq, type, actor_id, ref, subject, key, created, text)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True)
class Claim:
    """A command's id, one key space per user, and what tells a repeat from another command under it."""

    user_id: UUID
    ref: UUID
    name: str
    body_hash: str


def claim_commands(claims: Sequence[Claim]) -> set[tuple[UUID, UUID]]:
    """Take these ids; (user, id) of those that were free. Waits for whoever is just taking one."""
    values = [value for claim in claims for value in (claim.ref, claim.user_id, claim.name, claim.body_hash, from_epoch(0))]
    rows = fetch_all(_CLAIM.format(rows=", ".join([_CLAIM_ROW] * len(claims))), *values) if claims else []
    return {(as_id(user_id), as_id(ref)) for user_id, ref in rows}


def give_up_command(*, user_id: UUID, ref: UUID) -> None:
    """Free the id of a command that was refused: only what was done is remembered."""
    run(_UNCLAIM, user_id, ref)


@dataclass(frozen=True)
class StoredReply:
    """The reply of a command that was done, and the stream whose readers may have it again."""

    user_id: UUID
    ref: UUID
    reply: str
    stream_id: UUID


def keep_replies(replies: Iterable[StoredReply], now: datetime) -> None:
    """Store the replies of claimed commands."""
    run_many(_KEEP_REPLY, [(each.reply, each.stream_id, now, each.user_id, each.ref) for each in replies])


def lock_heads(stream_ids: Sequence[UUID]) -> tuple[dict[UUID, tuple[int, str]], datetime | None]:
    """Head and epoch by stream, each row locked to the end of the transaction, by ascending id; and the time since when they are.

    On SQLite the transaction (BEGIN IMMEDIATE) is the lock already. PostgreSQL reads the clock anew for a row that had to
    be waited for and has changed meanwhile, so the latest time is after that of every event of these streams.
    """
    sql = _HEADS.format(now=SQL_NOW[connection.vendor], places=", ".join(["%s"] * len(stream_ids)))
    rows = fetch_all(f"{sql} FOR UPDATE" if connection.vendor == "postgresql" else sql, *stream_ids)
    heads = {as_id(stream_id): (int(head), str(epoch)) for stream_id, head, epoch, _ in rows}
    return heads, from_epoch(max(float(row[3]) for row in rows)) if rows else None


def append_events(rows: Iterable[Event]) -> None:
    """Store events whose numbers and texts are settled."""
    run_many(
        _APPEND,
        [(row.id, row.stream_id, row.seq, row.type, row.actor_id, row.ref, row.subject, row.key, row.created, row.text) for row in rows],
    )


def move_head(stream_id: UUID, head: int) -> None:
    """The stream ends at `head` now."""
    run(_MOVE_HEAD, head, stream_id)
