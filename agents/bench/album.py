"""What is kept of optimising a project in a folder: the report, the rounds as JSON, the patches, and plots of before and after."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from agents.bench.loop import Next, Round, strain_of
from agents.bench.performance.plots import spread_chart, time_chart
from agents.bench.performance.report import Verdict
from agents.bench.plots import Axis, Chart, Line, Point, span
from agents.bench.words import FATES, fence, tell_end, tell_report, tell_verdict

REPORT, ROUNDS, WHOLE = "report.md", "rounds.json", "whole.patch"

_ROUNDS = TypeAdapter(list[Round])
_OURS = ("*.svg", "*.patch", REPORT, ROUNDS)


@dataclass(frozen=True)
class Album:
    """A project's way through the rounds. `words` are what was said of each round, by its number; `diff` is the whole change."""

    name: str
    rounds: Sequence[Round]
    words: Mapping[int, str]
    decided: Next
    diff: str

    def write(self, folder: Path) -> list[Path]:
        """Write all of it into the folder, in the place of what was kept there before; the files."""
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in _OURS:
            for old in folder.glob(pattern):
                old.unlink()
        files = {
            REPORT: self.report(),
            ROUNDS: _ROUNDS.dump_json(list(self.rounds), indent=1).decode() + "\n",
            **self._patches(),
            **self.plots(),
        }
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return [folder / name for name in files]

    def report(self) -> str:
        """The report with every round: how it began and ended, then one section for each."""
        plots = [f"![{chart.title}]({name})" for name, chart in self._charts()]
        parts = [tell_end(self.name, self.rounds, self.decided, "").strip(), *plots, *(self._section(each) for each in self.rounds)]
        return "\n\n".join(parts) + "\n"

    def plots(self) -> dict[str, str]:
        """The plots, by the names of their files."""
        return {name: chart.to_svg() for name, chart in self._charts()}

    def _section(self, each: Round) -> str:
        parts = [f"## Round {each.number}: {FATES[each.fate]}"]
        if each.patch:
            parts += [each.about, f"Patch: [{_patch_name(each)}]({_patch_name(each)})", fence(each.patch, "diff")]
        if each.checks is not None:
            played = [f"- {'passed' if one.passed else 'FAILED'}: {one.name} {one.about}".rstrip() for one in each.checks.played]
            parts.append("\n".join(["Functional tests:", "", *played, each.checks.note]).strip())
        if each.report is not None:
            parts += [tell_report(each.report), "\n".join(f"- {tell_verdict(verdict)}" for verdict in each.report.verdicts)]
        if (words := self.words.get(each.number)) is not None:
            parts.append(f"What the critic says:\n\n{_quoted(words)}")
        return "\n\n".join(part for part in parts if part)

    def _patches(self) -> dict[str, str]:
        single = {_patch_name(each): each.patch for each in self.rounds if each.patch}
        return {**single, **({WHOLE: self.diff} if self.diff else {})}

    def _charts(self) -> Iterator[tuple[str, Chart]]:
        measured = [each for each in self.rounds if each.report is not None]
        if not measured:
            return
        first, last = measured[0], next((each for each in reversed(measured) if each.stands), measured[0])
        yield "rounds.svg", _over_rounds(measured)
        before = {each.name: each for each in first.report.measured} if first.report else {}
        for each in last.report.measured if last.report else ():
            if each.name in before:
                pair = {"round 1": before[each.name], f"round {last.number}": each}
                yield f"{each.name}-spread.svg", spread_chart(each.name, pair)
                yield f"{each.name}-time.svg", time_chart(each.name, pair)


def _over_rounds(rounds: Sequence[Round]) -> Chart:
    """How many times its limit every budget took that was ever missed, round by round."""
    missed = {_name(verdict): verdict for each in rounds for verdict in _verdicts(each) if not verdict.passed and verdict.limit}
    lines = [Line(verdict.budget, _course(rounds, name)) for name, verdict in missed.items()]
    x = Axis("round", rounds[0].number - 0.3, rounds[-1].number + 0.3, is_whole=True)
    values = [y for line in lines for _, y in line.points]
    return Chart("Budgets over the rounds", x, span("times its limit", [*values, 1.0], is_log=True), lines, 1.0, "limit")


def _course(rounds: Sequence[Round], name: tuple[str, str]) -> list[Point]:
    found = [(each.number, verdict) for each in rounds for verdict in _verdicts(each) if _name(verdict) == name]
    strains = [(float(number), strain_of(verdict)) for number, verdict in found if verdict.measured is not None and verdict.measured >= 0]
    return [(number, strain) for number, strain in strains if math.isfinite(strain)]  # not where nothing at all came through


def _verdicts(each: Round) -> Sequence[Verdict]:
    return each.report.verdicts if each.report is not None else ()


def _name(verdict: Verdict) -> tuple[str, str]:
    return verdict.budget, verdict.measurement


def _patch_name(each: Round) -> str:
    return f"round-{each.number}.patch"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
