"""The life of a run: queued, started, suspended, resumed, ended. Every function holds the session's stream through `ch`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from agents.events import STATUS_EVENTS, RunCancelling, RunResumed
from agents.llm.profiles import budget_of
from agents.llm.registry import model_info
from agents.models import Run
from agents.services.budget import apply_grants
from agents.services.closing import NOTHING_RENDERED, Rendered, close_leftovers
from agents.services.examples import record_example
from agents.services.reports import settle
from agents.wire import ErrorObject, RunObject, UsageObject
from project.accounts.models import User
from project.accounts.shares import hold_user
from project.errors import Busy, Conflict, RateLimited
from project.ids import new_id
from project.limits import limits
from project.realtime.change import Change
from project.realtime.streams import StreamKey
from sessions.models import Message, WorkSession
from sessions.wire import dump

Resumption = Literal["answered", "restart", "lease_expired"]


@dataclass(frozen=True)
class RunDraft:
    """What a new run is to do."""

    workflow: str
    agent: User
    starter: User
    parent: Run | None = None
    relation: Literal["", "retry", "refinement"] = ""
    effort: str = ""
    is_urgent: bool = False
    run_id: UUID | None = None


def queue_run(*, ch: Change, session: WorkSession, message: Message, draft: RunDraft) -> Run:
    """A new run in line. Busy when too many are waiting here, RateLimited when the starter has too many anywhere."""
    check_room(session, draft.starter)
    info, own = model_info(draft.agent.username), budget_of(draft.agent.username)
    last = Run.objects.filter(session=session).order_by("-number").values_list("number", flat=True).first()
    run = Run(
        id=draft.run_id or new_id(),
        session=session,
        number=(last or 0) + 1,
        agent=draft.agent,
        started_by=draft.starter,
        message=message,
        parent=draft.parent,
        relation=draft.relation,
        workflow=draft.workflow,
        effort=draft.effort,
        is_urgent=draft.is_urgent,
        position=_place_in_line(session, is_urgent=draft.is_urgent),
        model={"adapter": info["adapter"], "name": info["name"]},
        usage=dump(UsageObject()),
        budget={
            "tokens": own.tokens or limits().run_tokens,
            "cost_usd": own.cost_usd,
            "steps": own.steps or limits().run_steps,
            "seconds": own.seconds or limits().run_active_s,
        },
        created=ch.now,
    )
    run.save(force_insert=True)
    tell_status(ch, run)
    settle(ch=ch, session=session)
    return run


def check_room(session: WorkSession, starter: User) -> None:
    """Refuse a further run when the line here or the starter's share everywhere is full."""
    waiting = Run.objects.filter(session=session, status=Run.Status.QUEUED)
    if waiting.count() >= limits().queued_messages:
        raise Busy("Too many messages are waiting here. Withdraw one or wait.", data=busy_data(waiting.order_by("number").last(), session))
    hold_user(starter)
    if Run.objects.filter(started_by=starter, status__in=Run.UNFINISHED).count() >= limits().runs_per_user:
        raise RateLimited(f"You have {limits().runs_per_user} runs under way. Wait for one to end.", retry_after_s=10)


def busy_data(run: Run | None, session: WorkSession) -> dict[str, object]:
    """The data of a `busy` refusal."""
    return {"run": dump(RunObject.of(run)) if run else None, "session": str(session.id)}


def begin_attempt(*, ch: Change, run: Run, owner: str, resumption: Resumption | None) -> None:
    """The next attempt at the run, under a new lease of `owner`."""
    run.attempt += 1
    run.attempts = [*run.attempts, {"number": run.attempt, "started": ch.now.isoformat(), "ended": None, "reason": None}]
    run.status, run.position, run.is_ready = Run.Status.RUNNING, None, False
    apply_grants(run)
    run.started = run.started or ch.now
    run.lease_owner = owner
    run.save()
    if resumption is None:
        tell_status(ch, run)
    else:
        ch.append(RunResumed(run=RunObject.of(run), reason=resumption), StreamKey.session(run.session_id), subject=run.id, actor=run.agent)
    settle(ch=ch, session=run.session)


def tell_grants(*, ch: Change, run: Run) -> None:
    """Raise the budget of a run under way by what people have allowed meanwhile, and tell of it."""
    if apply_grants(run):
        run.save(update_fields=["budget"])
        ch.append(RunResumed(run=RunObject.of(run), reason="answered"), StreamKey.session(run.session_id), subject=run.id, actor=run.agent)


def end_attempt(run: Run, now: datetime, reason: str) -> None:
    """Write down when and why the current attempt ended."""
    last = run.attempts[-1]
    run.active_s += max(0.0, (now - datetime.fromisoformat(last["started"])).total_seconds())
    run.attempts = [*run.attempts[:-1], {**last, "ended": now.isoformat(), "reason": reason}]
    run.lease_owner, run.lease_until = "", None


def suspend_run(*, ch: Change, run: Run) -> None:
    """The run waits for somebody and holds no worker."""
    end_attempt(run, ch.now, "waiting")
    run.status, run.is_ready = Run.Status.WAITING, False
    run.save()
    tell_status(ch, run)
    settle(ch=ch, session=run.session)


def end_run(
    *,
    ch: Change,
    run: Run,
    status: Literal["completed", "failed", "cancelled"],
    error: ErrorObject | None = None,
    rendered: Rendered = NOTHING_RENDERED,
) -> None:
    """The run's last change: what is still open is closed, and its final event told. Nothing of the run follows it."""
    close_leftovers(ch=ch, run=run, status=status, rendered=rendered)
    if run.attempts and run.attempts[-1]["ended"] is None:
        end_attempt(run, ch.now, status)
    run.status = status
    run.error = dump(error) if error else None
    run.position, run.retry_at, run.is_ready, run.finished = None, None, False, ch.now
    run.lease_owner, run.lease_until = "", None
    run.save()
    tell_status(ch, run)
    settle(ch=ch, session=run.session)
    record_example(ch=ch, run=run)


def cancel_run(*, ch: Change, run: Run, rendered: Rendered = NOTHING_RENDERED) -> None:
    """Stop the run: at once where no driver is at it, else by a flag that its driver heeds. Conflict when it is over."""
    if run.is_finished:
        raise Conflict("This run has ended already.", data={"run": dump(RunObject.of(run))})
    if run.status == Run.Status.CANCELLING:
        return
    is_driven = run.status == Run.Status.RUNNING and run.lease_until is not None and run.lease_until > ch.now
    if run.status != Run.Status.QUEUED:
        run.status = Run.Status.CANCELLING
        run.save(update_fields=["status"])
        ch.append(RunCancelling(run=RunObject.of(run)), StreamKey.session(run.session_id), subject=run.id)
    if is_driven:
        settle(ch=ch, session=run.session)
    else:
        end_run(ch=ch, run=run, status="cancelled", rendered=rendered)


def tell_status(ch: Change, run: Run) -> None:
    """Tell of the status the run has now."""
    actor = ch.actor if run.status in (Run.Status.QUEUED, Run.Status.CANCELLED) else run.agent
    ch.append(STATUS_EVENTS[run.status](run=RunObject.of(run)), StreamKey.session(run.session_id), subject=run.id, actor=actor)


def _place_in_line(session: WorkSession, *, is_urgent: bool) -> int:
    waiting = Run.objects.filter(session=session, status=Run.Status.QUEUED)
    return waiting.filter(is_urgent=True).count() + 1 if is_urgent else waiting.count() + 1
