"""Real server processes on a free loopback port, each with data of its own. Whoever starts one ends it (`with`)."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx2
import psycopg

ROOT = Path(__file__).resolve().parents[2]

_START_S = 30.0
_COMMAND_S = 50.0
_STOP_S = 20.0
_NO_COLOUR = {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "PYTHONWARNINGS": "default"}
_FRESH = ("WORKROOM_", "DATABASE_URL", "REDIS_URL", "DJANGO_")

WAYS: Mapping[str, tuple[str, ...]] = {
    "serve": ("manage.py", "serve", "--port", "{port}"),
    "serve on uvicorn": ("manage.py", "serve", "--server", "uvicorn", "--port", "{port}"),
    "daphne": ("-m", "daphne", "--bind", "127.0.0.1", "--port", "{port}", "project.asgi:application"),
    "uvicorn": ("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "project.asgi:application"),
    "runserver": ("manage.py", "runserver", "127.0.0.1:{port}"),
}
"""How a server is started, as arguments of Python."""


_given: set[int] = set()


def free_port() -> int:
    """A loopback port that nobody listens on now, and that this process hasn't been given before: a server that is down keeps its own."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


@dataclass(frozen=True)
class Data:
    """What a server keeps: a folder, and a database in it or on the PostgreSQL of the tests. `copy` makes a fresh equal one."""

    folder: Path
    database_url: str = ""
    redis_url: str = ""
    settings: str = "project.settings"

    @property
    def environ(self) -> dict[str, str]:
        urls = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "DJANGO_SETTINGS_MODULE": self.settings}
        return {"WORKROOM_DEBUG": "1", "WORKROOM_DATA_DIR": str(self.folder), "WORKROOM_RULES_PACE_MS": "0", **urls}

    @contextlib.contextmanager
    def copy(self, folder: Path) -> Iterator["Data"]:
        """A copy in `folder`, gone afterwards; nobody may be using the original."""
        shutil.copytree(self.folder, folder)
        if not self.database_url:
            yield replace(self, folder=folder)
            return
        with new_database(self.database_url, like=self.database_url) as url:
            yield replace(self, folder=folder, database_url=url)


@contextlib.contextmanager
def new_database(server_url: str, *, like: str = "") -> Iterator[str]:
    """The URL of a new PostgreSQL database beside `server_url`'s, dropped afterwards."""
    name = f"workroom_process_{uuid4().hex[:12]}"
    template = f' TEMPLATE "{urlsplit(like).path.lstrip("/")}"' if like else ""
    _on_postgres(server_url, f'CREATE DATABASE "{name}"{template}')
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        _on_postgres(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_postgres(url: str, statement: str) -> None:
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement.encode())


def environ_for(data: Data, **extra: str) -> dict[str, str]:
    """The environment of a server on `data`, free of what the tests set for themselves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FRESH)}
    return kept | _NO_COLOUR | data.environ | extra


def manage(data: Data, *arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The end of a management command on `data`, of the program in the folder `root`."""
    command = (sys.executable, "manage.py", *arguments)
    return subprocess.run(command, cwd=root, env=environ_for(data), capture_output=True, text=True, timeout=_COMMAND_S, check=False)


@dataclass
class Server:
    """A server process. `start` returns once /healthz answers; the end of the `with` block kills what still runs."""

    data: Data
    way: str = "serve"
    port: int = field(default_factory=free_port)
    environ: Mapping[str, str] = field(default_factory=dict)
    root: Path = ROOT

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._log = self.data.folder / "server.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def arguments(self) -> list[str]:
        """What Python is started with."""
        return [part.format(port=self.port) for part in WAYS[self.way]]

    @property
    def output(self) -> str:
        """What the server has written so far, over all its starts."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def start(self) -> float:
        """Start and wait for /healthz; the seconds that took."""
        began = time.monotonic()
        self.launch()
        # One client for all tries: making one loads the certificates, which takes longer than the pause.
        with httpx2.Client(timeout=5) as http:
            while time.monotonic() - began < _START_S:
                if self._process and self._process.poll() is not None:
                    break
                with contextlib.suppress(httpx2.TransportError):
                    if http.get(f"{self.url}/healthz").status_code == 200:
                        return time.monotonic() - began
                time.sleep(0.02)
        self.kill()
        raise AssertionError(f"{self.way} did not answer within {_START_S:.0f} s:\n{self.output}")

    def launch(self) -> None:
        """Start without waiting. A group of its own lets `kill` reach the reloader's child as well."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=self.root,
                env=environ_for(self.data, **self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        assert self._process is not None
        return self._process.wait(_STOP_S)

    def kill(self) -> None:
        """End it by kill -9, for it and for what it started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_STOP_S)
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
