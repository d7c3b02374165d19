"""Supervisors of the test bench: killed at any moment, and used a hundred times, they leave nothing behind."""

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from uuid import uuid4

import psutil
import pytest

from agents.bench.processes.declared import Service
from agents.bench.processes.environment import ROOT
from agents.bench.processes.supervisor import Supervisor
from tests.agents.bench.processes.kit import FOREVER, shell, stubborn, web, with_word

_GONE_WITHIN_S = 15.0


@dataclass(frozen=True)
class Killed:
    """How many processes there were, and what was left."""

    processes: int
    gone_after_s: float
    problems: list[str]


async def kill_supervisor(*, network: str, after_s: float | None) -> Killed:
    """SIGKILL to a supervisor, so long after its start, or (None) once its services are up."""
    mark = uuid4().hex
    with tempfile.TemporaryDirectory(prefix="bench-rig-") as place:
        command = [sys.executable, "-m", "tests.agents.bench.processes.supervise", mark, network]
        environment = {**os.environ, "TMPDIR": place}
        supervisor = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(after_s):
                await (supervisor.stdout.readline() if supervisor.stdout else asyncio.sleep(0))
        processes = len(_related(mark, place))
        supervisor.kill()
        killed_at = time.monotonic()
        await supervisor.wait()
        while (left := _related(mark, place)) and time.monotonic() - killed_at < _GONE_WITHIN_S:
            await asyncio.sleep(0.01)
        gone_after_s = time.monotonic() - killed_at
        problems = [f"left: {line}" for line in left] + [f"file left: {name}" for name in os.listdir(place)]
    return Killed(processes, gone_after_s, problems)


@dataclass(frozen=True)
class Counted:
    """What there is of this process."""

    descriptors: int
    threads: int
    children: int
    files: int
    rss_mb: int

    def grown_since(self, before: "Counted") -> list[str]:
        """What has become more. Memory may by a few MB: allocators keep what they had."""
        slack = {"rss_mb": 5}
        figures = ((name, count, getattr(self, name)) for name, count in vars(before).items())
        return [f"{name} went from {count} to {now}" for name, count, now in figures if now > count + slack.get(name, 0)]


async def cycle(times: int) -> list[Counted]:
    """Start and stop services so often; what there is after each time."""
    with tempfile.TemporaryDirectory(prefix="bench-rig-") as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", place)
        return [await _cycle_once(place) for _ in range(times)]


async def _cycle_once(place: str) -> Counted:
    services: dict[str, Service] = {
        "web": web(proxied=True),
        "odd": stubborn(uuid4().hex, depends_on=["web"]),
        "off": shell(f"echo up; {FOREVER}", healthy={"log": "up"}, network="none"),
    }
    async with Supervisor(services, ROOT) as supervisor:
        await supervisor.start()
    process = psutil.Process()
    with process.oneshot():
        return Counted(
            descriptors=process.num_fds(),
            threads=process.num_threads(),
            children=len(process.children(recursive=True)),
            files=len(os.listdir(place)),
            rss_mb=round(process.memory_info().rss / 1e6),
        )


def _related(mark: str, place: str) -> list[str]:
    """The services, and the guards: those have the folder in their environment."""
    found = [f"service {pid}" for pid in with_word(mark)]
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "agents.bench.processes.guard" in process.cmdline() and process.environ().get("TMPDIR") == place:
                found.append(f"guard {process.pid}")
    return found
