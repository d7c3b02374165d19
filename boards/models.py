"""Tables of boards. Rows are written only by `boards.services`, under the lock of the board's stream."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from project.ids import new_id
from project.realtime.streams import Role


class Board(models.Model):
    """A board. Deleted softly: its stream keeps telling what was, to nobody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=300)
    description = models.TextField(blank=True, default="")
    next_number = models.PositiveIntegerField(default=1)
    created = models.DateTimeField()
    updated = models.DateTimeField()
    deleted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a user may do on a board."""

    class Roles(models.TextChoices):
        OWNER = "owner"
        EDITOR = "editor"
        VIEWER = "viewer"

    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role: "models.CharField[Role, Role]" = models.CharField(max_length=8, choices=Roles.choices)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["board", "user"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["board", "user"], name="member_once_per_board")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Column(models.Model):
    """A column of a board; `wip_limit` bounds its unarchived cards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="columns")
    name = models.CharField(max_length=300)
    rank = models.BigIntegerField()
    wip_limit = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["board", "rank", "id"]

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """A card. `html` is rendered once per change of `description`; `search` is what the filter `q` looks in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Without indexes of their own: those of Meta begin with these columns, and every move writes to each index.
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="cards", db_index=False)
    column = models.ForeignKey(Column, on_delete=models.PROTECT, related_name="cards", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    search = models.TextField(blank=True, default="")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned_cards")
    labels: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True)
    due = models.DateField(null=True, blank=True)
    checklist: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list, blank=True)
    rank = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)
    archived = models.BooleanField(default=False)
    comment_count = models.PositiveIntegerField(default=0)
    session_count = models.PositiveIntegerField(default=0)
    run: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True, blank=True)
    created = models.DateTimeField()
    updated = models.DateTimeField()
    # Nobody looks for it, and users are never deleted.
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    column_since = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["board", "column", "rank", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["board", "number"], name="card_number_once_per_board")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["column", "archived", "rank", "id"], name="card_order"),
            models.Index(fields=["board", "archived"], name="card_board"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class Comment(models.Model):
    """Something said about a card."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content = models.TextField()
    html = models.TextField()
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["card", "created", "id"], name="comment_order")]

    def __str__(self) -> str:
        return self.content[:60]
