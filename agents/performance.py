"""Reads of performance reports: who sees which, and what a list, a page and a card show of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from agents.bench.performance.report import Verdict
from agents.models import PerformanceReport
from agents.performance_wire import HeadlineObject
from agents.places import BoardName, CardName, Place, SessionName, name_places
from project.accounts.models import User
from project.accounts.wire import UserObject
from project.errors import NotFound
from project.wire import Time, WireObject
from sessions.access import visible_sessions


class RunName(WireObject):
    id: UUID
    number: int


class ReportRow(WireObject):
    """A report in a list. `passed` is null where there was no budget; a report that was made by hand comes from no place."""

    id: UUID
    target: str
    round: int | None
    passed: bool | None
    headline: HeadlineObject | None
    verdicts: list[Verdict]
    owner: UserObject
    run: RunName | None
    output: UUID | None
    board: BoardName | None
    card: CardName | None
    session: SessionName | None
    created: Time


class WholeReport(ReportRow):
    """A report with all that was measured: `report` as agents/bench/performance/report.py describes it."""

    report: dict[str, Any]


def visible_reports(user: User) -> QuerySet[PerformanceReport]:
    """Every report this user may see: those of work sessions that are open to them, their own, and for staff all made by hand."""
    by_hand = Q(output=None) if user.is_staff else Q(output=None, owner=user)
    of_runs = Q(output__run__session__in=visible_sessions(user))
    return PerformanceReport.objects.select_related("owner", "output__run__session__board").filter(of_runs | by_hand)


def access_report(user: User, report_id: UUID) -> PerformanceReport:
    """The report, for whoever may see it."""
    report = visible_reports(user).filter(id=report_id).first()
    if report is None:
        raise NotFound
    return report


def report_rows(reports: Sequence[PerformanceReport]) -> list[ReportRow]:
    """These reports as rows of a list."""
    places = name_places(report.output.run.session for report in reports if report.output)
    return [ReportRow(**_row(report, places)) for report in reports]


def whole_report(report: PerformanceReport) -> WholeReport:
    """The report with everything it holds."""
    places = name_places([report.output.run.session] if report.output else [])
    return WholeReport(**_row(report, places), report=report.report)


def without_report(reports: QuerySet[PerformanceReport]) -> QuerySet[PerformanceReport]:
    """The same rows without their large fields, for lists."""
    return reports.defer("report", "output__content", "output__html", "output__data")


def _row(report: PerformanceReport, places: dict[UUID, Place]) -> dict[str, Any]:
    run = report.output.run if report.output else None
    place = places[run.session_id] if run else None
    return {
        "id": report.id,
        "target": report.target,
        "round": report.round,
        "passed": report.passed,
        "headline": HeadlineObject(**report.headline) if report.headline else None,
        "verdicts": [Verdict(**each) for each in report.verdicts],
        "owner": UserObject.of(report.owner),
        "run": RunName(id=run.id, number=run.number) if run else None,
        "output": report.output_id,
        "board": place.board if place else None,
        "card": place.card if place else None,
        "session": place.session if place else None,
        "created": report.created,
    }
