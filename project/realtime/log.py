"""Reading the log: events as they were encoded, heads, and how far behind a place is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, Func, IntegerField, Sum
from django.db.models.sql.compiler import SQLCompiler

from project.errors import NotFound
from project.realtime.models import Event, Stream
from project.sql import fetch_one

PAGE_EVENTS = 500


class OctetLength(Func):
    """The size of a text in bytes; SQLite has its own word for it."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any) -> tuple[str, tuple[str | int, ...]]:
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **extra_context)


@dataclass(frozen=True)
class Item:
    """One event as it goes out: its seq, its encoded envelope, and that text's size in bytes."""

    seq: int
    text: str
    size: int

    @classmethod
    def of(cls, seq: int, text: str) -> "Item":
        return cls(seq, text, len(text.encode()))


def read_events(stream_id: UUID, *, after: int, limit: int = PAGE_EVENTS) -> list[Item]:
    """Up to `limit` events that follow `after`, a dense run."""
    rows = Event.objects.filter(stream_id=stream_id, seq__gt=after).order_by("seq").values_list("seq", "text")[:limit]
    return [Item.of(seq, text) for seq, text in rows]


def read_head(stream_id: UUID) -> tuple[int, str]:
    """Head and epoch; NotFound without such a stream."""
    row = fetch_one("SELECT head, epoch FROM realtime_stream WHERE id = %s", stream_id)
    if row is None:
        raise NotFound
    head, epoch = row
    return head, epoch


def read_heads(stream_ids: Iterable[UUID]) -> dict[UUID, tuple[int, str]]:
    """Head and epoch of each of these streams that exists, in one query."""
    rows = Stream.objects.filter(id__in=list(stream_ids)).values_list("id", "head", "epoch")
    return {stream_id: (head, epoch) for stream_id, head, epoch in rows}


def measure_backlog(stream_id: UUID, *, after: int) -> tuple[int, int]:
    """How many events follow `after`, and how many bytes they are."""
    size = Sum(OctetLength("text"))
    row = Event.objects.filter(stream_id=stream_id, seq__gt=after).aggregate(count=Count("seq"), size=size)
    return row["count"], row["size"] or 0
