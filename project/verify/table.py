"""What verify-events and its like show in a terminal."""

from collections.abc import Iterator, Sequence

from agents.contract.figures import Figures, Spread
from agents.contract.validator import EventReport
from project.verify.crowd import DELIVERY_MS, REJOIN_MS, CrowdResult, UserResult

_COLOURS = {"ok": "32", "bad": "31", "head": "1", "dim": "2"}
_SHORT = {
    "agent_started": "started",
    "agent_thinking": "thinking",
    "tool_executing": "executing",
    "tool_completed": "completed",
    "agent_completed": "done",
}
_MOST_FAULTS = 20


class Paint:
    """Colours a text, or leaves it as it is."""

    def __init__(self, *, has_colour: bool) -> None:
        self._has_colour = has_colour

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if self._has_colour else text

    def verdict(self, is_ok: bool, text: str) -> str:
        return self("ok" if is_ok else "bad", text)


def crowd_lines(result: CrowdResult, paint: Paint) -> Iterator[str]:
    """A row per user, the faults, the figures of all, and the verdict."""
    heads = ["user", "events", *_SHORT.values(), "faults", "missed", "mixed", "delivery ms", "return ms", ""]
    rows = [_row(user) for user in result.users]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    yield paint("head", _join(heads, widths))
    for row, user in zip(rows, result.users, strict=True):
        yield paint.verdict(user.ok, _join(row, widths)) if not user.ok else _join(row[:-1], widths) + "  " + paint("ok", row[-1])
    for user in result.users:
        yield from (f"  {user.user}: {line}" for line in _complaints(user))
    yield ""
    yield f"Delivery  {_spread(result.delivery)}   mark: median at most {DELIVERY_MS:g} ms"
    yield f"Return    {_spread(result.rejoined)}   mark: at most {REJOIN_MS:g} ms"
    counts = f"{len(result.users)} users, {result.runs} runs, {result.events} events in {result.seconds:g} s"
    faults = f"{result.faults} faults, {result.missed} missed, {result.mixed} mixed"
    yield paint.verdict(result.ok, f"{'PASSED' if result.ok else 'FAILED'}  {counts}: {faults}")


def report_lines(report: EventReport, paint: Paint) -> Iterator[str]:
    """One stream: its faults, figures and verdict."""
    for fault in report.faults:
        yield f"{paint('bad', f'line {fault.line}')}  {fault.kind}: {fault.message} {paint('dim', fault.rule)}"
    if report.fault_count > len(report.faults):
        yield f"… and {report.fault_count - len(report.faults)} more"
    yield from figure_lines(report.figures, paint)
    if report.lacking:
        yield f"Never seen: {', '.join(report.lacking)}"
    verdict = "PASSED" if report.ok else "FAILED"
    yield paint.verdict(report.ok, f"{verdict}  {report.events} events: {report.fault_count} faults")


def figure_lines(figures: Figures, paint: Paint) -> Iterator[str]:
    """Counts, durations and pauses."""
    for name, count in figures.counts.items():
        yield f"{count:6}  {name}"
    for run in figures.runs:
        yield f"run {paint('dim', run.run)}  {run.ended or 'under way'}, {run.events} events, {_duration(run.ms)}"
    for step in figures.steps:
        about = f"{step.agent} {step.subtask or ''}".strip()
        yield f"step {paint('dim', step.step)}  {about}, {step.thoughts} thoughts, {step.calls} calls, {_duration(step.ms)}"
    for tool in figures.tools:
        yield f"tool {tool.tool_name}: {tool.calls} calls, {tool.failed} failed, {_spread(tool.took)}"
    yield f"Pauses    {_spread(figures.pauses)}"
    if figures.delivery:
        yield f"Delivery  {_spread(figures.delivery)}"


def _row(user: UserResult) -> list[str]:
    report = user.report
    counts = [str(report.figures.counts.get(name, 0)) for name in _SHORT]
    delivery = f"{report.figures.delivery.p50:g}" if report.figures.delivery else "–"
    back = f"{max(user.rejoined_ms):g}" if user.rejoined_ms else "–"
    verdict = "ok" if user.ok else "FAILED"
    return [user.user, str(report.events), *counts, str(report.fault_count), str(user.missed), str(user.mixed), delivery, back, verdict]


def _complaints(user: UserResult) -> list[str]:
    problem = [user.problem] if user.problem else []
    return problem + [f"event {fault.line}: {fault.kind}: {fault.message}" for fault in user.report.faults[:_MOST_FAULTS]]


def _join(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=False)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    return f"p50 {spread.p50:g} ms, p95 {spread.p95:g} ms, most {spread.max:g} ms ({spread.count})"


def _duration(ms: float | None) -> str:
    return "–" if ms is None else f"{ms:g} ms"
