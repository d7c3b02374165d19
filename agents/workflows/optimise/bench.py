"""The bench of one attempt at a run: its workspace, its copies, its journal, and the roles that ask the run's model."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.bench.goals import with_goals
from agents.bench.loop import Checks, patches
from agents.bench.performance.report import Report
from agents.bench.spec import Spec, load_spec
from agents.bench.stages import PROJECT, Order, Site, check, measure
from agents.bench.workspaces import Copied
from agents.llm.port import ModelMessage, Purpose
from agents.services.scope import Step
from agents.workflows.desk import Desk
from agents.workflows.optimise.journal import Journal, read_journal
from agents.workflows.optimise.progress import Progress
from agents.workflows.optimise.prompts import Brief
from agents.workflows.optimise.roles import Ask
from agents.workflows.turn import Question, take_turn
from agents.workspaces import BenchFailed, Workspace, access_workspace, as_app_error, find_rounds
from project.realtime.db import run_db


@dataclass(frozen=True)
class Bench:
    """What a node works with. `journal` is as it was when the node began."""

    desk: Desk
    workspace: Workspace
    site: Site
    copied: Copied
    spec: Spec
    journal: Journal

    async def is_sandbox(self) -> bool:
        """Whether patches need nobody's approval. The project's own file has no say in it where they would run unsealed."""
        if self.workspace.is_sandbox is not None:
            return self.workspace.is_sandbox
        return self.spec.is_sandbox and await self.site.is_sealed()

    @property
    def brief(self) -> Brief:
        """What every role is told."""
        facts = self.desk.facts
        return Brief(self.spec, facts.request, facts.instructions, self.journal.rounds)

    @property
    def most(self) -> int:
        """The rounds there may be: those of the request, else those of the spec."""
        return find_rounds(self.desk.facts.said) or self.spec.rounds

    def ask(self, step: Step) -> Ask:
        """A way to ask the run's model in this step."""

        async def ask(purpose: Purpose, messages: Sequence[ModelMessage]) -> str:
            return (await take_turn(self.desk, Question(step, purpose, messages))).text

        return ask

    def build(self, name: str) -> Path:
        """A copy of the project as it stands, for this attempt alone."""
        with as_app_error():
            return self.site.build(self._own(name), patches(self.journal.rounds)) / PROJECT

    async def check(self, number: int, extra: dict[str, str], progress: Progress) -> Checks:
        """The functional tests with the round's patch; what was kept of an attempt that was lost isn't run again."""
        with as_app_error():
            name = f"test-{number}"
            found = await asyncio.to_thread(self.site.recall, name, Checks)
            if found is None:
                order = Order(stage="test", extra=extra)
                found = self.site.keep(name, await check(self.site, self._own(name), self._patches(), order, progress))
            return found

    async def measure(self, number: int, progress: Progress) -> Report:
        """What is measured with the round's patch, beside the first round."""
        with as_app_error():
            name = f"measure-{number}"
            found = await asyncio.to_thread(self.site.recall, name, Report)
            if found is None:
                order = Order(stage="measure", baseline=self.journal.baseline)
                found = self.site.keep(name, await measure(self.site, self._own(name), self._patches(), order, progress))
            return found

    def _patches(self) -> list[str]:
        return [each for each in (*patches(self.journal.rounds), self.journal.open.diff) if each]

    def _own(self, name: str) -> str:
        """A folder that no other attempt uses: one that has lost the run may still be at work."""
        return f"{name}.{self.desk.attempt.number}"


async def open_bench(desk: Desk, name: str, fingerprint: str = "") -> Bench:
    """The bench for this workspace, its copy made if it isn't there. BenchFailed when the copy isn't what the run began with."""
    workspace = await run_db(access_workspace, desk.attempt.starter, desk.attempt.board_id, name)
    site = workspace.site(str(desk.attempt.run_id))
    copied, spec = await asyncio.to_thread(_prepare, workspace, site)
    if fingerprint and copied.fingerprint != fingerprint:
        raise BenchFailed(f"{name} has changed since this run began, and its copy is gone: start again.")
    return Bench(desk, workspace, site, copied, spec, await run_db(read_journal, desk.attempt.run_id))


def _prepare(workspace: Workspace, site: Site) -> tuple[Copied, Spec]:
    with as_app_error():
        return site.prepare(workspace.path), with_goals(load_spec(site.base))
