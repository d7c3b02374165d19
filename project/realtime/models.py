"""The log: streams, the events in them, and the commands that made them. Written only by `change`."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models

from project.ids import new_id


def new_epoch() -> str:
    """A fresh epoch: names one history of a stream, so that a restored log is told from the one clients knew."""
    return uuid4().hex[:16]


class Stream(models.Model):
    """One append-only list of events. Its id is the id of the board or work session it tells about."""

    class Kind(models.TextChoices):
        BOARD = "board"
        SESSION = "session"

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    head = models.BigIntegerField(default=0)
    epoch = models.CharField(max_length=32, default=new_epoch)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created"]

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Command(models.Model):
    """A command that was carried out under an id of its sender: its repeat gets the same reply (kept 7 days)."""

    ref = models.UUIDField()
    # The unique constraint begins with it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    body_hash = models.CharField(max_length=64)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, null=True, related_name="+")
    reply = models.TextField(default="")
    created = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [models.UniqueConstraint(fields=["user", "ref"], name="command_once_per_user")]

    def __str__(self) -> str:
        return f"{self.name} {self.ref}"


class Event(models.Model):
    """One thing that happened. `text` is the encoded envelope, sent as it is to everybody; there is no second copy."""

    id = models.UUIDField(primary_key=True, default=new_id)
    # The unique constraints begin with it.
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    type = models.CharField(max_length=40)
    # Nobody looks for it, and users are never deleted.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    ref = models.UUIDField(null=True)
    subject = models.UUIDField(null=True)
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - null, unlike "", repeats freely under the unique constraint
    created = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["stream", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stream", "seq"], name="event_seq_once"),
            models.UniqueConstraint(fields=["stream", "key"], name="event_key_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stream", "subject", "seq"], name="event_subject")]

    def __str__(self) -> str:
        return f"{self.type} {self.stream_id}#{self.seq}"
