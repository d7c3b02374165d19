"""What is said of rounds, in Markdown, from their figures alone: the change request, the assessment and the final report."""

from collections.abc import Iterator, Sequence

from agents.bench.loop import Fate, Next, Round, idle_rounds, standing, strain_of
from agents.bench.performance.report import Finding, Measured, Report, Verdict

FATES: dict[Fate, str] = {
    "first": "as it was",
    "kept": "kept",
    "broken": "taken back: it broke the tests",
    "slower": "taken back: it made it slower",
    "denied": "not allowed",
    "unfit": "no patch of this project",
}
_MOST_DETAILS = 12


def slim(each: Round) -> Round:
    """The round without the single samples of its measurements."""
    return each if each.report is None else each.model_copy(update={"report": slim_report(each.report)})


def slim_report(report: Report) -> Report:
    """The report without its single samples, which are for plots."""
    measured = []
    for part in report.measured:
        figures = part.figures.model_copy(update={"samples_ms": [], "at_s": []})
        measured.append(part.model_copy(update={"figures": figures}))
    return report.model_copy(update={"measured": measured})


def assess(report: Report, rounds: Sequence[Round]) -> str:
    """What a measuring says: which budgets are met, by how much, and how that compares with the rounds before."""
    lines = [f"- {tell_verdict(verdict)}" for verdict in report.verdicts] or ["- No budget was held against it."]
    base = standing(rounds)
    if base is not None and base.report is not None:
        lines += [f"- {text}" for text in _compared(base.report, report, f"round {base.number}")]
    return "\n".join(lines)


def tell_report(report: Report) -> str:
    """The figures of a report as a table, and what was found."""
    lines = ["| | average | p50 | p95 | p99 | max | per second | errors |", "|---|---|---|---|---|---|---|---|"]
    for each in report.measured:
        figures = each.figures
        times = (figures.average_ms, figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.max_ms)
        cells = [*(quantity(value, "ms") for value in times), quantity(figures.throughput_per_s, ""), str(figures.errors)]
        lines.append(f"| {each.name} | {' | '.join(cells)} |")
    found = [f"- {_wish(finding)}" for finding in report.findings]
    return "\n".join(lines) + ("\n\nFound:\n\n" + "\n".join(found) if found else "")


def tell_verdict(verdict: Verdict) -> str:
    """One budget and what was measured, in one line."""
    measured = f"measured {_figure(verdict)}" if verdict.measured is not None else "it could not be measured"
    return f"**{verdict.budget}**: {'met' if verdict.passed else 'missed'}, {measured}."


def request_changes(rounds: Sequence[Round], decided: Next) -> str:
    """What the critic says after a round: what became of the patch, what is missed, and what is to be changed where."""
    last = rounds[-1]
    parts = [f"**Round {last.number}: {_heading(last)}.** {decided.reason}"]
    if last.fate == "broken" or decided.verb == "unfounded":
        parts.append(_failures(last))
    base = standing(rounds)
    report = base.report if base is not None else None
    if decided.goes_on and report is not None:
        parts.append(_wishes(report))
    if decided.goes_on and not last.stands:
        parts.append("The patch of this round doesn't count; the next one starts from the state before it. Try another change.")
    if decided.goes_on and last.stands and (idle := idle_rounds(rounds)):
        parts.append(f"That improved nothing ({idle} in a row): the next change has to go to the cause.")
    return "\n\n".join(part for part in parts if part)


def tell_end(name: str, rounds: Sequence[Round], decided: Next, diff: str) -> str:
    """The final report: how it ended, first against last, every round, and the whole change as one diff."""
    parts = [f"# {name}: {_ending(decided)}", decided.reason, _ratios(rounds), _table(rounds)]
    changes = [f"{each.number}. {each.about or 'a change'}" for each in rounds if each.fate == "kept"]
    if changes:
        parts.append("## What was changed\n\n" + "\n".join(changes))
    if diff:
        taking = "The project itself is as it was. To take the change over, save this and run `git apply` in its folder."
        parts += [taking, fence(diff, "diff")]
    return "\n\n".join(part for part in parts if part) + "\n"


def ratios(rounds: Sequence[Round]) -> dict[str, float]:
    """How many times better each budget's figure is in the last state than in the first."""
    first, last = _ends(rounds)
    if first is None or last is None:
        return {}
    known = {(each.budget, each.measurement): each for each in first.verdicts}
    pairs = {each.budget: (known.get((each.budget, each.measurement)), each) for each in last.verdicts}
    found = {budget: ratio(was, now) for budget, (was, now) in pairs.items() if was is not None}
    return {budget: round(gain, 2) for budget, gain in found.items() if gain is not None}


def ratio(was: Verdict, now: Verdict) -> float | None:
    """How many times better a figure has become; None where one of the two is nothing, or not known."""
    before, after = was.measured or 0, now.measured or 0
    if before <= 0 or after <= 0:
        return None
    return after / before if now.figure == "throughput" else before / after


def fence(text: str, language: str = "") -> str:
    """`text` as a block of code, whatever backticks are in it."""
    marks = "```"
    while marks in text:
        marks += "`"
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def quantity(value: float, unit: str) -> str:
    """A figure as people read it."""
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    return f"{text} {unit}".strip()


def _heading(last: Round) -> str:
    if last.number == 1:
        return "the code as it is"
    return f"the patch was {FATES[last.fate]}" if last.fate in ("kept", "denied") else f"the patch was {FATES[last.fate].partition(':')[0]}"


def _failures(last: Round) -> str:
    if last.checks is None:
        return last.note
    lines: list[str] = []
    for played in last.checks.played:
        if not played.passed:
            lines.append(f"- **{played.name}** failed: {played.about}")
            lines += [f"  {detail}" for detail in played.details[:_MOST_DETAILS]]
    return "\n".join(lines)


def _wishes(report: Report) -> str:
    missed = [tell_verdict(verdict) for verdict in report.verdicts if not verdict.passed]
    wishes = [f"{number}. {_wish(finding)}" for number, finding in enumerate(report.findings, start=1)]
    if not wishes:
        wishes = ["Nothing was found that explains it; look at what the slowest measurement waits for."]
    return "\n".join(missed) + "\n\nPlease change:\n\n" + "\n".join(wishes)


def _wish(finding: Finding) -> str:
    where = ":".join(str(part) for part in (finding.file, finding.line) if part)
    place = f" in `{finding.function}`" if finding.function else ""
    return f"{f'`{where}`' if where else finding.measurement}{place}: {finding.action} (Why: {finding.evidence})"


def _ending(decided: Next) -> str:
    return {
        "met": "every budget is met",
        "stuck": "no further progress",
        "used_up": "not every budget is met",
        "unfounded": "the tests fail",
        "nothing": "nothing left to try",
        "again": "under way",
    }[decided.verb]


def _ends(rounds: Sequence[Round]) -> tuple[Report | None, Report | None]:
    measured = [each.report for each in rounds if each.stands and each.report is not None]
    return (measured[0], measured[-1]) if measured else (None, None)


def _ratios(rounds: Sequence[Round]) -> str:
    first, last = _ends(rounds)
    if first is None or last is None or first is last:
        return ""
    return "\n".join(f"- {text}" for text in _compared(first, last, "round 1"))


def _compared(before: Report, now: Report, since: str) -> Iterator[str]:
    """Every budget's figure then and now, and the p95 of what no budget holds to one."""
    known = {(each.budget, each.measurement): each for each in before.verdicts}
    for verdict in now.verdicts:
        if (was := known.get((verdict.budget, verdict.measurement))) is not None:
            yield _change(f"{verdict.budget} ({verdict.measurement})", was, verdict, since)
    judged = {verdict.measurement for verdict in now.verdicts if verdict.figure.startswith("p95")}
    earlier = {each.name: each for each in before.measured}
    for each in now.measured:
        if each.name in earlier and each.name not in judged:
            yield _change(f"{each.name}: p95", _p95(earlier[each.name]), _p95(each), since)


def _p95(each: Measured) -> Verdict:
    """The p95 of a measurement, as a verdict of no budget."""
    return Verdict(budget="", measurement=each.name, figure="p95", measured=each.figures.p95_ms, limit=0, unit="ms", passed=True)


def _change(name: str, was: Verdict, now: Verdict, since: str) -> str:
    figures = f"{_figure(was)} in {since}, {_figure(now)} now"
    gain = ratio(was, now)
    if gain is None:
        return f"**{name}**: {figures}."
    return f"**{name}**: {figures}: {_times(gain)} × better." if gain >= 1 else f"**{name}**: {figures}: {_times(1 / gain)} × worse."


def _figure(verdict: Verdict) -> str:
    return "could not be measured" if verdict.measured is None else quantity(verdict.measured, verdict.unit)


def _times(gain: float) -> str:
    return f"{gain:,.0f}" if gain >= 100 else f"{gain:,.1f}"


def _table(rounds: Sequence[Round]) -> str:
    lines = ["| round | patch | tests | worst budget | |", "|---|---|---|---|---|"]
    for each in rounds:
        tests = "–" if each.checks is None else "passed" if each.checks.passed else "failed"
        lines.append(f"| {each.number} | {FATES[each.fate]} | {tests} | {_worst(each)} |")
    return "\n".join(lines)


def worst_verdict(each: Round) -> Verdict | None:
    """The budget that takes most of its limit in this round."""
    report = each.report
    if report is None or not report.verdicts:
        return None
    return max(report.verdicts, key=strain_of)


def _worst(each: Round) -> str:
    worst = worst_verdict(each)
    if worst is None:
        return "– | "
    return f"{worst.budget}: {_figure(worst)} | {'met' if each.report and each.report.passed else 'missed'}"
