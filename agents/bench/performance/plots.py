"""Plots of what was measured: how the times are spread, and when each was; of one report, or of several in the same picture."""

from collections.abc import Mapping

from agents.bench.performance.report import Measured, Report
from agents.bench.plots import Chart, Line, span, spread


def plots_of(reports: Mapping[str, Report]) -> dict[str, str]:
    """SVG texts by the names of their files: two for each measurement of the last of these reports, each report by its name."""
    last = list(reports.values())[-1]
    found: dict[str, str] = {}
    for each in last.measured:
        same = {when: other for when, report in reports.items() for other in report.measured if other.name == each.name}
        found[f"{each.name}-spread.svg"] = spread_chart(each.name, same).to_svg()
        found[f"{each.name}-time.svg"] = time_chart(each.name, same).to_svg()
    return found


def spread_chart(name: str, measured: Mapping[str, Measured]) -> Chart:
    """Which share of the times is at most so long."""
    lines = [Line(when, spread(each.figures.samples_ms)) for when, each in measured.items()]
    values = [x for line in lines for x, _ in line.points]
    return Chart(f"{name}: share of all that took at most so many ms", span("ms", values, is_log=True), span("%", [92.0]), lines)


def time_chart(name: str, measured: Mapping[str, Measured]) -> Chart:
    """Each time, by when it was."""
    pairs = {when: list(zip(each.figures.at_s, each.figures.samples_ms, strict=True)) for when, each in measured.items()}
    lines = [Line(when, points, is_dots=True) for when, points in pairs.items()]
    times = [x for line in lines for x, _ in line.points]
    values = [y for line in lines for _, y in line.points]
    return Chart(f"{name}: over time", span("s since it began", times), span("ms", values, is_log=True), lines)
