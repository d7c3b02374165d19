"""Inside a server of the rig: the moments at which it may be killed, and the writes that its fence refuses.

Nothing of this is known to the product: `tests.rig.serve` puts it around the product's functions before it starts the server.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Collection
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from agents.launchers import embedded
from agents.services import fence
from agents.workflows import desk
from tests.rig.journal import note, own_folder

_is_at_a_run: ContextVar[bool] = ContextVar("is_at_a_run", default=False)
_counts: Counter[str] = Counter()


def pass_point(name: str) -> None:
    """A moment of a run, numbered where its name comes again.

    The one that RIG_KILL names is the process's last. At the one that RIG_STOP names the first process to come there stands
    still until somebody sends it SIGCONT.
    """
    _counts[name] += 1
    numbered = f"{name} {_counts[name]}"
    note("point", name=numbered)
    if os.environ.get("RIG_KILL") == numbered:
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("RIG_STOP") == numbered and _is_first_here():
        note("stopped")
        os.kill(os.getpid(), signal.SIGSTOP)


def _is_first_here() -> bool:
    try:
        (own_folder() / "stopped").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def install() -> None:
    """Pass a point before and after every commit of a run, and write down every write that the fence refuses."""
    embedded.Driver.drive = _at_a_run_async(embedded.Driver.drive)  # type: ignore[attr-defined, method-assign]  # a hook of these tests
    embedded.claim_next = _at_a_run(embedded.claim_next)  # type: ignore[attr-defined]  # a hook of these tests
    BaseDatabaseWrapper._commit = _watched(BaseDatabaseWrapper._commit)  # type: ignore[attr-defined]  # a hook of these tests
    fence.Fenced.__init__ = _tell_fenced  # type: ignore[method-assign, assignment]  # a hook of these tests
    desk.current_attempts = _counting(desk.current_attempts)  # type: ignore[attr-defined]  # a hook of these tests


def _at_a_run(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        token = _is_at_a_run.set(True)
        try:
            return function(*args, **kwargs)
        finally:
            _is_at_a_run.reset(token)

    return wrapped


def _at_a_run_async(function: Callable[..., Any]) -> Callable[..., Any]:
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        # Threads and tasks that this begins take the variable with them.
        _is_at_a_run.set(True)
        return await function(*args, **kwargs)

    return wrapped


def _watched(commit: Callable[[BaseDatabaseWrapper], Any]) -> Callable[[BaseDatabaseWrapper], Any]:
    def wrapped(connection: BaseDatabaseWrapper) -> Any:
        if not _is_at_a_run.get():
            return commit(connection)
        pass_point("before commit")
        result = commit(connection)
        pass_point("after commit")
        return result

    return wrapped


def _tell_fenced(error: Exception, *args: Any) -> None:
    Exception.__init__(error, *args)
    note("fenced", what="write")


def _counting(good_of: Callable[[Collection[tuple[UUID, int]]], set[tuple[UUID, int]]]) -> Callable[..., set[tuple[UUID, int]]]:
    def wrapped(holds: Collection[tuple[UUID, int]]) -> set[tuple[UUID, int]]:
        good = good_of(holds)
        for run, attempt in set(holds) - good:
            note("fenced", what="event", run=str(run), attempt=attempt)
        return good

    return wrapped
