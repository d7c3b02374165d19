"""A small project to optimise, and stages that judge its copies by what their code says instead of running it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.bench.loop import Checks, Played
from agents.bench.performance.report import Report
from agents.bench.stages import PROJECT, Order, Site
from tests.agents.reports import make_report

SLOW = """\
async def tell(people, message):
    for each in people:
        await each.send(message)
"""
FAST = """\
import asyncio


async def tell(people, message):
    await asyncio.gather(*(each.send(message) for each in people))
"""
SPEC = """\
name: Shop board
goal: Every card move reaches everybody at once.
scenarios: ["scenarios/*.ws.yaml"]
measure:
  moves: {kind: broadcast, url: "ws://board/", send: "{n}", marker: "{n}"}
budgets: ["moves p95 < 100 ms"]
change: ["board.py"]
rounds: 4
"""


def make_shop(folder: Path, *, code: str = SLOW, spec: str = SPEC) -> Path:
    """A project's folder."""
    folder.mkdir(parents=True)
    (folder / "bench.yaml").write_text(spec)
    (folder / "board.py").write_text(code)
    return folder


@dataclass
class Stages:
    """In the place of the real stages. "BROKEN" in the code fails the tests, `speeds` says what is measured by words in the code."""

    speeds: dict[str, float] = field(default_factory=lambda: {"gather": 40.0, "for each": 300.0})
    done: list[tuple[str, int]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    hook: Callable[[str], None] = lambda stage: None
    pause_s: float = 0.0

    async def check(self, site: Site, name: str, patches: Sequence[str], order: Order, tell: Callable[[str], None]) -> Checks:
        text = await self._text(site, name, patches, order, tell)
        played = [Played(name="order.ws.yaml", passed="BROKEN" not in text, about="" if "BROKEN" not in text else "steps[2] expect bob")]
        played += [Played(name=extra, passed="impossible" not in yaml) for extra, yaml in order.extra.items()]
        return Checks(played=played)

    async def measure(self, site: Site, name: str, patches: Sequence[str], order: Order, tell: Callable[[str], None]) -> Report:
        text = await self._text(site, name, patches, order, tell)
        return make_report(next((speed for word, speed in self.speeds.items() if word in text), 300.0), target="Shop board")

    async def _text(self, site: Site, name: str, patches: Sequence[str], order: Order, tell: Callable[[str], None]) -> str:
        folder = site.build(name, patches)
        self.orders.append(order)
        self.hook(order.stage)
        for place in (1, 2):
            tell(f"{order.stage} {place} of 2.")
            await asyncio.sleep(self.pause_s)
        self.done.append((order.stage, len(patches)))
        return (folder / PROJECT / "board.py").read_text()


def use(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Let these stages do the work."""
    monkeypatch.setattr("agents.workflows.optimise.bench.check", stages.check)
    monkeypatch.setattr("agents.workflows.optimise.bench.measure", stages.measure)
    return stages
