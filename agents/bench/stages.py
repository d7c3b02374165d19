"""Testing and measuring a workspace in a process of its own, sealed off: what the parent does."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError

from agents.bench.diffs import paths_in, read_diff
from agents.bench.errors import BenchError, Failed, Refused
from agents.bench.inside import read_inside
from agents.bench.loop import Checks
from agents.bench.patches import apply, replacing
from agents.bench.performance.report import Report
from agents.bench.plain import Plain
from agents.bench.processes.command import Completed, run_command, why_unsealed
from agents.bench.processes.declared import Limits, Network
from agents.bench.processes.environment import ROOT
from agents.bench.removal import remove_tree
from agents.bench.spec import load_spec
from agents.bench.turn_taking import my_turn
from agents.bench.workspaces import Copied, check_project, copy_project, measure_copy

PROJECT, ORDER, ANSWER = "project", "order.json", "answer.json"
"""Names in a stage's folder: the copy that is worked on, what is asked, and what came of it."""

LOCK = "measuring.lock"
"""Beside the sites' folders: held while one of them is measured."""

Seal = Literal["required", "preferred", "off"]
"""Whether commands run without network and with nothing to write to but the copy. `preferred`: where this system can."""

R = TypeVar("R", Checks, Report)

_LIMITS = Limits(memory_mb=4_096, files=65_536, processes=512, disk_mb=2_000)
_MOST_ANSWER_BYTES = 32 * 1024 * 1024
_TOLD_LINES = 20
_UNSEALED = "This ran unsealed: it could use the network, and write what the server's account may write."


class Order(Plain):
    """What a stage is to do. `extra` are scenarios beside the project's own, by name; `only` names one scenario or measurement."""

    stage: Literal["test", "measure"]
    extra: dict[str, str] = Field(default_factory=dict)
    only: str = ""
    baseline: Report | None = None


class Answer(Plain):
    """What came of it: one of these. `refused` is a BenchError's message and `details`."""

    checks: Checks | None = None
    report: Report | None = None
    refused: str = ""
    details: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """Where the copies of one project are, for one piece of work: the untouched `base`, and a folder per stage.

    A stage is ended after `timeout_s`; a measuring waits `wait_s` at most for another on this machine.
    """

    root: Path
    seal: Seal = "required"
    timeout_s: float = 1_200
    wait_s: float = float("inf")
    environment: Mapping[str, str] = field(default_factory=dict)

    async def is_sealed(self) -> bool:
        """Whether what is run here is sealed off: always, or on this system."""
        return self.seal == "required" or (self.seal == "preferred" and await why_unsealed() is None)

    @property
    def base(self) -> Path:
        """The copy as the project was when the work began."""
        return self.root / "base"

    def prepare(self, source: Path) -> Copied:
        """Copy the project, unless that was done before. Refused where there is none."""
        if self.base.is_dir():
            return measure_copy(self.base)
        return copy_project(check_project(source, [source]), self.base)

    def build(self, name: str, patches: Sequence[str]) -> Path:
        """The folder `name`, made anew: a copy of the base with these patches, in order. BenchError when one doesn't fit."""
        folder = self.root / name
        remove_tree(folder)
        project = folder / PROJECT
        shutil.copytree(self.base, project, symlinks=True)
        spec = load_spec(project)
        judges = spec.judges
        for patch in patches:
            apply(read_diff(project, patch), project, allowed=spec.change, judges=judges)
        return folder

    def whole_diff(self, patches: Sequence[str]) -> str:
        """These patches as one, from the project as it was."""
        folder = self.build("whole", patches)
        try:
            project = folder / PROJECT
            names = sorted({path for patch in patches for path in paths_in(patch)})
            return replacing(self.base, {name: text for name in names if (text := read_inside(project, name)) is not None}).diff
        finally:
            remove_tree(folder)

    def recall(self, name: str, shape: type[R]) -> R | None:
        """What was kept under this name before, if it is still there."""
        try:
            return shape.model_validate_json(self._kept(name).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, name: str, result: R) -> R:
        """Keep a result beside the copies, so that a step that is repeated needn't take its time again."""
        place = self._kept(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_suffix(f".{os.getpid()}.part")
        half.write_text(result.model_dump_json(), encoding="utf-8")
        half.replace(place)
        return result

    def remove(self) -> None:
        """Remove everything."""
        remove_tree(self.root)

    def _kept(self, name: str) -> Path:
        return self.root / "kept" / f"{name}.json"


async def check(site: Site, name: str, patches: Sequence[str], order: Order, on_progress: Callable[[str], None]) -> Checks:
    """Run the functional tests of the project with these patches, in the site's folder `name`."""
    answer = await _run(site, name, patches, order, on_progress)
    return _given(answer.checks, name)


async def measure(site: Site, name: str, patches: Sequence[str], order: Order, on_progress: Callable[[str], None]) -> Report:
    """Measure the project with these patches, in the site's folder `name`, while nothing else is measured on this machine."""
    async with my_turn(site.root.parent / LOCK, on_wait=on_progress, wait_s=site.wait_s):
        answer = await _run(site, name, patches, order, on_progress)
    return _given(answer.report, name)


async def _run(site: Site, name: str, patches: Sequence[str], order: Order, on_progress: Callable[[str], None]) -> Answer:
    """One stage in its process. Cancelled or failing, it leaves no process and no folder."""
    folder = await asyncio.to_thread(site.build, name, patches)
    try:
        (folder / ORDER).write_text(order.model_dump_json(), encoding="utf-8")
        completed = await _start(site, folder, lambda line: _hear(line, on_progress))
        answer = await asyncio.to_thread(_read, folder, completed)
        return answer if completed.network == "none" else _told_unsealed(answer)
    finally:
        await asyncio.shield(asyncio.to_thread(remove_tree, folder))


async def _start(site: Site, folder: Path, on_line: Callable[[str], None]) -> Completed:
    """The stage's process, as far sealed off as the site asks for and the system can."""
    argv = [sys.executable, "-m", "agents.bench.staged", str(folder)]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **site.environment}

    def run(network: Network) -> Awaitable[Completed]:
        return run_command(
            argv, folder=folder, environment=environment, limits=_LIMITS, timeout_s=site.timeout_s, network=network, on_line=on_line
        )

    if site.seal != "off":
        try:
            return await run("none")
        except Refused:
            if site.seal == "required":
                raise
    return await run("host")


def _hear(line: str, on_progress: Callable[[str], None]) -> None:
    """Tell what a line of the stage says; what isn't JSON is output of something it started."""
    try:
        said = json.loads(line)
    except ValueError:
        return
    if isinstance(said, dict) and isinstance(said.get("progress"), str):
        on_progress(said["progress"])


def _read(folder: Path, completed: Completed) -> Answer:
    """The answer. What ran there could put a pipe, a link or something endless in its place."""
    if completed.why:
        raise Failed(f"The bench's process was ended. {completed.why}", details=completed.output.splitlines()[-_TOLD_LINES:])
    try:
        answer = Answer.model_validate_json(read_inside(folder, ANSWER, _MOST_ANSWER_BYTES) or "")
    except (OSError, Refused, ValidationError) as error:
        tail = completed.output.splitlines()[-_TOLD_LINES:]
        raise Failed(f"The bench's process ended with status {completed.exit_code} and no result.", details=tail) from error
    if answer.refused:
        raise BenchError(answer.refused, details=answer.details)
    return answer


def _told_unsealed(answer: Answer) -> Answer:
    """The answer, which says of itself that it isn't that of a sealed process."""
    checks, report = answer.checks, answer.report
    if checks is not None:
        checks = checks.model_copy(update={"note": f"{checks.note} {_UNSEALED}".strip()})
    if report is not None:
        report = report.model_copy(update={"notes": [*report.notes, _UNSEALED]})
    return answer.model_copy(update={"checks": checks, "report": report})


def _given(result: R | None, name: str) -> R:
    if result is None:
        raise Failed(f"The bench's process gave no result for {name}.")
    return result
