"""One declared service and what runs of it."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.bench.errors import BenchError, Failed, Refused
from agents.bench.processes import logs
from agents.bench.processes.declared import Service
from agents.bench.processes.doors import Door
from agents.bench.processes.guarded import Guarded, make_order
from agents.bench.processes.health import make_probe, wait_until_healthy
from agents.bench.processes.orders import News, Order
from agents.bench.processes.ports import HOST
from agents.bench.processes.status import State, Status, tell_end
from agents.bench.regexes import search

_SHOWN_LINES = 20
_KEPT_LINES = 1_000
_OPEN_WITHIN_S = 30.0
"""For the port of a service that doesn't say when it is healthy."""


class Instance:
    """Starts and ends one service, any number of times, on the same ports.

    `fill` puts values into its texts; `on_change` is called with every new state, and must not raise.
    """

    def __init__(self, name: str, service: Service, folder: Path, door: Door | None, on_change: Callable[[], None]) -> None:
        self._name = name
        self._folder = folder
        self._on_change = on_change
        self._since = datetime.now(UTC)
        self._last: News | None = None
        self._run: Guarded | None = None
        self._starting: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._before: list[str] = []
        self.service = service
        self.door = door
        self.state: State = "stopped"

    async def start(self, fill: Callable[[str], str]) -> None:
        """Start it, unless it is started already, and wait until it is healthy. Failed: it isn't in time; nothing of it is left."""
        if self.state == "healthy":
            return
        if self._starting is None:
            self._starting = asyncio.create_task(self._start(fill))
            self._starting.add_done_callback(self._forget_start)
        starting = self._starting
        await asyncio.wait({starting})
        if starting.cancelled():
            raise Failed(f"{self._name} was stopped before it was healthy.")
        starting.result()

    async def stop(self) -> None:
        """End it as declared. Failed: something of it can't be ended."""
        if self._starting:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        if self._run:
            self._change("stopping")
            self._run.stop(self.service.stop_within)
        elif self.state == "starting":
            self._change("stopped")
        await self._end()

    async def kill(self) -> None:
        """End it at once. Refused: it doesn't run."""
        if not self._run:
            raise Refused(f"{self._name} doesn't run.")
        self._run.kill()
        await self._end()

    @property
    def has_done_its_job(self) -> bool:
        """Whether its last run ended well, and wrote the line it is healthy by: such as what prepares a database."""
        wanted = self.service.healthy.log if self.service.healthy else None
        if wanted is None or self._last is None or self._last.code != 0:
            return False
        pattern = re.compile(wanted)
        with contextlib.suppress(Failed):
            return any(search(pattern, line) for line in self._before)
        return False

    def tail(self, lines: int) -> list[str]:
        """The last lines of its output, of earlier runs too."""
        now = logs.tail(self._run.log, lines) if self._run else []
        return logs.last([*self._before, *now], lines)

    def status(self) -> Status:
        """How it is."""
        used = self._run.use() if self._run else None
        port = self.door.public if self.door else None
        return Status(
            state=self.state,
            since=self._since.isoformat(timespec="milliseconds"),
            pid=self._run.pid if self._run else None,
            port=port,
            address=f"{HOST}:{port}" if port else None,
            exit_code=self._last.code if self._last else None,
            why=tell_end(self._last) if self._last else "",
            cpu_s=used.cpu_s if used else None,
            rss_mb=used.rss_mb if used else None,
            processes=used.processes if used else None,
            log=str(self._run.log) if self._run else None,
        )

    async def _start(self, fill: Callable[[str], str]) -> None:
        if self._watching:
            await asyncio.wait({self._watching})
        self._last = None
        self._change("starting")
        try:
            if self.door:
                await self.door.open()
            self._run = await Guarded.begin(self._order(fill), label=self._name)
        except BenchError:
            self._change("failed")
            raise
        self._watching = asyncio.create_task(self._watch(self._run))
        if self.service.healthy or self.door:
            await self._become_healthy(self._run)
        if self.state == "starting":
            self._change("healthy")

    def _order(self, fill: Callable[[str], str]) -> Order:
        service = self.service
        declared = {name: fill(value) for name, value in service.environment.items()}
        argv = [fill(word) for word in service.command]
        return make_order(argv, self._folder, declared, service.limits, service.network, waits_for_all=True)

    async def _become_healthy(self, run: Guarded) -> None:
        """Failed: it ends before, or isn't healthy in time, and is ended then."""
        within_s = self.service.healthy.within if self.service.healthy else _OPEN_WITHIN_S
        probe = make_probe(self.service, self.door.inner if self.door else None, run.log)
        looking = asyncio.create_task(wait_until_healthy(probe, within_s))
        either: set[asyncio.Future[Any]] = {looking, run.ended}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            looking.cancel()
        if run.ended.done():
            await self._end()
            if self.has_done_its_job:
                return
            problem = f"ended before it was healthy, {self.status()['why']}"
        elif looking.result():
            run.stop(self.service.stop_within)
            await self._end()
            problem = f"wasn't healthy within {within_s:g} s: {looking.result()}"
        else:
            return
        raise Failed(f"{self._name} {problem}.", details=self.tail(_SHOWN_LINES) or ["(it wrote nothing)"])

    async def _watch(self, run: Guarded) -> None:
        """See the run to its end, whoever or whatever ends it."""
        self._last = await run.end()
        self._before = [*self._before, *logs.tail(run.log, _KEPT_LINES)][-_KEPT_LINES:]
        self._run = None
        await run.release()
        self._watching = None
        after: dict[State, State] = {"stopping": "stopped", "starting": "exited" if self.has_done_its_job else "failed"}
        self._change(after.get(self.state, "exited"))

    async def _end(self) -> None:
        """Wait until what was told to end has ended. Failed: it can't be."""
        if self._watching:
            await asyncio.wait({self._watching})
        if self._last and self._last.left:
            raise Failed(f"{self._name} can't be ended: {tell_end(self._last)}.")

    def _change(self, state: State) -> None:
        if state != self.state:
            self.state, self._since = state, datetime.now(UTC)
            self._on_change()

    def _forget_start(self, _: object) -> None:
        self._starting = None
