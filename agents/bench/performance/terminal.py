"""A report in a terminal: a table of figures, each budget with its verdict, what was found."""

from collections.abc import Iterator, Sequence

from agents.bench.performance.markdown import amount, cells, headline, number, verdict_on, where
from agents.bench.performance.report import Measured, Report
from agents.bench.scripts.recorder import printable
from agents.bench.scripts.text import Paint

_HEAD = ("", "average", "p50", "p95", "95 % interval", "p99", "max", "per second", "errors", "memory")


def to_lines(report: Report, *, baseline: Report | None = None, paint: Paint | None = None) -> Iterator[str]:
    """All of it, line by line. Times in milliseconds."""
    paint = paint or Paint()
    yield f"{report.target}: {report.machine}, {report.duration_s:.0f} s"
    yield ""
    yield from _table([list(_HEAD), *([each.name, *map(printable, cells(each.figures))] for each in report.measured)])
    yield from (f"  {each.name}: {each.about}" for each in report.measured)
    yield from _budgets(report, paint)
    yield from _findings(report, paint)
    if baseline is not None:
        yield from _compared(baseline, report)
    yield from (paint("dim", f"Note: {printable(note)}") for note in report.notes)
    yield ""
    yield paint("green" if report.passed else "red", headline(report))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *others in rows:
        padded = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *padded]).rstrip()


def _budgets(report: Report, paint: Paint) -> Iterator[str]:
    if report.verdicts:
        yield ""
    for verdict in report.verdicts:
        word = paint("green", "pass") if verdict.passed else paint("red", "MISS")
        yield f"{word}  {verdict.budget}: {verdict.measurement} {verdict.figure} {amount(verdict)}"


def _findings(report: Report, paint: Paint) -> Iterator[str]:
    for finding in report.findings:
        place = f" at {printable(where(finding))}" if where(finding) else ""
        yield ""
        yield f"{paint('bold', finding.kind)} in {finding.measurement}{place}"
        yield f"  {printable(finding.evidence)}"
        yield f"  {printable(finding.action)}"


def _compared(before: Report, after: Report) -> Iterator[str]:
    known = {each.name: each for each in before.measured}
    yield ""
    for each in after.measured:
        yield _change(known[each.name], each) if each.name in known else f"{each.name}: not in the baseline"


def _change(old: Measured, new: Measured) -> str:
    was, now = old.figures.p95_ms, new.figures.p95_ms
    ratio = f"{now / was:.2f} × the baseline's" if was else "the baseline's is 0"
    return f"{new.name}: p95 {number(was)} → {number(now)} ms, {ratio} ({verdict_on(old.figures, new.figures)})"
