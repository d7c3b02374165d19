"""What lists and outputs carry of a performance report (PROTOCOL §7)."""

from uuid import UUID

from agents.bench.performance.report import Verdict
from project.wire import WireObject


class HeadlineObject(WireObject):
    """The one figure a list shows of a report. `limit` and `budget` are null where nothing limits it."""

    measurement: str
    figure: str
    measured: float
    limit: float | None
    unit: str
    budget: str | None


class SummaryObject(WireObject):
    """What the output of a report carries as its data: enough for a trend over the rounds of a run."""

    report: UUID
    target: str
    round: int | None
    passed: bool | None
    headline: HeadlineObject | None
    verdicts: list[Verdict]
