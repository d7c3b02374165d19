"""Ending work sessions: with everything that still runs in them."""

from agents.access import runs_with_names
from agents.models import Run
from agents.services.closing import Rendered
from agents.services.runs import cancel_run
from project.realtime.change import Change
from sessions.models import WorkSession
from sessions.services import StopReason, close_session


def stop_session(*, ch: Change, session: WorkSession, rendered: Rendered, reason: StopReason = "stopped") -> None:
    """Stop every run of the session, those in line first, and close it; a closed one stays as it is."""
    if session.status != WorkSession.Status.ACTIVE:
        return
    runs = runs_with_names().filter(session=session)
    for run in [*runs.filter(status=Run.Status.QUEUED).order_by("-number"), *runs.filter(status__in=Run.ACTIVE)]:
        run.session = session
        cancel_run(ch=ch, run=run, rendered=rendered)
    close_session(ch=ch, session=session, reason=reason)
