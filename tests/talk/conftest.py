"""`manage.py talk` as a process beside a server on a fresh demo board."""

import asyncio
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from project.client import Account
from tests.process.fixtures import DEMO_PASSWORD
from tests.process.server import ROOT, Data, Server, environ_for

WAIT_S = 60.0
# A run has to be under way while somebody asks about it.
PACE = {"WORKROOM_RULES_PACE_MS": "15", "WORKROOM_LIMITS": '{"run_lease_s": 3, "run_renew_s": 1, "run_sweep_s": 1}'}


@dataclass(frozen=True)
class Demo:
    """A server on a fresh demo board, and Alice's token: sign-ins are counted."""

    server: Server
    token: str

    @property
    def environ(self) -> dict[str, str]:
        return {"WORKROOM_TOKEN": self.token}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "manage.py", "talk", *arguments, "--url", self.server.url]

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """The end of a talk that isn't on a terminal."""
        env = environ_for(self.server.data, **self.environ)
        command = self.command(*arguments)
        return subprocess.run(command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, timeout=WAIT_S, check=False)

    def titles(self) -> list[str]:
        """The titles of all cards on the board."""

        async def load() -> list[str]:
            async with await Account.by_token(self.server.url, self.token) as alice:
                board = (await alice.list_all("boards/"))[0]["id"]
                return [card["title"] for card in await alice.list_all(f"boards/{board}/cards/")]

        return asyncio.run(load())


@contextmanager
def demo_on(data: Data) -> Iterator[Demo]:
    """A server on the demo board."""
    with Server(data, environ=PACE) as server:
        server.start()
        yield Demo(server, asyncio.run(_token(server.url)))


async def _token(url: str) -> str:
    async with await Account.sign_in(url, "alice", DEMO_PASSWORD) as alice:
        return alice.token


@pytest.fixture(scope="module")
def demo(demo_data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One board for all: each test deletes cards of its own."""
    with demo_data.copy(tmp_path_factory.mktemp("talk") / "var") as data, demo_on(data) as running:
        yield running


@pytest.fixture
def own_demo(demo_data: Data, tmp_path: Path) -> Iterator[Demo]:
    """A board, and a server that may be stopped."""
    with demo_data.copy(tmp_path / "var") as data, demo_on(data) as running:
        yield running


class Terminal:
    """A talk on a terminal of its own: what it has shown, and what is typed."""

    def __init__(self, arguments: list[str], env: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(arguments, cwd=ROOT, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        os.set_blocking(self._ours, False)
        self.shown = ""
        self._seen = 0

    def say(self, line: str) -> None:
        os.write(self._ours, f"{line}\n".encode())

    def until(self, text: str) -> str:
        """Read on until `text` is shown; everything since what was waited for last."""
        ends = time.monotonic() + WAIT_S
        while (found := self.shown.find(text, self._seen)) < 0:
            assert time.monotonic() < ends, f"{text!r} was not shown:\n{self.shown[self._seen :]}"
            if not self._read():
                time.sleep(0.02)
        began, self._seen = self._seen, found + len(text)
        return self.shown[began : self._seen]

    def wait(self) -> int:
        """Its exit status; all it wrote is in `shown`."""
        ends = time.monotonic() + WAIT_S
        while (status := self.process.poll()) is None:
            assert time.monotonic() < ends, f"It doesn't end:\n{self.shown}"
            self._read()
            time.sleep(0.02)
        while self._read():
            pass
        return status

    def _read(self) -> bool:
        with suppress(BlockingIOError, OSError):
            self.shown += os.read(self._ours, 65_536).decode(errors="replace")
            return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)


def open_terminal(demo: Demo, *arguments: str, **extra: str) -> Terminal:
    """A talk on a terminal, to be used in `with`."""
    env = environ_for(demo.server.data, **demo.environ, **extra)
    return Terminal(demo.command(*arguments), {name: value for name, value in env.items() if name != "NO_COLOR"})


def write(folder: Path, text: str) -> str:
    """The path of a script with this text."""
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)
