"""The middle of a round: the tester tests, and what has passed is measured by the performance agent."""

from agents.bench.loop import Checks, close_round
from agents.bench.performance.report import Report
from agents.bench.words import fence, tell_report
from agents.emit import OutputMade, ReportMade, StepFinished, StepStarted
from agents.models import AgentOutput
from agents.services.outputs import OutputFacts
from agents.services.performance import ReportFacts
from agents.workflows.desk import Desk
from agents.workflows.optimise.bench import Bench, open_bench
from agents.workflows.optimise.journal import SCENARIOS_KEY, checks_key, report_key, stored
from agents.workflows.optimise.progress import Progress
from agents.workflows.optimise.prompts import Brief
from agents.workflows.optimise.roles import assess, write_scenarios
from agents.workflows.optimise.state import OptimiseState
from agents.workflows.written import write_up
from agents.workspaces import as_app_error
from project.realtime.db import run_db

TESTER, MEASURER = "tester", "performance agent"


class Trial:
    """The nodes that find out what a round's code is worth, for one attempt."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def compose(self, state: OptimiseState) -> OptimiseState:
        """The tester writes further scenarios, before anything was changed."""
        bench = await open_bench(self._desk, state["workspace"], state["fingerprint"])
        if bench.journal.scenarios is not None:
            return {}
        step = self._desk.step(SCENARIOS_KEY, role=TESTER)
        await self._desk.emit(StepStarted(step, "Reading the scenarios"))
        with as_app_error():
            scenarios = await write_scenarios(bench.ask(step), bench.brief, bench.site.base)
        parts = [f"**{name}**\n\n{fence(text, 'yaml')}" for name, text in scenarios.texts.items()]
        content = "\n\n".join([*parts, scenarios.note]).strip() or "The project's own scenarios are what is played."
        written = await write_up(content)
        data = {"role": TESTER, "scenarios": dict(scenarios.texts)}
        title = "Further scenarios" if scenarios.texts else "No further scenarios"
        facts = OutputFacts(SCENARIOS_KEY, AgentOutput.Kind.SUBTASK, title, written.text, written.html, data)
        await self._desk.emit(OutputMade(step, facts), StepFinished(step, written.gist))
        return {}

    async def test(self, state: OptimiseState) -> OptimiseState:
        """The functional tests; only what passes them is measured."""
        number = state["round"]
        known = await run_db(stored, self._desk.attempt.run_id, checks_key(number))
        if known is not None:
            return {"next": _after_test(dict(known.data or {})["passed"])}
        bench = await open_bench(self._desk, state["workspace"], state["fingerprint"])
        step = self._desk.step(checks_key(number), role=TESTER)
        await self._desk.emit(StepStarted(step, f"Round {number} of {bench.most}: playing the scenarios"))
        with Progress(self._desk, step) as progress:
            found = await bench.check(number, bench.journal.scenarios or {}, progress)
        checks, left_out = _own_left_out(bench, number, found)
        data = {"role": TESTER, "round": number, "passed": checks.passed, "left_out": left_out, **checks.model_dump(mode="json")}
        written = await write_up(_tell_checks(checks, left_out))
        title = f"Round {number}: tests {'passed' if checks.passed else 'failed'}"
        facts = OutputFacts(checks_key(number), AgentOutput.Kind.SUBTASK, title, written.text, written.html, data)
        await self._desk.emit(OutputMade(step, facts), StepFinished(step, title))
        return {"next": _after_test(checks.passed)}

    async def measure(self, state: OptimiseState) -> OptimiseState:
        """The round's performance report."""
        number = state["round"]
        if await run_db(stored, self._desk.attempt.run_id, report_key(number)) is not None:
            return {}
        bench = await open_bench(self._desk, state["workspace"], state["fingerprint"])
        step = self._desk.step(report_key(number), role=MEASURER)
        await self._desk.emit(StepStarted(step, f"Round {number} of {bench.most}: measuring"))
        with Progress(self._desk, step) as progress:
            report = await bench.measure(number, progress)
        words = await assess(bench.ask(step), _with_report(bench, report))
        written = await write_up(f"{words}\n\n{tell_report(report)}")
        facts = ReportFacts(report_key(number), report, number, written.text, written.html)
        await self._desk.emit(ReportMade(step, facts), StepFinished(step, written.gist))
        return {}


def _after_test(passed: bool) -> str:
    return "measure" if passed else "critique"


def _with_report(bench: Bench, report: Report) -> Brief:
    """What the performance agent is told: the rounds with this one as far as it is."""
    part, rounds = bench.journal.open, bench.journal.rounds
    newest = close_round(rounds, part.diff, part.about, part.checks or Checks(played=[]), report)
    return Brief(bench.spec, bench.brief.request, bench.brief.instructions, [*rounds, newest])


def _own_left_out(bench: Bench, number: int, checks: Checks) -> tuple[Checks, list[str]]:
    """Without those of the tester's own scenarios that fail before any change: they ask for what the project doesn't do."""
    own = bench.journal.scenarios or {}
    wrong = [each.name for each in checks.played if number == 1 and not each.passed and each.name in own]
    return checks.model_copy(update={"played": [each for each in checks.played if each.name not in wrong]}), wrong


def _tell_checks(checks: Checks, left_out: list[str]) -> str:
    lines = []
    for each in checks.played:
        lines.append(f"- {'✓' if each.passed else '✗'} **{each.name}** {each.about}".rstrip())
        if each.details:
            lines.append(f"\n{fence(chr(10).join(each.details))}\n")
    if left_out:
        lines.append(f"\nLeft out, because they fail with the code as it is: {', '.join(left_out)}.")
    return "\n".join([*lines, checks.note]).strip()
