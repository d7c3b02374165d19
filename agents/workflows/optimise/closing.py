"""The end of a round and of the run: the critic's judgement, and the report."""

import asyncio
from collections.abc import Sequence
from typing import Any

from agents.bench.loop import Checks, Next, Round, close_round, decide_next, patches
from agents.bench.words import ratios, tell_end
from agents.emit import MessageClosed, OutputMade, StepFinished, StepStarted
from agents.models import AgentOutput
from agents.services.outputs import OutputFacts
from agents.services.performance import headline_of
from agents.workflows.desk import Desk
from agents.workflows.optimise.bench import Bench, open_bench
from agents.workflows.optimise.journal import critique_key, decision, patch_key, stored
from agents.workflows.optimise.progress import say
from agents.workflows.optimise.prompts import Brief
from agents.workflows.optimise.roles import criticise
from agents.workflows.optimise.state import OptimiseState
from agents.workflows.report import KEY as REPORT_KEY
from agents.workflows.written import write_up
from agents.workspaces import as_app_error
from project.realtime.db import run_db
from sessions.wire import dump

CRITIC, REPORTER = "critic", "reporter"


class Closing:
    """The nodes that close a round and the run, for one attempt."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def critique(self, state: OptimiseState) -> OptimiseState:
        """Judge the round, and ask for changes where another follows."""
        number = state["round"]
        known = await run_db(stored, self._desk.attempt.run_id, critique_key(number))
        decided = decision(dict(known.data or {})) if known is not None else await self._judge(state)
        return {"next": "implement" if decided.goes_on else "report", "fate": None, "note": ""}

    async def report(self, state: OptimiseState) -> OptimiseState:
        """The final report, as a message and an output; the copies are removed."""
        bench = await open_bench(self._desk, state["workspace"], state["fingerprint"])
        if await run_db(stored, self._desk.attempt.run_id, REPORT_KEY) is None:
            decided = await self._decided(bench, state["round"])
            await self._write(bench, decided)
        await asyncio.to_thread(bench.site.remove)
        return {}

    async def _judge(self, state: OptimiseState) -> Next:
        bench = await open_bench(self._desk, state["workspace"], state["fingerprint"])
        step = self._desk.step(critique_key(state["round"]), role=CRITIC)
        await self._desk.emit(StepStarted(step, f"Round {state['round']} of {bench.most}: judging"))
        rounds = [*bench.journal.rounds, _close(bench, state)]
        decided = decide_next(rounds, bench.most)
        brief = Brief(bench.spec, bench.brief.request, bench.brief.instructions, rounds)
        written = await write_up(await criticise(bench.ask(step), brief, decided))
        data = {
            "role": CRITIC,
            "round": state["round"],
            "fate": rounds[-1].fate,
            "note": rounds[-1].note,
            "decision": decided.verb,
            "reason": decided.reason,
            "trend": trend_of(rounds),
        }
        title = f"Round {state['round']}: {decided.reason}"
        facts = OutputFacts(critique_key(state["round"]), AgentOutput.Kind.CRITIQUE, title, written.text, written.html, data)
        await self._desk.emit(OutputMade(step, facts), StepFinished(step, written.gist))
        return decided

    async def _decided(self, bench: Bench, number: int) -> Next:
        """How it ended: as the critic said, or because the implementer had nothing to offer."""
        run_id = self._desk.attempt.run_id
        if (judged := await run_db(stored, run_id, critique_key(number))) is not None:
            return decision(dict(judged.data or {}))
        offered = await run_db(stored, run_id, patch_key(number))
        return Next("nothing", dict(offered.data or {})["about"] if offered is not None else "There was nothing to change.")

    async def _write(self, bench: Bench, decided: Next) -> None:
        rounds = bench.journal.rounds
        with as_app_error():
            diff = await asyncio.to_thread(bench.site.whole_diff, patches(rounds))
        written = await write_up(tell_end(bench.spec.name, rounds, decided, diff))
        step = self._desk.step(REPORT_KEY, role=REPORTER)
        await self._desk.emit(StepStarted(step, "Writing the report"))
        message = await say(self._desk, step, REPORT_KEY, written.text)
        data = {
            "role": REPORTER,
            "workspace": bench.workspace.name,
            "decision": decided.verb,
            "reason": decided.reason,
            "ratios": ratios(rounds),
            "trend": trend_of(rounds),
        }
        closed = MessageClosed(message, written.text, written.html)
        facts = OutputFacts(REPORT_KEY, AgentOutput.Kind.REPORT, "Report", written.text, written.html, data, message)
        await self._desk.emit(closed, OutputMade(step, facts), StepFinished(step, written.gist))


def trend_of(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Each round's fate and headline figure: what a line over the rounds is drawn from."""
    return [{"round": each.number, "fate": each.fate, **_headline(each)} for each in rounds]


def _headline(each: Round) -> dict[str, Any]:
    headline = headline_of(each.report) if each.report is not None else None
    return {"passed": each.report.passed if each.report else None, "headline": dump(headline) if headline else None}


def _close(bench: Bench, state: OptimiseState) -> Round:
    part, fate = bench.journal.open, state.get("fate")
    if fate is not None:
        return Round(number=part.number, fate=fate, patch=part.diff, about=part.about, note=state.get("note", ""))
    return close_round(bench.journal.rounds, part.diff, part.about, part.checks or Checks(played=[]), part.report)
