"""Reports of measurings are kept here: those of a run beside its output, those made by hand for their owner."""

import json
from dataclasses import dataclass
from typing import Any

from agents.bench.loop import strain_of
from agents.bench.performance.report import Report, Verdict
from agents.models import AgentOutput, PerformanceReport
from agents.performance_wire import HeadlineObject, SummaryObject
from agents.services.outputs import OutputFacts, store_output
from agents.services.scope import Scope, Step
from project.accounts.models import User
from project.ids import new_id
from project.realtime.change import Call, Change
from project.realtime.transaction import run_change
from sessions.wire import dump


@dataclass(frozen=True)
class ReportFacts:
    """A report before it is kept. `content` is it in Markdown, `html` that rendered; `key` is the run's own name for it."""

    key: str
    report: Report
    round: int | None
    content: str
    html: str


def keep_report(*, scope: Scope, step: Step, facts: ReportFacts) -> PerformanceReport:
    """The report as a row and as an output of the run, told as `output_added`; under a key used before, the row that is there."""
    known = PerformanceReport.objects.filter(output__run=scope.run, output__key=facts.key).first()
    if known is not None:
        return known
    row = _row(facts.report, owner=scope.run.started_by, ch=scope.ch)
    row.round = facts.round
    title = f"Performance of {row}: {WORDS[row.passed]}"
    data = dump(_summary(row))
    output = OutputFacts(facts.key, AgentOutput.Kind.PERFORMANCE, title, facts.content, facts.html, data)
    row.output = store_output(scope=scope, step=step, facts=output)
    row.save(force_insert=True)
    return row


def keep_own_report(*, owner: User, report: Report) -> PerformanceReport:
    """A report that no run has made, for its owner and staff.

    It belongs to no board and no work session, so there is no stream to tell of it: the change locks none and appends nothing.
    """

    def keep(ch: Change) -> PerformanceReport:
        row = _row(report, owner=owner, ch=ch)
        row.save(force_insert=True)
        return row

    return run_change(Call(actor=owner, name="keep_report"), (), keep)


WORDS = {True: "passed", False: "failed", None: "no budget"}


def headline_of(report: Report) -> HeadlineObject | None:
    """The figure that says most: the budget that is missed by most, else the p95 nearest to its limit, else the slowest p95."""
    if report.verdicts:
        worst = max(report.verdicts, key=lambda each: (not each.passed, each.figure.startswith("p95"), strain_of(each)))
        return HeadlineObject(**worst.model_dump(exclude={"passed"}))
    if report.measured:
        slowest = max(report.measured, key=lambda each: each.figures.p95_ms)
        measured = slowest.figures.p95_ms
        return HeadlineObject(measurement=slowest.name, figure="p95", measured=measured, limit=None, unit="ms", budget=None)
    return None


def _row(report: Report, *, owner: User, ch: Change) -> PerformanceReport:
    plain, headline = _plain(report), headline_of(report)
    return PerformanceReport(
        id=new_id(),
        owner=owner,
        target=report.target[:100],
        passed=report.passed if report.verdicts else None,
        headline=dump(headline) if headline else None,
        verdicts=plain["verdicts"],
        report=plain,
        created=ch.now,
    )


def _plain(report: Report) -> dict[str, Any]:
    """The report as JSON that every database takes: a program that was measured may have said NUL, which PostgreSQL refuses."""
    plain: dict[str, Any] = json.loads(report.model_dump_json().replace("\\u0000", "\\ufffd"))
    return plain


def _summary(row: PerformanceReport) -> SummaryObject:
    return SummaryObject(
        report=row.id,
        target=row.target,
        round=row.round,
        passed=row.passed,
        headline=HeadlineObject(**row.headline) if row.headline else None,
        verdicts=[Verdict(**each) for each in row.verdicts],
    )
