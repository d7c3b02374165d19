"""What goes between a supervisor and a guard over their socket: one JSON text per line."""

import contextlib
import json
import socket
from dataclasses import asdict, dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Order:
    """One command to run. `folder` is a real path; the guard adds HOME and TMPDIR to `environment`.

    `network` "none": shut off from everything, and what is `hidden` isn't to be seen. `waits_for_all`: a command that ends well
    counts as running as long as anything it started runs, as servers do that put themselves into the background. Of the limits, 0
    is none.
    """

    argv: list[str]
    folder: str
    environment: dict[str, str]
    network: str = "host"
    waits_for_all: bool = True
    hidden: list[str] = field(default_factory=list)
    memory_mb: int = 0
    cpu_s: int = 0
    files: int = 0
    processes: int = 0
    disk_mb: int = 0


@dataclass(frozen=True)
class Command:
    """What is asked of a guard afterwards. `within_s` is the time between SIGTERM and SIGKILL."""

    do: Literal["stop", "kill"]
    within_s: float = 0.0


@dataclass(frozen=True)
class News:
    """What a guard tells: that it has its folder, that the command runs, or couldn't be started, or that all has ended.

    `text` says why something was refused or ended from outside; `left` are processes that even SIGKILL didn't end.
    """

    what: Literal["started", "refused", "ended"]
    pid: int = 0
    folder: str = ""
    code: int | None = None
    text: str = ""
    left: list[int] = field(default_factory=list)


def encode(message: Order | Command | News) -> bytes:
    """As a line."""
    return json.dumps(asdict(message)).encode() + b"\n"


class Line:
    """The guard's end of the socket. `is_cut` once the supervisor has closed its own, or has ended."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._received = b""
        self.is_cut = False

    def fileno(self) -> int:
        return self._socket.fileno()

    def take_order(self) -> Order | None:
        """Wait for the order; None if the supervisor is gone before."""
        while b"\n" not in self._received and not self.is_cut:
            self._receive()
        line = self._next()
        return Order(**json.loads(line)) if line else None

    def take_commands(self) -> list[Command]:
        """Receive what is there (waits if nothing is)."""
        self._receive()
        return [Command(**json.loads(line)) for line in iter(self._next, b"")]

    def tell(self, news: News) -> None:
        """Send, unless nobody listens."""
        with contextlib.suppress(OSError):
            self._socket.sendall(encode(news))

    def _receive(self) -> None:
        try:
            data = self._socket.recv(65_536)
        except OSError:
            data = b""
        self._received += data
        self.is_cut = self.is_cut or not data

    def _next(self) -> bytes:
        line, found, rest = self._received.partition(b"\n")
        if not found:
            return b""
        self._received = rest
        return line
