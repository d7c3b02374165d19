"""The embedded launcher: runs as asyncio tasks of the server process. Woken by commits, swept by the clock."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from agents.launchers.driver import CannotDrive, Driver
from agents.launchers.wake import awake, wait_called, wake
from agents.lease import Claim, claim_next, release_all, renew, sweep, void_leases
from agents.llm.client import close_clients, warm
from agents.llm.profiles import profile_of
from agents.staff import unknown_agents
from agents.workflows.clarifier import clarify, next_question
from project.limits import limits
from project.realtime.db import run_db

log = logging.getLogger(__name__)

__all__ = ["start", "stop", "wake"]

_FIRST_ANSWERS_S = 0.5


class Launcher:
    """Takes runs one after another, up to its number, and keeps hold of them."""

    def __init__(self) -> None:
        self._owner = uuid4().hex
        self._drives: dict[UUID, asyncio.Task[None]] = {}
        self._others: set[asyncio.Task[None]] = set()
        self._questions: set[UUID] = set()
        self._driver = Driver()
        self._claiming: asyncio.Future[Claim | None] | None = None
        self._can_drive = True
        self._has_begun = False
        self._swept_at = -1e9

    async def run(self) -> None:
        """Work until cancelled; then give every run back."""
        renewing = asyncio.create_task(self._renew_for_ever(), name="lease renewal")
        self._begin(self._get_ready(), "getting ready")
        try:
            with awake() as called:
                while True:
                    called.clear()
                    await self._round()
                    await wait_called(called, limits().run_sweep_s)
        finally:
            renewing.cancel()
            await self._give_back()

    async def _round(self) -> None:
        """Everything there is to do now. A failure is logged and tried again in the next round."""
        try:
            if not self._has_begun:
                await run_db(void_leases)
                for name in await run_db(unknown_agents):
                    log.warning("The settings name the agent %s, and there is none of that name.", name)
                self._has_begun = True
            await self._answer_questions()
            while self._can_drive and len(self._drives) < limits().runs_per_process and (claim := await self._claim()):
                self._launch(claim)
            if time.monotonic() - self._swept_at >= limits().run_sweep_s:
                self._swept_at = time.monotonic()
                await run_db(sweep)
        except Exception:
            log.exception("A round of the launcher failed; the next one tries again.")

    async def _claim(self) -> Claim | None:
        # A claim is made on a thread and can't be stopped: who ends waits for it, to give it back.
        self._claiming = asyncio.ensure_future(run_db(claim_next, self._owner, besides=tuple(self._drives)))
        return await asyncio.shield(self._claiming)

    def _launch(self, claim: Claim) -> None:
        task = asyncio.create_task(self._drive(claim), name=f"run {claim.run_id}")
        self._drives[claim.run_id] = task
        task.add_done_callback(lambda _: self._landed(claim.run_id))

    async def _drive(self, claim: Claim) -> None:
        try:
            await self._driver.drive(claim.run_id, claim.attempt)
        except CannotDrive as error:
            self._give_up(error)

    def _landed(self, run_id: UUID) -> None:
        self._drives.pop(run_id, None)
        wake()

    async def _get_ready(self) -> None:
        """Have loaded what the first run would wait for. Who waited for the start is answered first: loading takes turns with them."""
        await asyncio.sleep(_FIRST_ANSWERS_S)
        try:
            await self._driver.load()
            await warm([profile for profile in map(profile_of, ("", *settings.WORKROOM_AGENTS)) if profile])
        except CannotDrive as error:
            self._give_up(error)
        except Exception:  # a model that can't be opened fails its own runs and holds up no others
            log.exception("A model could not be opened beforehand; its runs will say why.")

    def _give_up(self, error: CannotDrive) -> None:
        if self._can_drive:
            self._can_drive = False
            log.error("What drives runs can't be loaded: they wait until the next start.", exc_info=error)

    async def _answer_questions(self) -> None:
        """Answer what is asked about runs under way, each by a task of its own: a slow answer holds up nothing."""
        while (question := await run_db(next_question, besides=tuple(self._questions))) is not None:
            self._questions.add(question)
            self._begin(self._clarify(question), "clarifier")

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do this beside everything else, until the launcher ends."""
        task = asyncio.create_task(work, name=name)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _clarify(self, message_id: UUID) -> None:
        try:
            await clarify(message_id)
        except Exception:
            log.exception("A question about a run could not be answered now; it is tried again.")
            await asyncio.sleep(limits().run_sweep_s)
        finally:
            self._questions.discard(message_id)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(limits().run_renew_s)
            try:
                if self._drives:
                    await run_db(renew, self._owner, tuple(self._drives))
            except Exception:
                log.exception("The leases could not be renewed; the next try comes before they end.")

    async def _give_back(self) -> None:
        tasks = [*self._drives.values(), *self._others]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._claiming is not None:
            await asyncio.gather(self._claiming, return_exceptions=True)
        try:
            # What was claimed last, and what was to be driven next, nobody has had in hand yet.
            await run_db(release_all, self._owner)
        except Exception:
            log.exception("Some runs could not be given back: their leases run out by themselves.")


_running: dict[str, asyncio.Task[None]] = {}


def start() -> None:
    """Start taking runs on the running event loop."""
    if "launcher" not in _running:
        _running["launcher"] = asyncio.create_task(Launcher().run(), name="embedded launcher")


async def stop() -> None:
    """Take no more runs and give those under way back, so that their next attempt counts no crash."""
    task = _running.pop("launcher", None)
    if task is not None:
        task.cancel()
        await asyncio.wait([task])
        await close_clients()
