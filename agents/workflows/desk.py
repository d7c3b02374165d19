"""What a workflow works with during one attempt: its facts, its model and tools, and the ways to put something out."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from agents.emit import REPORTING, Stored, Streamed
from agents.events import FIVE
from agents.handlers import EVENTS, HANDLERS
from agents.ids import step_id
from agents.llm.port import Model
from agents.services.fence import Attempt, current_attempts, write
from agents.services.scope import Scope, Step, show_on_board
from agents.tools.base import Tool
from agents.workflows.facts import Facts
from agents.workflows.turnstile import Turnstile
from project.realtime.change import Change
from project.realtime.db import run_db
from project.realtime.streams import StreamKey
from project.realtime.writer import LogItem, LogWriter, get_writer

T = TypeVar("T")


@dataclass
class Desk:
    """One attempt's place of work. Its state is this attempt's own; nothing here is shared between runs.

    `uncounted` are events that were streamed since the last change: they count against the run's budget with the next.
    `begun` is called before each wait for a model or a tool.
    """

    attempt: Attempt
    facts: Facts
    model: Model
    tools: Mapping[str, Tool[Any]]
    thought_counts: dict[UUID, int] = field(default_factory=dict)
    uncounted: int = 0
    messages_opened: int = 0
    is_card_stale: bool = False
    begun: Callable[[], None] = lambda: None
    turnstile: Turnstile = field(default_factory=Turnstile)
    _last: "asyncio.Future[bool] | None" = None

    def step(self, name: str, *, role: str, subtask: str | None = None) -> Step:
        """The step called `name` in this run: the same in every attempt."""
        return Step(id=step_id(self.attempt.run_id, name), role=role, subtask=subtask)

    async def emit(self, *items: Stored, while_stopping: bool = False) -> list[Any]:
        """Store and tell all these in one change; what each handler returns."""
        await self.drained()

        thoughts, self.uncounted = self.uncounted, 0

        def handle_all(scope: Scope) -> list[Any]:
            scope.run.events += thoughts
            return [HANDLERS[type(item)](scope, item) for item in items]

        is_reporting = any(isinstance(item, REPORTING) for item in items)
        results = await run_db(write, self.attempt, handle_all, is_reporting=is_reporting, while_stopping=while_stopping)
        self.is_card_stale = True
        return results

    def stream(self, item: Streamed) -> None:
        """Add to the log soon, together with what others add."""
        event, subject = EVENTS[type(item)](self.attempt, item)

        def show(ch: Change) -> None:
            show_on_board(ch, self.attempt.where)

        self._last = self._writer.submit(
            LogItem(
                event=event,
                stream=StreamKey.session(self.attempt.session_id),
                actor=self.attempt.agent,
                hold=(self.attempt.run_id, self.attempt.number),
                subject=subject,
                after=show if event.event_type in FIVE else None,
            )
        )

    async def drained(self) -> None:
        """Wait until all that was streamed is in the log, so that what follows comes after it."""
        if (last := self._last) is not None:
            await asyncio.wait([last])
            if self._last is last:  # a step beside this one may have streamed more
                self._last = None

    def next_thought(self, step: Step) -> int:
        """The index of the step's next piece of reasoning."""
        index = self.thought_counts.get(step.id, 0)
        self.thought_counts[step.id] = index + 1
        self.uncounted += 1
        return index

    @property
    def _writer(self) -> LogWriter[tuple[UUID, int]]:
        return get_writer(current_attempts)
