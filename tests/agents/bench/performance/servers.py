"""Tiny real servers that tests measure: each a script of its own, run on a free port, ended afterwards."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.process.server import free_port

PROJECTS = Path(__file__).parent / "projects"
SUMS = """\
name: Sums
measure:
  nap: {kind: function, function: "sums:nap", arguments: [0.001], calls: 5, repeats: 2, warm_up: 1}
budgets: [nap p95 < 20 s]
"""
_START_S = 20.0


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    port: int
    pid: int

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"


def make_sums(folder: Path) -> Path:
    """The folder as a project that measures one plain function."""
    (folder / "bench.yaml").write_text(SUMS, encoding="utf-8")
    (folder / "sums.py").write_text((PROJECTS / "sums.py").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@contextlib.contextmanager
def serving(script: str, *arguments: str) -> Iterator[Running]:
    """`projects/<script>` on a free port, with more arguments."""
    port = free_port()
    with started([sys.executable, str(PROJECTS / script), str(port), *arguments]) as process:
        wait_for(port, process)
        yield Running(port, process.pid)


@contextlib.contextmanager
def started(command: Sequence[str], cwd: Path | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=cwd)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once it answers HTTP, whatever it says."""
    began = time.monotonic()
    while time.monotonic() - began < _START_S:
        assert process.poll() is None, "the server ended"
        with contextlib.suppress(httpx2.TransportError):
            httpx2.get(f"http://127.0.0.1:{port}/", timeout=5)
            return
        time.sleep(0.02)
    raise AssertionError("the server does not answer")
