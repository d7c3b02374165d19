"""The REST views of performance reports, and of the workspaces that may be measured."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import PerformanceReport
from agents.performance import ReportRow, WholeReport, access_report, report_rows, visible_reports, whole_report, without_report
from project.accounts.describe import Operation, list_of
from project.accounts.models import User
from project.realtime.api import ListQuery, list_response, user_of
from project.realtime.view import StrictView
from project.wire import Id
from sessions.wire import dump


class ReportsQuery(ListQuery):
    """`since` and `until` are days in UTC, both included."""

    target: str | None = None
    board: Id | None = None
    card: Id | None = None
    session: Id | None = None
    run: Id | None = None
    passed: bool | None = None
    since: date | None = None
    until: date | None = None


_FIELDS: Mapping[str, str] = {
    "target": "target",
    "board": "output__run__session__board",
    "card": "output__run__session__card",
    "session": "output__run__session",
    "run": "output__run",
    "passed": "passed",
    "since": "created__date__gte",
    "until": "created__date__lte",
}


def find_reports(user: User, query: ReportsQuery) -> QuerySet[PerformanceReport]:
    """The reports this user may see that fit the query."""
    wanted: dict[str, Any] = query.model_dump(exclude_none=True, exclude={"limit", "cursor"})
    return without_report(visible_reports(user)).filter(**{_FIELDS[name]: value for name, value in wanted.items()})


def reports_page(user: User, query: ReportsQuery) -> Response:
    """One page of these reports, newest first."""
    return list_response(query, find_reports(user, query), ["-created", "-id"], lambda page: [dump(row) for row in report_rows(page)])


class ReportListView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Performance reports, newest first", query=ReportsQuery, reply=list_of(ReportRow))
    }

    def get(self, request: Request) -> Response:
        return reports_page(user_of(request), self.query_as(ReportsQuery))


class ReportView(StrictView):
    operations: ClassVar[Mapping[str, Operation]] = {"GET": Operation("A performance report with all its figures", reply=WholeReport)}

    def get(self, request: Request, report_id: UUID) -> Response:
        return Response(dump(whole_report(access_report(user_of(request), report_id))))
