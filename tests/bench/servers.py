"""Starting what is measured: Workroom and its competitors as processes, each on one core and the load client on the other."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.process.server import ROOT, Data, environ_for, free_port, manage

WIDE = {
    **dict.fromkeys(("sockets_per_user", "sockets_per_process"), 5_000),
    **dict.fromkeys(("commands_per_s", "commands_burst", "rest_per_s", "rest_burst"), 100_000),
}
_START_S = 30.0


@dataclass(frozen=True)
class Peer:
    """A running server."""

    name: str
    url: str
    pid: int = 0

    @property
    def ws_url(self) -> str:
        return self.url.replace("http", "ws", 1)

    def emit(self, count: int, board: str = "") -> float:
        """Have it send `count` events to everybody; when the first left."""
        at: float = httpx2.get(f"{self.url}/emit", params={"count": count, "board": board}, timeout=60).json()["at"]
        return at


def pin(pid: int, core: int) -> None:
    """Keep a process on one core, where the system can and there are two."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


@contextlib.contextmanager
def running(name: str, command: Sequence[str], port: int, environ: Mapping[str, str] | None = None) -> Iterator[Peer]:
    """The server `command` starts on `port`, ended afterwards."""
    with tempfile.TemporaryFile() as log:
        environ = {**os.environ, **(environ or {})}
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            pin(process.pid, 0)
            url = f"http://127.0.0.1:{port}"
            if not _answers(process, url):
                log.seek(0)
                raise RuntimeError(f"{name} does not answer: {log.read()[-2000:].decode(errors='replace')}")
            yield Peer(name, url, process.pid)
        finally:
            process.kill()
            process.wait()


def _answers(process: "subprocess.Popen[bytes]", url: str) -> bool:
    """Whether the process has come to answer /healthz."""
    began = time.monotonic()
    while process.poll() is None and time.monotonic() - began < _START_S:
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{url}/healthz", timeout=5).status_code == 200:
                return True
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def migrated(database_url: str = "", redis_url: str = "") -> Iterator[Data]:
    """Fresh data for a Workroom."""
    with tempfile.TemporaryDirectory(prefix="workroom-bench-") as folder:
        data = Data(Path(folder), database_url, redis_url)
        done = manage(data, "migrate", "--verbosity", "0")
        if done.returncode:
            raise RuntimeError(done.stderr)
        yield data


@contextlib.contextmanager
def workroom(kind: str, data: Data, *, name: str = "", limits: Mapping[str, int] | None = None) -> Iterator[Peer]:
    """Workroom on daphne or uvicorn, with /emit. No launcher: nobody works here."""
    port = free_port()
    environ = environ_for(data, WORKROOM_LIMITS=json.dumps({**WIDE, **(limits or {})}), WORKROOM_LAUNCHER="none", PYTHONWARNINGS="ignore")
    command = [sys.executable, "-m", "tests.bench.peers.workroom", kind, str(port)]
    with running(name or f"Workroom on {kind}", command, port, environ) as peer:
        yield peer


@contextlib.contextmanager
def bare_websockets() -> Iterator[Peer]:
    port = free_port()
    with running("bare websockets", [sys.executable, "-m", "tests.bench.peers.broadcast", str(port)], port) as peer:
        yield peer


@contextlib.contextmanager
def tutorial_channels() -> Iterator[Peer]:
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), "tests.bench.peers.tutorial:application"]
    with running("tutorial Channels on daphne", command, port) as peer:
        yield peer


@contextlib.contextmanager
def socketio(database_url: str = "") -> Iterator[Peer]:
    port = free_port()
    command = ["node", "tests/bench/peers/socketio.mjs", str(port), *([database_url] if database_url else [])]
    with running("socket.io", command, port) as peer:
        yield peer
