"""LangGraph's checkpoints in our tables: thread = run, written only by the attempt that holds the run."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.models import Checkpoint as CheckpointRow
from agents.models import CheckpointWrite, Run
from agents.services.fence import Attempt, Fenced
from project.clock import db_now
from project.realtime.db import run_db
from project.realtime.turn import writers_turn


class RunCheckpointer(BaseCheckpointSaver[str]):
    """The checkpoints of one run, for one attempt at it. A write of an attempt that has lost the run raises Fenced."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(serde=JsonPlusSerializer(pickle_fallback=False))
        self._attempt = attempt

    def get_next_version(self, current: str | None, channel: None) -> str:
        """Versions that sort as text, one after another."""
        del channel
        return f"{int(current or 0) + 1:012d}"

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint the config names, or the newest of its namespace."""
        return await run_db(self._get, _namespace(config), get_checkpoint_id(config))

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """The run's checkpoints, newest first."""
        for found in await run_db(self._list, config, filter, before, limit):
            yield found

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        """Store a checkpoint; the config that names it."""
        del new_versions  # all values are kept in the one row: a run's state is small
        parent = str(config["configurable"].get("checkpoint_id") or "")
        about = dict(get_checkpoint_metadata(config, metadata))
        await run_db(self._put, _namespace(config), checkpoint, parent, about)
        return self._config(_namespace(config), checkpoint["id"])

    async def aput_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Store what a task has produced since a checkpoint."""
        checkpoint = str(config["configurable"]["checkpoint_id"])
        await run_db(self._put_writes, _namespace(config), checkpoint, writes, (task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """Forget where the run's graph stands."""
        del thread_id
        await run_db(self._delete)

    def _get(self, namespace: str, checkpoint_id: str | None) -> CheckpointTuple | None:
        rows = CheckpointRow.objects.filter(run_id=self._attempt.run_id, namespace=namespace)
        row = (rows.filter(checkpoint=checkpoint_id) if checkpoint_id else rows.order_by("-checkpoint")).first()
        return self._tuple(row) if row else None

    def _list(
        self, config: RunnableConfig | None, about: dict[str, Any] | None, before: RunnableConfig | None, limit: int | None
    ) -> list[CheckpointTuple]:
        rows = CheckpointRow.objects.filter(run_id=self._attempt.run_id).order_by("-checkpoint")
        if config is not None:
            rows = rows.filter(namespace=_namespace(config))
        if before is not None:
            rows = rows.filter(checkpoint__lt=get_checkpoint_id(before))
        wanted = about or {}
        found = [row for row in rows if all(row.about.get(name) == value for name, value in wanted.items())]
        return [self._tuple(row) for row in found[:limit]]

    def _tuple(self, row: CheckpointRow) -> CheckpointTuple:
        writes = CheckpointWrite.objects.filter(run_id=row.run_id, namespace=row.namespace, checkpoint=row.checkpoint)
        return CheckpointTuple(
            config=self._config(row.namespace, row.checkpoint),
            checkpoint=self.serde.loads_typed((row.encoding, bytes(row.body))),
            metadata=row.about,  # type: ignore[arg-type]  # a TypedDict that was stored as JSON
            parent_config=self._config(row.namespace, row.parent) if row.parent else None,
            pending_writes=[
                (write.task, write.channel, self.serde.loads_typed((write.encoding, bytes(write.body))))
                for write in writes.order_by("path", "task", "index")
            ],
        )

    def _put(self, namespace: str, checkpoint: Checkpoint, parent: str, about: dict[str, Any]) -> None:
        encoding, body = self.serde.dumps_typed(checkpoint)
        values = {"parent": parent, "encoding": encoding, "body": body, "about": about, "created": db_now()}
        with self._held():
            CheckpointRow.objects.update_or_create(
                run_id=self._attempt.run_id, namespace=namespace, checkpoint=checkpoint["id"], defaults=values
            )

    def _put_writes(self, namespace: str, checkpoint: str, writes: Sequence[tuple[str, Any]], task: tuple[str, str]) -> None:
        rows = []
        for place, (channel, value) in enumerate(writes):
            encoding, body = self.serde.dumps_typed(value)
            row = CheckpointWrite(run_id=self._attempt.run_id, namespace=namespace, checkpoint=checkpoint, task=task[0], path=task[1])
            row.index, row.channel, row.encoding, row.body = WRITES_IDX_MAP.get(channel, place), channel, encoding, body
            rows.append(row)
        with self._held():
            mine = CheckpointWrite.objects.filter(run_id=self._attempt.run_id, namespace=namespace, checkpoint=checkpoint, task=task[0])
            kept = set(mine.filter(index__gte=0).values_list("index", flat=True))
            # Special channels (error, interrupt, resume: below 0) are written anew, a task's results only once.
            mine.filter(index__in=[row.index for row in rows if row.index < 0]).delete()
            CheckpointWrite.objects.bulk_create([row for row in rows if row.index not in kept])

    def _delete(self) -> None:
        with self._held():
            CheckpointRow.objects.filter(run_id=self._attempt.run_id).delete()
            CheckpointWrite.objects.filter(run_id=self._attempt.run_id).delete()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """A transaction in which the run is held by this attempt."""
        with writers_turn(), transaction.atomic():
            held = Run.objects.select_for_update().filter(id=self._attempt.run_id, attempt=self._attempt.number)
            if not held.filter(status__in=[Run.Status.RUNNING, Run.Status.CANCELLING]).exists():
                raise Fenced
            yield

    def _config(self, namespace: str, checkpoint: str) -> RunnableConfig:
        thread: UUID = self._attempt.run_id
        return {"configurable": {"thread_id": str(thread), "checkpoint_ns": namespace, "checkpoint_id": checkpoint}}


def _namespace(config: RunnableConfig) -> str:
    return str(config["configurable"].get("checkpoint_ns", ""))
