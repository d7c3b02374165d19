"""optimise without a server and without a run: the same roles and stages, one round after another, told to whoever called."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from agents.bench.loop import Checks, Next, Round, close_round, decide_next, patches
from agents.bench.removal import remove_tree
from agents.bench.spec import Spec
from agents.bench.stages import PROJECT, Order, Site, check, measure
from agents.llm.port import Model, ModelMessage, Purpose, TextDelta
from agents.workflows.optimise.prompts import Brief
from agents.workflows.optimise.roles import Offer, assess, criticise, offer_patch, write_scenarios

Tell = Callable[[str], None]


@dataclass
class Course:
    """How it went: the rounds, what the performance agent and the critic said of each by its number, how it ended, the whole change."""

    rounds: list[Round] = field(default_factory=list)
    assessments: dict[int, str] = field(default_factory=dict)
    critiques: dict[int, str] = field(default_factory=dict)
    decided: Next = field(default_factory=lambda: Next("again", ""))
    diff: str = ""


class Alone:
    """One project's way through the rounds. `on_progress` hears what is being done, `on_round` of each round that is over."""

    def __init__(self, site: Site, spec: Spec, model: Model, on_progress: Tell, on_round: Callable[[Round, str], None]) -> None:
        self._site = site
        self._spec = spec
        self._model = model
        self._tell = on_progress
        self._on_round = on_round
        self._extra: dict[str, str] = {}
        self.course = Course()

    async def go(self, most: int) -> Course:
        """Round after round, `most` at most. BenchError when something can't be run at all."""
        course = self.course
        scenarios = await write_scenarios(self._ask, self._brief(), self._site.base)
        self._extra = dict(scenarios.texts)
        await self._close(await self._try(Offer()), most)
        while course.decided.goes_on:
            self._tell(f"Round {len(course.rounds) + 1}: looking for a change.")
            offer = await self._offer()
            if not offer.diff and not offer.problem:
                course.decided = Next("nothing", offer.about)
                break
            await self._close(await self._try(offer), most)
        course.diff = await asyncio.to_thread(self._site.whole_diff, patches(course.rounds))
        return course

    async def _offer(self) -> Offer:
        project = await asyncio.to_thread(lambda: self._site.build("implement", patches(self.course.rounds)) / PROJECT)
        try:
            return await offer_patch(self._ask, self._brief(), project, self.course.critiques[len(self.course.rounds)])
        finally:
            await asyncio.to_thread(remove_tree, project.parent)

    async def _try(self, offer: Offer) -> Round:
        """The round with this offer, tested and, if it passes, measured."""
        before, number = self.course.rounds, len(self.course.rounds) + 1
        if offer.problem:
            return Round(number=number, fate="unfit", note=offer.problem)
        standing = [*patches(before), *([offer.diff] if offer.diff else [])]
        self._tell(f"Round {number}: testing.")
        checks = await check(self._site, f"test-{number}", standing, Order(stage="test", extra=self._extra), self._tell)
        if number == 1:
            checks = self._without_wrong(checks)
        if not checks.passed:
            return close_round(before, offer.diff, offer.about, checks, None)
        self._tell(f"Round {number}: measuring.")
        baseline = before[0].report if before else None
        report = await measure(self._site, f"measure-{number}", standing, Order(stage="measure", baseline=baseline), self._tell)
        return close_round(before, offer.diff, offer.about, checks, report)

    async def _close(self, each: Round, most: int) -> None:
        """The words on the round, and what follows it."""
        course = self.course
        course.rounds.append(each)
        if each.report is not None:
            course.assessments[each.number] = await assess(self._ask, self._brief())
        course.decided = decide_next(course.rounds, most)
        course.critiques[each.number] = await criticise(self._ask, self._brief(), course.decided)
        self._on_round(each, course.critiques[each.number])

    def _without_wrong(self, checks: Checks) -> Checks:
        wrong = {each.name for each in checks.played if not each.passed} & set(self._extra)
        self._extra = {name: text for name, text in self._extra.items() if name not in wrong}
        return checks.model_copy(update={"played": [each for each in checks.played if each.name not in wrong]})

    def _brief(self) -> Brief:
        return Brief(self._spec, rounds=self.course.rounds)

    async def _ask(self, purpose: Purpose, messages: Sequence[ModelMessage]) -> str:
        """The model's whole answer; ModelError where it gives none."""
        async with aclosing(self._model.stream(messages, [], purpose=purpose)) as deltas:
            return "".join([delta.text async for delta in deltas if isinstance(delta, TextDelta)])
