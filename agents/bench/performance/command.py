"""Measuring from a command line: read the target, measure, show, write."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from agents.bench.errors import BadFile
from agents.bench.files import check_writable
from agents.bench.performance.markdown import to_markdown
from agents.bench.performance.measure import measure
from agents.bench.performance.plots import plots_of
from agents.bench.performance.report import FORMAT, Report
from agents.bench.performance.target import Target
from agents.bench.performance.terminal import to_lines
from agents.bench.processes.supervisor import Supervisor
from agents.bench.scripts.text import Paint


@dataclass(frozen=True)
class Options:
    """What is measured, and where it is told."""

    target: Target
    baseline: Path | None = None
    json: Path | None = None
    markdown: Path | None = None
    plots: Path | None = None
    is_diagnosed: bool = True
    has_colour: bool = False


async def run(options: Options, out: TextIO, on_progress: Callable[[str], None]) -> Report:
    """The report, which is told and written. BenchError before anything is started where the target, a budget or the baseline is wrong."""
    spec = options.target.to_spec()
    baseline = read_report(options.baseline) if options.baseline else None
    check_writable(options.json, options.markdown, folder=options.plots)
    async with Supervisor(spec.services, spec.folder) as supervisor:
        report = await measure(spec, supervisor=supervisor, baseline=baseline, on_progress=on_progress, is_diagnosed=options.is_diagnosed)
    for line in to_lines(report, baseline=baseline, paint=Paint(options.has_colour)):
        print(line, file=out, flush=True)
    _write(options, report, baseline)
    return report


def read_report(path: Path) -> Report:
    """A report that was written as JSON; BadFile where it is none, or one of another format."""
    try:
        report = Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadFile(f"{path} can't be read: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadFile(f"{path} is no report of this command: {place}: {first['msg']}.") from error
    if report.format != FORMAT:
        raise BadFile(f"{path} has format {report.format}; this is format {FORMAT}. Measure the baseline again.")
    return report


def _write(options: Options, report: Report, baseline: Report | None) -> None:
    if options.json:
        options.json.write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(to_markdown(report, baseline), encoding="utf-8")
    if options.plots:
        options.plots.mkdir(parents=True, exist_ok=True)
        reports = {"before": baseline, "now": report} if baseline else {"measured": report}
        for name, svg in plots_of(reports).items():
            (options.plots / name).write_text(svg, encoding="utf-8")
