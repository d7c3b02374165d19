"""The process between a supervisor and one command of it: parent of all that comes of the command, and its end when the supervisor ends.

`python -m agents.bench.processes.guard`, with a socket as standard input (orders.py says what goes over it). The end of the
socket, however it comes about, is the end of all processes under the guard and of its folder.
"""

import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from agents.bench.processes import linux, namespaces, scratch
from agents.bench.processes.charge import Charge
from agents.bench.processes.orders import Line, News, Order
from agents.bench.processes.output import Output
from agents.bench.removal import remove_tree

_PARENT_CHECK_S = 0.5


class Guard:
    """One command from its start to the end of the last process under it. All in one thread, because it forks."""

    def __init__(self, line: Line, order: Order, folder: Path) -> None:
        self._line = line
        self._order = order
        self._folder = folder
        self._charge = Charge(order, [order.folder, str(folder)])
        self._output = Output(folder / scratch.LOG)
        self._parent = os.getppid()
        self._is_dismissed = False
        self._has_begun = False
        self._complaint = b""
        self._selector = selectors.DefaultSelector()
        self._listen(line.fileno(), self._obey)
        self._signals = _signals()
        self._listen(self._signals, self._woken)

    def run(self) -> None:
        """Start the command, see it to its end, tell of it, and stay until the supervisor lets go."""
        self._begin()
        while not self._is_over():
            self._wait(self._charge.due_at)
            if self._is_deserted():
                self._charge.kill()
            self._charge.act()
        self._output.close()
        charge = self._charge
        self._line.tell(News("ended", pid=charge.pid, code=charge.code, text=charge.why, left=charge.left))
        while not self._is_deserted():
            self._wait()

    def _begin(self) -> None:
        complaints = self._charge.start(self._environment(), output=self._output.writing)
        os.close(self._output.writing)
        self._listen(complaints, lambda: self._hear(complaints))
        self._listen(self._output.reading, self._pump)

    def _environment(self) -> dict[str, str]:
        """What was ordered, and folders of the command's own to write in."""
        places = {"HOME": str(self._folder / "home"), "TMPDIR": str(self._folder / "tmp")}
        seal = {namespaces.MARK: "1"} if self._order.network == "none" else {}
        return {**places, **self._order.environment, **seal}

    def _is_over(self) -> bool:
        is_over = self._charge.is_over()
        return is_over and (self._has_begun or bool(self._charge.left))

    def _is_deserted(self) -> bool:
        return self._line.is_cut or self._is_dismissed or os.getppid() != self._parent

    def _wait(self, until: float = float("inf")) -> None:
        """Until something is to be read, a process has ended, or `until` has come; then do what belongs to it."""
        now = time.monotonic()
        if self._output.resume_at and self._output.resume_at <= now:
            self._output.resume_at = 0.0
            self._listen(self._output.reading, self._pump)
        until = min(until, self._output.resume_at or until, now + _PARENT_CHECK_S)
        for key, _ in self._selector.select(max(0.0, until - now)):
            key.data()

    def _listen(self, descriptor: int, do: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, do)

    def _obey(self) -> None:
        for command in self._line.take_commands():
            self._charge.stop(command.within_s) if command.do == "stop" else self._charge.kill()
        if self._line.is_cut:
            self._selector.unregister(self._line.fileno())

    def _hear(self, complaints: int) -> None:
        """The child says why it can't start the command; its silent end means that it has."""
        data = os.read(complaints, 4096)
        self._complaint += data
        if data:
            return
        self._selector.unregister(complaints)
        os.close(complaints)
        self._has_begun = True
        text = self._complaint.decode(errors="replace")
        self._line.tell(News("refused" if text else "started", pid=self._charge.pid, folder=str(self._folder), text=text))

    def _pump(self) -> None:
        if not self._output.take() or self._output.resume_at:
            self._selector.unregister(self._output.reading)

    def _woken(self) -> None:
        """A child has ended, or somebody wants the guard to end."""
        numbers = os.read(self._signals, 4096)
        self._is_dismissed = self._is_dismissed or any(number != signal.SIGCHLD for number in numbers)


def _signals() -> int:
    """A descriptor on which the numbers of signals arrive."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reading


def main() -> None:
    """Guard the command that is ordered over standard input."""
    linux.adopt_orphans()
    with socket.socket(fileno=os.dup(0)) as connection:
        line = Line(connection)
        order = line.take_order()
        if not order:
            return
        folder = scratch.make()
        try:
            Guard(line, order, folder).run()
        except OSError as error:
            line.tell(News("refused", text=f"guard: {error}"))
            sys.exit(1)  # what may be left of the command is the supervisor's to end
        finally:
            remove_tree(folder)


if __name__ == "__main__":
    main()
