"""Reports as Markdown: one by itself, and two beside each other."""

from collections.abc import Iterator

from agents.bench.performance.report import Figures, Finding, Measured, Report, Verdict

_HEAD = ("average", "p50", "p95", "p95 is within", "p99", "max", "per second", "errors", "memory")


def to_markdown(report: Report, baseline: Report | None = None) -> str:
    """The report: figures, budgets, findings, notes, and the comparison with a baseline."""
    taken = f"{report.created}, {report.machine}; {report.duration_s:.0f} s."
    parts = [f"# Measurements of {_plain(report.target)}", f"{headline(report)} {taken}"]
    parts.append(_table(["", *_HEAD], [[f"**{each.name}**", *map(_plain, cells(each.figures))] for each in report.measured]))
    parts.append("\n".join(f"- **{each.name}**: {_plain(each.about)}" for each in report.measured))
    parts.append("All times are in milliseconds; a failure counts as the whole time-out.")
    if report.verdicts:
        parts += ["## Budgets", _table(["budget", "of", "measured", ""], [_judged(verdict) for verdict in report.verdicts])]
    if report.findings:
        parts += ["## Findings", "\n".join(_found(finding) for finding in report.findings)]
    if baseline is not None:
        parts += ["## Compared", compare(baseline, report)]
    if report.notes:
        parts += ["## Notes", "\n".join(f"- {_plain(note)}" for note in report.notes)]
    return "\n\n".join(parts) + "\n"


def headline(report: Report) -> str:
    """Whether it passed, in a sentence."""
    missed = [verdict for verdict in report.verdicts if not verdict.passed]
    if not report.verdicts:
        return "No budget was stated."
    count = len(report.verdicts)
    if not missed:
        return f"Passed: all {count} budgets are met." if count > 1 else "Passed: the budget is met."
    if count == 1:
        return "Failed: the budget is missed."
    return f"Failed: {len(missed)} of {count} budgets {'is' if len(missed) == 1 else 'are'} missed."


def cells(figures: Figures) -> list[str]:
    """The figures of one measurement as texts, in the order of the head."""
    low, high = figures.interval_ms
    kinds = ", ".join(f"{count} × {kind}" for kind, count in figures.error_kinds.items())
    memory = "" if figures.memory_growth_kb is None else f"{figures.memory_growth_kb / 1024:+,.1f} MB"
    return [
        number(figures.average_ms),
        number(figures.p50_ms),
        number(figures.p95_ms),
        f"{number(low)} – {number(high)}",
        number(figures.p99_ms),
        number(figures.max_ms),
        number(figures.throughput_per_s),
        kinds or "0",
        memory,
    ]


def compare(before: Report, after: Report) -> str:
    """What became of each measurement: its figures then and now, with their ratio."""
    known = {each.name: each for each in before.measured}
    pairs = [(known[each.name], each) for each in after.measured if each.name in known]
    if not pairs:
        return f"The two have no measurement in common: {_plain(before.target)} of {before.created}."
    rows = [row for pair in pairs for row in _compared(*pair)]
    return f"Before: {before.created}.\n\n" + _table(["", "figure", "before", "now", "ratio", ""], rows)


def _compared(before: Measured, after: Measured) -> Iterator[list[str]]:
    old, new = before.figures, after.figures
    yield [after.name, "p50", *_ratio(old.p50_ms, new.p50_ms), ""]
    yield [after.name, "p95", *_ratio(old.p95_ms, new.p95_ms), verdict_on(old, new)]
    if old.to_all and new.to_all:
        yield [after.name, "p95 to all", *_ratio(old.to_all.p95_ms, new.to_all.p95_ms), ""]
    yield [after.name, "per second", *_ratio(old.throughput_per_s, new.throughput_per_s), ""]


def verdict_on(old: Figures, new: Figures) -> str:
    """Whether p95 has changed, as far as its intervals tell."""
    if new.interval_ms[1] < old.interval_ms[0]:
        return "faster"
    return "slower" if new.interval_ms[0] > old.interval_ms[1] else "no clear difference"


def _ratio(old: float, new: float) -> list[str]:
    return [number(old), number(new), f"{new / old:.2f} ×" if old else "–"]


def _judged(verdict: Verdict) -> list[str]:
    return [_plain(verdict.budget), verdict.measurement, amount(verdict), "met" if verdict.passed else "**missed**"]


def amount(verdict: Verdict) -> str:
    """What was measured, in the budget's unit."""
    if verdict.measured is None:
        return "could not be measured"
    return f"{number(verdict.measured)} {verdict.unit}".strip()


def where(finding: Finding) -> str:
    """The place of a finding; empty where none is known."""
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return f"{place} {finding.function}".strip()


def _found(finding: Finding) -> str:
    place = f" at `{where(finding)}`" if where(finding) else ""
    return f"- **{finding.kind}** in {finding.measurement}{place}. {_plain(finding.evidence)} {_plain(finding.action)}"


def number(value: float) -> str:
    """A figure with as many digits as mean something."""
    is_whole = abs(value - round(value)) < 1e-6
    return f"{value:,.0f}" if abs(value) >= 100 or is_whole else f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text from outside that must not become a heading, a tag or a line of its own."""
    return " ".join(text.split()).replace("<", "&lt;")
