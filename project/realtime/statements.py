"""The statements that every change runs, as SQL: built by the ORM they took 1.5 ms of a command's 5 (measured 2026-11-21)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import connection

from project.realtime.models import Event

_Value: TypeAlias = int | str | datetime | None

_CLAIM = "INSERT INTO realtime_command (ref, user_id, name, body_hash, reply, created) VALUES (%s, %s, %s, %s, '', %s)"
_KEEP_REPLY = "UPDATE realtime_command SET reply = %s, stream_id = %s, created = %s WHERE user_id = %s AND ref = %s"
_HEADS = "SELECT id, head, epoch FROM realtime_stream WHERE id IN ({places}) ORDER BY id"
_MOVE_HEAD = "UPDATE realtime_stream SET head = %s WHERE id = %s"
_APPEND = (
    "INSERT INTO realtime_event (id, stream_id, seq, type, actor_id, ref, subject, key, created, text)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def claim_command(*, user_id: UUID, ref: UUID, name: str, body_hash: str, now: datetime) -> None:
    """Take the command's id for this user; IntegrityError when it is taken."""
    _run(_CLAIM, _id(ref), _id(user_id), name, body_hash, _time(now))


def keep_reply(*, user_id: UUID, ref: UUID, reply: str, stream_id: UUID, now: datetime) -> None:
    """Store the reply of a claimed command."""
    _run(_KEEP_REPLY, reply, _id(stream_id), _time(now), _id(user_id), _id(ref))


def lock_heads(stream_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
    """Head and epoch by stream, each row locked to the end of the transaction, by ascending id.

    On SQLite the transaction (BEGIN IMMEDIATE) is the lock already.
    """
    sql = _HEADS.format(places=", ".join(["%s"] * len(stream_ids)))
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} FOR UPDATE" if connection.vendor == "postgresql" else sql, [_id(each) for each in stream_ids])
        return {UUID(str(stream_id)): (int(head), str(epoch)) for stream_id, head, epoch in cursor.fetchall()}


def append_events(rows: Iterable[Event]) -> None:
    """Store events whose numbers and texts are settled."""
    with connection.cursor() as cursor:
        for row in rows:
            ids = _id(row.id), _id(row.stream_id)
            cursor.execute(
                _APPEND,
                [*ids, row.seq, row.type, _id(row.actor_id), _id(row.ref), _id(row.subject), row.key, _time(row.created), row.text],
            )


def move_head(stream_id: UUID, head: int) -> None:
    """The stream ends at `head` now."""
    _run(_MOVE_HEAD, head, _id(stream_id))


def _run(sql: str, *values: _Value) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _id(value: UUID | None) -> str | None:
    """Both databases take the 32 digits: SQLite keeps them as text, PostgreSQL reads them as a uuid."""
    return value.hex if value is not None else None


def _time(value: datetime) -> _Value:
    adapted: _Value = connection.ops.adapt_datetimefield_value(value)
    return adapted
