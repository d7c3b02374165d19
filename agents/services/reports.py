"""What the work session and its card show of their runs: places in line, the phase, the newest run."""

from agents.access import runs_with_names
from agents.events import RunQueued
from agents.launchers.wake import wake
from agents.models import Request, Run
from agents.wire import RunObject
from boards.services.runs import report_run
from project.realtime.change import Change
from project.realtime.streams import StreamKey
from sessions.models import WorkSession
from sessions.selectors import count_card_sessions
from sessions.services import set_phase, touch
from sessions.wire import dump


def settle(*, ch: Change, session: WorkSession) -> None:
    """After a run has changed its status: renumber the line, tell the phase, report to the card, wake the launcher.

    The change has locked the session's stream and, if it has one, its board's.
    """
    _renumber(ch, session)
    if session.status == WorkSession.Status.ACTIVE:
        set_phase(ch=ch, session=session, phase=_phase(session))
    report_card(ch=ch, session=session)
    touch(ch=ch, session=session)
    ch.after_commit(wake)


def report_card(*, ch: Change, session: WorkSession) -> None:
    """Show the card its newest run. The change has locked the board's stream."""
    if session.card_id is None:
        return
    newest = runs_with_names().filter(session__card_id=session.card_id).order_by("-created", "-id").first()
    run = _card_view(newest) if newest else None
    report_run(ch=ch, card_id=session.card_id, run=run, session_count=count_card_sessions(session.card_id))


def _card_view(run: Run) -> dict[str, object]:
    """The run as its card shows it (PROTOCOL §5)."""
    whole = dump(RunObject.of(run))
    return {
        **{name: whole[name] for name in ("id", "session", "agent", "status", "progress", "position")},
        "open_requests": Request.objects.filter(run=run, status=Request.Status.OPEN).count(),
        "retry_at": run.retry_at.isoformat().replace("+00:00", "Z") if run.retry_at else None,
        "finished": whole["finished"],
    }


def _renumber(ch: Change, session: WorkSession) -> None:
    """Tell every run in line its place, where that has changed."""
    waiting = runs_with_names().filter(session=session, status=Run.Status.QUEUED).order_by("-is_urgent", "number")
    for place, run in enumerate(waiting, start=1):
        if run.position != place:
            run.position = place
            run.save(update_fields=["position"])
            ch.append(RunQueued(run=RunObject.of(run)), StreamKey.session(session.id), subject=run.id)


def _phase(session: WorkSession) -> str:
    runs = Run.objects.filter(session=session)
    statuses = set(runs.filter(status__in=Run.UNFINISHED).values_list("status", flat=True))
    if statuses:
        return WorkSession.Phase.WAITING if Run.Status.WAITING in statuses else WorkSession.Phase.EXECUTING
    last = runs.order_by("-finished", "-number").first()
    is_refinable = last is not None and last.status == Run.Status.COMPLETED and last.workflow == WorkSession.Workflow.RESOLVE
    return WorkSession.Phase.REFINEMENT_READY if is_refinable else WorkSession.Phase.IDLE
