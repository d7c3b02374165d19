"""Who drives which run: claimed under the session's lock, held by a lease on the database's clock, given back or taken over."""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Exists, OuterRef, Q

from agents.access import requests_with_names, runs_with_names
from agents.models import Request, Run
from agents.services.closing import Rendered, render_open
from agents.services.recovery import recover
from agents.services.requests import expire_request
from agents.services.runs import Resumption, begin_attempt, cancel_run, end_attempt, end_run
from agents.statements import get_run_with_names
from agents.wire import ErrorObject
from project.clock import db_now
from project.errors import Unavailable
from project.limits import limits
from project.realtime.change import Call, Change
from project.realtime.transaction import run_change
from project.realtime.turn import writers_turn
from sessions.access import streams_of
from sessions.models import WorkSession
from sessions.services import close_session

log = logging.getLogger(__name__)

MOST_CRASHES = 3

AWAY = (OperationalError, InterfaceError, Unavailable)
"""What says that the database is away or busy, and nothing of what it was asked for."""

WORKER_LOST = ErrorObject(
    code="worker_lost",
    message=f"The worker was lost {MOST_CRASHES} times while this run was under way.",
    hint="Look at the server's log for what ends the process, then retry.",
)


@dataclass(frozen=True)
class Claim:
    """A run taken, and the number of the attempt at it."""

    run_id: UUID
    attempt: int


def claim_next(owner: str, *, besides: Collection[UUID] = ()) -> Claim | None:
    """Take the next run that may go on, or None. Runs that can only be ended (cancelled, crashed too often) are ended on the way."""
    for run_id in _claimable(besides):
        with _alone(f"Run {run_id} could not be taken"):
            claim = _claim(run_id, owner)
            if claim is not None:
                return claim
    return None


def renew(owner: str, run_ids: Collection[UUID]) -> None:
    """Hold on to these runs of this owner for another while."""
    with writers_turn():
        held = Run.objects.filter(id__in=run_ids, lease_owner=owner, status__in=[Run.Status.RUNNING, Run.Status.CANCELLING])
        held.update(lease_until=_lease_end(db_now()))


def release(claims: Sequence[Claim]) -> None:
    """Give runs back in good order: the next attempt counts no crash."""
    for claim in claims:
        with writers_turn():
            Run.objects.filter(id=claim.run_id, attempt=claim.attempt).update(lease_owner="", lease_until=db_now())


def release_all(owner: str) -> None:
    """Give back, as `release` does, whatever this owner still holds: nothing of it is driven any more."""
    with writers_turn():
        Run.objects.filter(lease_owner=owner).update(lease_owner="", lease_until=db_now())


def void_leases() -> None:
    """On SQLite, where one process is all there is: whoever held a run before this one has started is gone."""
    if connection.vendor == "sqlite":
        with writers_turn():
            Run.objects.filter(lease_until__gt=db_now()).update(lease_until=db_now())


def sweep() -> None:
    """End what nobody waits for any more: runs of deleted boards, requests past their time, work sessions in which nothing happens."""
    now = db_now()
    for run in runs_with_names().filter(session__board__deleted__isnull=False, status__in=Run.UNFINISHED)[:100]:
        with _alone(f"Run {run.id} could not be withdrawn"):
            _withdraw(run)
    overdue = requests_with_names().filter(status=Request.Status.OPEN, expires__lte=now)
    for request in overdue[:100]:
        with _alone(f"Request {request.id} could not expire"):
            _expire(request.id, request.session)
    idle_since = now - timedelta(seconds=limits().session_idle_s)
    busy = Run.objects.filter(session=OuterRef("pk"), status__in=Run.UNFINISHED)
    idle = WorkSession.objects.filter(status=WorkSession.Status.ACTIVE, active__lt=idle_since, deleted__isnull=True).exclude(Exists(busy))
    for session in idle.select_related("owner")[:100]:
        with _alone(f"Session {session.id} could not be stopped"):
            _stop_idle(session, idle_since)


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """A defect inside is logged and holds up nothing else. A database that is away or busy holds up all."""
    try:
        yield
    except AWAY:
        raise
    except Exception:
        log.exception("%s; it is tried again.", what)


def _claimable(besides: Collection[UUID]) -> list[UUID]:
    """Runs that may be taken, oldest first; whether they still may is asked again under the lock."""
    is_free = Q(lease_owner="") | Q(lease_until__lt=db_now())
    taken = Run.objects.filter(session=OuterRef("session"), status__in=Run.ACTIVE)
    may_start = Q(status=Run.Status.QUEUED) & ~Exists(taken)
    may_go_on = Q(status=Run.Status.WAITING, is_ready=True) | (Q(status__in=[Run.Status.RUNNING, Run.Status.CANCELLING]) & is_free)
    runs = Run.objects.filter(may_start | may_go_on).exclude(id__in=besides)
    return list(runs.order_by("-is_urgent", "created", "id").values_list("id", flat=True)[:50])


def _claim(run_id: UUID, owner: str) -> Claim | None:
    run = get_run_with_names(run_id)
    rendered = render_open(run_id)

    def take(ch: Change) -> Claim | None:
        current = get_run_with_names(run_id)
        return _take(ch, current, owner, rendered)

    return run_change(Call(actor=run.agent, name="claim", acts_for=run.started_by), streams_of(run.session), take)


def _take(ch: Change, run: Run, owner: str, rendered: Rendered) -> Claim | None:
    is_free = not run.lease_owner or run.lease_until is None or run.lease_until < ch.now
    match run.status:
        case Run.Status.QUEUED if _is_first(run):
            return _begin(ch, run, owner, None)
        case Run.Status.WAITING if run.is_ready:
            return _begin(ch, run, owner, "answered")
        case Run.Status.CANCELLING if is_free:
            end_run(ch=ch, run=run, status="cancelled", rendered=rendered)
        case Run.Status.RUNNING if is_free:
            return _take_over(ch, run, owner, rendered)
    return None


def _take_over(ch: Change, run: Run, owner: str, rendered: Rendered) -> Claim | None:
    """Go on with a run that its driver gave back, or lost. The time since then was nobody's."""
    reason: Resumption = "lease_expired" if run.lease_owner else "restart"
    run.crashes += 1 if run.lease_owner else 0
    end_attempt(run, min(ch.now, run.lease_until or ch.now), reason)
    if run.crashes >= MOST_CRASHES:
        end_run(ch=ch, run=run, status="failed", error=WORKER_LOST, rendered=rendered)
        return None
    recover(ch=ch, run=run, rendered=rendered)
    return _begin(ch, run, owner, reason)


def _begin(ch: Change, run: Run, owner: str, resumption: Resumption | None) -> Claim:
    begin_attempt(ch=ch, run=run, owner=owner, resumption=resumption)
    Run.objects.filter(id=run.id).update(lease_until=_lease_end(ch.now))
    return Claim(run.id, run.attempt)


def _is_first(run: Run) -> bool:
    """Whether nothing is under way in the session and no other run comes before this one."""
    runs = Run.objects.filter(session=run.session_id)
    first = runs.filter(status=Run.Status.QUEUED).order_by("-is_urgent", "number").values_list("id", flat=True).first()
    return first == run.id and not runs.filter(status__in=Run.ACTIVE).exists()


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=limits().run_lease_s)


def _withdraw(run: Run) -> None:
    """Stop a run that nobody can see, and nobody else stop, since its board is deleted."""
    rendered = render_open(run.id)

    def withdraw(ch: Change) -> None:
        current = get_run_with_names(run.id)
        if not current.is_finished:
            cancel_run(ch=ch, run=current, rendered=rendered)

    run_change(Call(actor=run.agent, name="withdraw_run"), streams_of(run.session), withdraw)


def _expire(request_id: UUID, session: WorkSession) -> None:
    request = requests_with_names().get(id=request_id)

    def expire(ch: Change) -> None:
        current = requests_with_names().get(id=request_id)
        if current.status == Request.Status.OPEN and current.expires <= ch.now:
            expire_request(ch=ch, request=current)

    run_change(Call(actor=request.run.agent, name="expire_request"), streams_of(session), expire)


def _stop_idle(session: WorkSession, idle_since: datetime) -> None:
    def stop(ch: Change) -> None:
        current = WorkSession.objects.select_related("owner").get(id=session.id)
        is_busy = Run.objects.filter(session=current, status__in=Run.UNFINISHED).exists()
        if current.status == WorkSession.Status.ACTIVE and current.active < idle_since and not is_busy:
            close_session(ch=ch, session=current, reason="timeout")

    run_change(Call(actor=session.owner, name="stop_idle_session"), streams_of(session), stop)
