"""Driving runs, by what has to be loaded first: LangGraph takes a second to import, which happens beside the event loop.

A run can be claimed before that: whoever waits for it sees that it is under way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, TypeAlias
from uuid import UUID

from agents.launchers.entrance import Entrance
from agents.lease import Claim, release
from project.realtime.db import run_db

Drive: TypeAlias = Callable[[UUID, int, Callable[[], None]], Awaitable[None]]


class CannotDrive(Exception):
    """What drives runs can't be loaded; trying again before the next start would not help."""


class Driver:
    """Drives the runs of one launcher."""

    def __init__(self) -> None:
        self._loading: asyncio.Future[Any] | None = None
        self._entrance = Entrance()

    async def drive(self, run_id: UUID, number: int) -> None:
        """Drive attempt `number` of the run, as agents.drive does. CannotDrive gives the run back, as the end of the server does."""
        try:
            drive = await self.load()
            begun = await self._entrance.enter()
        except (asyncio.CancelledError, CannotDrive):
            await asyncio.shield(run_db(release, [Claim(run_id, number)]))
            raise
        try:
            await drive(run_id, number, begun)
        finally:
            begun()

    async def load(self) -> Drive:
        """What drives runs, imported on a thread when it is first asked for."""
        if self._loading is None:
            self._loading = asyncio.get_running_loop().run_in_executor(None, import_module, "agents.drive")
        try:
            module = await asyncio.shield(self._loading)
        except Exception as error:
            raise CannotDrive from error
        drive: Drive = module.drive
        return drive
