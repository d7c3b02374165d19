"""What a guard has in its charge: a command and every process that came of it, from the first to the last."""

import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence

from agents.bench.processes import family
from agents.bench.processes.orders import Order
from agents.bench.processes.spawn import spawn
from agents.bench.processes.watch import Watch

_KILL_AGAIN_S = 0.01
_GIVE_UP_S = 10.0
_NEVER = float("inf")


class Charge:
    """`code` is how the command itself ended (negative: by that signal), `why` what ended it from here, `left` what SIGKILL didn't end."""

    def __init__(self, order: Order, writable: Sequence[str]) -> None:
        self._order = order
        self._writable = writable
        self._watch = Watch(order, writable)
        self._mark = order.environment.get(family.MARK, "")
        self._kill_at = _NEVER
        self._give_up_at = _NEVER
        self._is_stopping = False
        self.pid = 0
        self.code: int | None = None
        self.why = ""
        self.left: list[int] = []

    def start(self, environment: Mapping[str, str], *, output: int) -> int:
        """Start the command. The descriptor gives the reason why it couldn't be started, or nothing once it runs (see `spawn`)."""
        self.pid, complaints = spawn(self._order, environment, output=output, writable=self._writable)
        return complaints

    def stop(self, within_s: float) -> None:
        """SIGTERM to all; SIGKILL to whatever is left after a time."""
        if not self._is_stopping:
            self._is_stopping = True
            self._kill_at = min(self._kill_at, time.monotonic() + within_s)
            self._signal(signal.SIGTERM)

    def kill(self, why: str = "") -> None:
        """SIGKILL to all, again and again until none is left."""
        if self._give_up_at == _NEVER:
            self.why = why
            self._kill_at = time.monotonic()
            self._give_up_at = time.monotonic() + _GIVE_UP_S

    @property
    def due_at(self) -> float:
        """When `act` has something to do (monotonic)."""
        return min(self._kill_at, self._watch.next_at)

    def act(self) -> None:
        """Do what is due: look at the limits, kill."""
        why = "" if self._is_killing else self._watch.breach(os.getpid())
        if why:
            self.kill(why)
        if time.monotonic() >= self._kill_at:
            self.kill()
            family.kill_all(self._members)
            self._kill_at = time.monotonic() + _KILL_AGAIN_S

    def is_over(self) -> bool:
        """Collect those that have ended. True once none is left, or some can't be killed."""
        is_empty = self._reap() and not self._members()
        if not is_empty and time.monotonic() >= self._give_up_at:
            self.left = self._members()
        if self.code is not None and not self._is_stopping and (self.code or not self._order.waits_for_all):
            self.kill()
        return is_empty or bool(self.left)

    @property
    def _is_killing(self) -> bool:
        return self._give_up_at != _NEVER

    def _reap(self) -> bool:
        """Whether there is no child any more. To adopt orphans means that then there is no descendant either."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if not pid:
                return False
            if pid == self.pid:
                self.code = os.waitstatus_to_exitcode(status)

    def _members(self) -> list[int]:
        return family.members(os.getpid(), self._mark)

    def _signal(self, number: int) -> None:
        for pid in self._members():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
