"""Tables of agents and their runs. The rows a run makes are its journal; the checkpoint holds only where its graph stands."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from project.ids import new_id
from sessions.models import WorkSession


class Agent(models.Model):
    """What an agent user may do: its workflows, the tools it is granted (null: all), and what it is told first."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agent")
    workflows: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True, help_text="Empty: all.")
    tools: "models.JSONField[list[str] | None, list[str] | None]" = models.JSONField(null=True, blank=True, help_text="Null: all.")
    instructions = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["user__username"]

    def __str__(self) -> str:
        return str(self.user)


class Run(models.Model):
    """One execution of a workflow in a work session. `attempt` fences every write of its driver.

    `message` is the message that asked for it. `is_ready` says that something a waiting run waits for has come. `lease_owner`
    drives it until `lease_until`; without an owner, a running one was given back then. `steps` are the pieces of work under
    way, by id; `turns`, `tokens`, `cost_usd` (what is known of it), `events` and `active_s` are what its budget is held against.
    `definition` is the version of the workflow that it began with (agents/workflows/versions.py).
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        WAITING = "waiting"
        CANCELLING = "cancelling"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    ACTIVE: ClassVar[tuple[str, ...]] = (Status.RUNNING, Status.WAITING, Status.CANCELLING)
    UNFINISHED: ClassVar[tuple[str, ...]] = (Status.QUEUED, *ACTIVE)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(WorkSession, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="runs_as_agent")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="runs_started")
    message = models.ForeignKey("work_sessions.Message", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    relation = models.CharField(max_length=10, blank=True, default="", choices=[("retry", "retry"), ("refinement", "refinement")])
    workflow = models.CharField(max_length=10, choices=WorkSession.Workflow.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    position = models.PositiveIntegerField(null=True, blank=True)
    is_urgent = models.BooleanField(default=False)
    is_ready = models.BooleanField(default=False)
    attempt = models.PositiveIntegerField(default=0)
    attempts: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list, blank=True)
    crashes = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    model: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    definition: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    effort = models.CharField(max_length=8, blank=True, default="")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    usage: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    budget: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    steps: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    turns = models.PositiveIntegerField(default=0)
    tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.FloatField(default=0)
    events = models.PositiveIntegerField(default=0)
    active_s = models.FloatField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    error: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True, blank=True)
    created = models.DateTimeField()
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["session", "number"], name="run_number_once"),
            models.UniqueConstraint(
                fields=["session"], condition=Q(status__in=["running", "waiting", "cancelling"]), name="run_one_active_per_session"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "lease_until"], name="run_claim"),
            models.Index(fields=["session", "status"], name="run_session"),
        ]

    def __str__(self) -> str:
        return f"Run {self.number}"

    @property
    def is_finished(self) -> bool:
        return self.status not in self.UNFINISHED


class _Made(models.Model):
    """What a run makes. Under the same key it is made once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    step = models.UUIDField()
    key = models.CharField(max_length=200)
    created = models.DateTimeField()

    class Meta:
        abstract = True


class AgentOutput(_Made):
    """A persisted result of one agent in a run. Written once, never changed."""

    class Kind(models.TextChoices):
        PLAN = "plan"
        SUBTASK = "subtask"
        REPORT = "report"
        CRITIQUE = "critique"
        PERFORMANCE = "performance"
        ANSWER = "answer"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="outputs")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=300)
    content = models.TextField(blank=True)
    html = models.TextField(blank=True)
    data: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True, blank=True)
    message = models.ForeignKey("work_sessions.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [models.UniqueConstraint(fields=["run", "key"], name="output_key_once")]

    def __str__(self) -> str:
        return self.title


class PerformanceReport(models.Model):
    """What one measuring gave: `report` is all of it (agents/bench/performance/report.py), the other columns are for lists.

    With an `output` it belongs to that output's run; without one, made by hand, to its `owner` alone. `round` counts the tries of
    a run from 1. `passed` is null where there was no budget, `headline` null where nothing was measured.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="performance_reports")
    output = models.OneToOneField(AgentOutput, on_delete=models.PROTECT, null=True, blank=True, related_name="performance")
    round = models.PositiveIntegerField(null=True, blank=True)
    target = models.CharField(max_length=100)
    passed = models.BooleanField(null=True)
    headline: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True, blank=True)
    verdicts: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list, blank=True)
    report: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["target", "created"], name="performance_target")]

    def __str__(self) -> str:
        return f"{self.target}, round {self.round}" if self.round else self.target


class ToolCall(_Made):
    """One call of a tool. `late_result` is what came in after the run had ended: kept for the record, told to nobody."""

    class Status(models.TextChoices):
        EXECUTING = "executing"
        WAITING = "waiting"
        COMPLETED = "completed"
        FAILED = "failed"
        DENIED = "denied"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="tool_calls")
    tool_name = models.CharField(max_length=64)
    tool_class = models.CharField(max_length=12)
    parameters: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.EXECUTING)
    result = models.TextField(null=True, blank=True)  # noqa: DJ001 - null says that there is none, as on the wire
    late_result = models.TextField(blank=True, default="")
    success = models.BooleanField(null=True)
    error: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["created", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [models.UniqueConstraint(fields=["run", "key"], name="call_key_once")]

    def __str__(self) -> str:
        return f"{self.tool_name} {self.status}"


class Request(_Made):
    """Something a run needs from a human or client before it goes on, bound by `hash` to what was shown."""

    class Kind(models.TextChoices):
        APPROVAL = "approval"
        QUESTION = "question"
        CLIENT_TOOL = "client_tool"
        PLAN_REVIEW = "plan_review"

    class Status(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DENIED = "denied"
        ANSWERED = "answered"
        EXPIRED = "expired"
        CANCELLED = "cancelled"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="requests")
    session = models.ForeignKey(WorkSession, on_delete=models.PROTECT, related_name="requests")
    call = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=300)
    reason = models.TextField(blank=True)
    tool_name = models.CharField(max_length=64, blank=True, default="")
    tool_class = models.CharField(max_length=12, blank=True, default="")
    parameters: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True, blank=True)
    schema: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True, blank=True)
    choices: "models.JSONField[list[str] | None, list[str] | None]" = models.JSONField(null=True, blank=True)
    hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True, default="")
    expires = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [models.UniqueConstraint(fields=["run", "key"], name="request_key_once")]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "expires"], name="request_open"),
            models.Index(fields=["ended"], name="request_ended"),
        ]

    def __str__(self) -> str:
        return self.title


class Summary(models.Model):
    """What the older part of a work session's conversation came to: everything up to the message `through`, that one included."""

    session = models.OneToOneField(WorkSession, on_delete=models.PROTECT, related_name="summary")
    through = models.ForeignKey("work_sessions.Message", on_delete=models.PROTECT, related_name="+")
    content = models.TextField()
    updated = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["session"]
        verbose_name_plural = "summaries"

    def __str__(self) -> str:
        return self.content[:60]


class Checkpoint(models.Model):
    """Where a run's graph stands: one row per namespace and checkpoint."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="checkpoints")
    namespace = models.CharField(max_length=300, blank=True)
    checkpoint = models.CharField(max_length=64)
    parent = models.CharField(max_length=64, blank=True)
    encoding = models.CharField(max_length=20)
    body = models.BinaryField()
    about: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    created = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["run", "namespace", "-checkpoint"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "namespace", "checkpoint"], name="checkpoint_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.namespace or 'main'} {self.checkpoint}"


class CheckpointWrite(models.Model):
    """What a task of the graph has produced since a checkpoint."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="checkpoint_writes")
    namespace = models.CharField(max_length=300, blank=True)
    checkpoint = models.CharField(max_length=64)
    task = models.CharField(max_length=64)
    path = models.CharField(max_length=300, blank=True)
    index = models.IntegerField()
    channel = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    body = models.BinaryField()

    class Meta:
        ordering: ClassVar[list[str]] = ["run", "namespace", "checkpoint", "path", "task", "index"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "namespace", "checkpoint", "task", "index"], name="checkpoint_write_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.task}"
