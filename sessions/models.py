"""Tables of work sessions and what is said in them. Rows are written only by services, under the lock of the session's stream."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from project.ids import new_id


class WorkSession(models.Model):
    """A conversation of people and agents. Deleted softly: its log stays. `active` is when something last happened in it."""

    class Workflow(models.TextChoices):
        CHAT = "chat"
        RESOLVE = "resolve"
        OPTIMISE = "optimise"

    class Status(models.TextChoices):
        ACTIVE = "active"
        STOPPED = "stopped"

    class Phase(models.TextChoices):
        IDLE = "idle"
        EXECUTING = "executing"
        WAITING = "waiting"
        REFINEMENT_READY = "refinement_ready"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=300)
    board = models.ForeignKey("boards.Board", on_delete=models.PROTECT, null=True, blank=True, related_name="work_sessions")
    # A deleted card keeps its id here: emptying it would change the session without an event, and fold and snapshot would part.
    card = models.ForeignKey(
        "boards.Card", on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="work_sessions"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="work_sessions")
    workflow = models.CharField(max_length=10, choices=Workflow.choices, default=Workflow.CHAT)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    phase = models.CharField(max_length=16, choices=Phase.choices, default=Phase.IDLE)
    instructions = models.TextField(blank=True, default="")
    review_plan = models.BooleanField(default=False)
    tools: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list, blank=True)
    created = models.DateTimeField()
    updated = models.DateTimeField()
    active = models.DateTimeField()
    deleted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "active"], name="session_idle"),
            models.Index(fields=["owner", "status"], name="session_owner"),
        ]

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """One utterance. While it streams, `content` is empty and `complete` false; readers fold its deltas (DESIGN §4).

    `run` and `refines` name runs, which this app knows by their ids only. `key` makes a repeated write find the first.
    `awaits_reply` marks what was said to the clarifier and not answered yet.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"
        SYSTEM = "system"

    class Via(models.TextChoices):
        USER = "user"
        AGENT = "agent"
        CLARIFIER = "clarifier"

    class HandledBy(models.TextChoices):
        RUN = "run"
        CLARIFIER = "clarifier"
        QUEUE = "queue"
        INTERRUPT = "interrupt"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(WorkSession, on_delete=models.PROTECT, related_name="messages")
    role = models.CharField(max_length=10, choices=Role.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agent = models.CharField(max_length=150, blank=True, default="")
    via = models.CharField(max_length=10, choices=Via.choices)
    refines = models.UUIDField(null=True, blank=True)
    handled_by = models.CharField(max_length=10, choices=HandledBy.choices, blank=True, default="")
    content = models.TextField(blank=True)
    html = models.TextField(blank=True)
    complete = models.BooleanField(default=True)
    interrupted = models.BooleanField(default=False)
    run = models.UUIDField(null=True, blank=True, db_index=True)
    awaits_reply = models.BooleanField(default=False, db_index=True)
    key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - null, unlike "", repeats freely under the constraint
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [models.UniqueConstraint(fields=["session", "key"], name="message_key_once")]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["session", "created", "id"], name="message_order")]

    def __str__(self) -> str:
        return self.content[:60]
