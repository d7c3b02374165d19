"""Every write of a run's driver goes through `write`: in the right streams, by the attempt that still holds the run, or not at all."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from agents.models import Run
from agents.services.scope import Scope, Where
from agents.statements import get_run_with_names
from project.accounts.models import User
from project.realtime.change import Call, Change
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change

T = TypeVar("T")

_HELD = (Run.Status.RUNNING, Run.Status.CANCELLING)


class Fenced(Exception):
    """Another attempt holds the run, or it has ended: this driver has to stop at once."""


class Stopping(Exception):
    """The run is to be cancelled: nothing new begins."""


@dataclass(frozen=True)
class Attempt:
    """One driver's hold on a run."""

    run_id: UUID
    number: int
    session_id: UUID
    board_id: UUID | None
    card_id: UUID | None
    agent: User
    starter: User

    @property
    def where(self) -> Where:
        return Where(self.run_id, self.session_id, self.board_id, self.card_id)

    def streams(self, *, is_reporting: bool) -> tuple[StreamKey, ...]:
        own = StreamKey.session(self.session_id)
        return (own, StreamKey.board(self.board_id)) if is_reporting and self.board_id else (own,)


def load_attempt(run_id: UUID, number: int) -> Attempt:
    """The hold that attempt `number` has on the run; Fenced when it has none any more."""
    run = get_run_with_names(run_id)
    if run.attempt != number or run.status not in _HELD:
        raise Fenced
    return Attempt(run.id, number, run.session_id, run.session.board_id, run.session.card_id, run.agent, run.started_by)


def write(attempt: Attempt, work: Callable[[Scope], T], *, is_reporting: bool = False, while_stopping: bool = False) -> T:
    """What `work` returns, done in one change of the run. `is_reporting` says that the card is told too.

    Raises Fenced when the attempt has lost the run, and Stopping when it is being cancelled, unless that is `while_stopping`.
    """

    def guarded(ch: Change) -> T:
        run = get_run_with_names(attempt.run_id)
        check_hold(attempt, run, while_stopping=while_stopping)
        scope = Scope(ch=ch, run=run)
        counted, before = run.events, ch.head(scope.stream)
        result = work(scope)
        run.events += ch.head(scope.stream) - before
        if run.events != counted:
            Run.objects.filter(id=run.id).update(events=run.events)
        return result

    call = Call(actor=attempt.agent, name="drive", acts_for=attempt.starter)
    return run_change(call, attempt.streams(is_reporting=is_reporting), guarded)


def check_hold(attempt: Attempt, run: Run, *, while_stopping: bool = False) -> None:
    """Raise Fenced when the attempt has lost the run, Stopping when that is to be cancelled. Only under a lock does it stay so."""
    if run.attempt != attempt.number or run.status not in _HELD:
        raise Fenced
    if run.status == Run.Status.CANCELLING and not while_stopping:
        raise Stopping


def current_attempts(holds: Collection[tuple[UUID, int]]) -> set[tuple[UUID, int]]:
    """Those of these (run, attempt) that may still write."""
    rows = Run.objects.filter(id__in={run_id for run_id, _ in holds}, status=Run.Status.RUNNING).values_list("id", "attempt")
    return set(rows) & set(holds)
