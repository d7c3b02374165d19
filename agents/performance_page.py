"""The Performance pages: the list, one report, two of them compared; each a template and the data its island starts from."""

from collections.abc import Iterable
from typing import Any

from agents.models import PerformanceReport
from agents.performance import access_report, report_rows, visible_reports, whole_report, without_report
from agents.performance_api import ReportsQuery, reports_page
from boards.models import Card
from boards.pages import IslandPage
from project.accounts.models import User
from sessions.wire import dump

TARGETS_OFFERED = CARDS_OFFERED = 200
COMPARABLE = 50
"""How many other reports of a target are offered to compare one with, the newest first."""


class PerformanceListPage(IslandPage):
    """Every report the user may see, and the targets there are to choose from."""

    template_name = "agents/performance.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        del kwargs
        targets = visible_reports(user).order_by("target").values_list("target", flat=True).distinct()[:TARGETS_OFFERED]
        return {
            "view": "list",
            "reports": reports_page(user, ReportsQuery()).data,
            "targets": list(targets),
            "cards": _measured_cards(user),
        }


class PerformanceReportPage(IslandPage):
    """One report, the rounds of the same run, and what else was measured of the same target."""

    template_name = "agents/performance.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        report = access_report(user, kwargs["report_id"])
        same = without_report(visible_reports(user)).filter(target=report.target).exclude(id=report.id)
        rounds = same.filter(output__run=report.output.run) if report.output else same.none()
        return {
            "view": "report",
            "report": dump(whole_report(report)),
            "rounds": _dumped(sorted([*rounds, report], key=lambda each: (each.round or 0, each.created))),
            "others": _dumped(same.order_by("-created", "-id")[:COMPARABLE]),
        }


class PerformanceComparisonPage(IslandPage):
    """Two reports side by side."""

    template_name = "agents/performance.html"

    def island_data(self, user: User, **kwargs: Any) -> dict[str, Any]:
        before, after = (dump(whole_report(access_report(user, kwargs[name]))) for name in ("before_id", "after_id"))
        return {"view": "comparison", "before": before, "after": after}


def _measured_cards(user: User) -> list[dict[str, Any]]:
    """The cards that the user's reports come from; deleted ones are no choice."""
    ids = visible_reports(user).filter(output__isnull=False).order_by().values("output__run__session__card").distinct()
    cards = Card.objects.select_related("board").filter(id__in=ids).order_by("board__name", "number")[:CARDS_OFFERED]
    return [{"id": str(card.id), "number": card.number, "title": card.title, "board": card.board.name} for card in cards]


def _dumped(reports: Iterable[PerformanceReport]) -> list[dict[str, Any]]:
    return [dump(row) for row in report_rows(list(reports))]
