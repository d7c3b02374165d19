"""The supervisor's side of one guard: a command that runs, and how it ended."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from agents.bench.errors import Failed, Refused
from agents.bench.processes import family, scratch
from agents.bench.processes.declared import Limits, Network
from agents.bench.processes.environment import environment, own_environment
from agents.bench.processes.hidden import hidden
from agents.bench.processes.orders import Command, News, Order, encode
from agents.bench.removal import remove_tree

HOW_TO_SEAL = (
    "It takes Linux 5.12 or newer with user namespaces for everybody. In Docker: --security-opt seccomp=unconfined, "
    "systempaths=unconfined and, where there is AppArmor, apparmor=unconfined. On a host: user.max_user_namespaces above 0, "
    "kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0. "
    "Or an administrator who trusts the code allows the host's network."
)

_BEGIN_WITHIN_S = 30.0
_END_WITHIN_S = 20.0
_SWEEP_WITHIN_S = 10.0
_POLL_S = 0.005
_REFUSED = {
    "folder": "its working folder can't be entered",
    "limits": "its limits can't be set",
    "command": "the command can't be run",
    "guard": "no process can be made for it",
}


def make_order(
    argv: list[str], folder: Path, declared: Mapping[str, str], limits: Limits, network: Network, *, waits_for_all: bool
) -> Order:
    """What to tell a guard, with what of our environment is passed on."""
    return Order(
        argv=argv,
        folder=str(folder),
        environment=environment(declared),
        network=network,
        waits_for_all=waits_for_all,
        hidden=hidden(),
        memory_mb=limits.memory_mb or 0,
        cpu_s=limits.cpu_s or 0,
        files=limits.files or 0,
        processes=limits.processes or 0,
        disk_mb=limits.disk_mb or 0,
    )


class Guarded:
    """A command under its guard. `ended` is done once nothing of it runs any more; its log can be read until `release`."""

    def __init__(self, guard: subprocess.Popen[bytes], mark: str) -> None:
        self._guard = guard
        self._mark = mark
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._begun: asyncio.Future[News] = asyncio.get_running_loop().create_future()
        self._is_released = False
        self.ended: asyncio.Future[News] = asyncio.get_running_loop().create_future()

    @classmethod
    async def begin(cls, order: Order, *, label: str = "") -> "Guarded":
        """Start a guard (`label` is for who looks at lists of processes) and the command under it.

        Refused: this system can't shut the command off. Failed: it can't be run.
        """
        mark = uuid.uuid4().hex
        ours, theirs = socket.socketpair()
        with theirs:
            guarded = cls(_start_guard(theirs, label), mark)
        try:
            reader, guarded._writer = await asyncio.open_unix_connection(sock=ours)
            guarded._listener = asyncio.create_task(guarded._listen(reader))
            guarded._writer.write(encode(replace(order, environment={**order.environment, family.MARK: mark})))
            await asyncio.wait({guarded._begun}, timeout=_BEGIN_WITHIN_S)
            guarded._check_begun(order)
        except BaseException:
            ours.close() if guarded._writer is None else None
            await guarded.release()
            raise
        return guarded

    @property
    def guard_pid(self) -> int:
        """The process that all others are under."""
        return self._guard.pid

    @property
    def pid(self) -> int:
        """The command's first process."""
        return self._begun.result().pid

    @property
    def log(self) -> Path:
        """Where its output is, until `release`."""
        return Path(self._begun.result().folder, scratch.LOG)

    async def end(self) -> News:
        """How it ended, once it has."""
        await asyncio.wait({self.ended})  # unlike a plain await: who gives up waiting cancels nothing
        return self.ended.result()

    def stop(self, within_s: float) -> None:
        """SIGTERM to all its processes; SIGKILL to what is left after `within_s`. Wait for `ended`."""
        self._send(Command("stop", within_s))

    def kill(self) -> None:
        """SIGKILL to all its processes. Wait for `ended`."""
        self._send(Command("kill"))

    def use(self) -> family.Usage:
        """What its processes use now."""
        return family.use(self.guard_pid)

    async def release(self) -> None:
        """End what is left of it, its guard, and its folder with the log."""
        self._is_released = True
        if self._writer:
            self._writer.close()
        if not await self._has_exited():
            self._guard.kill()
            await self._has_exited()
        if self._listener:
            await asyncio.wait({self._listener})
        if self._guard.returncode:
            await self._sweep()

    def _check_begun(self, order: Order) -> None:
        """Refused or Failed, unless the command runs."""
        if not self._begun.done():
            raise Failed(f"{order.argv[0]} couldn't be started within {_BEGIN_WITHIN_S:.0f} s.")
        news = self._begun.result()
        if news.what == "refused":
            step, _, reason = news.text.partition(": ")
            if step == "network":
                raise Refused(f"{order.argv[0]} can't be shut off from the network here: {reason}. {HOW_TO_SEAL}")
            raise Failed(f"{order.argv[0]} wasn't started, {_REFUSED.get(step, step)}: {reason}.")

    def _send(self, command: Command) -> None:
        if self._writer and not self._writer.is_closing():
            self._writer.write(encode(command))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        trouble = "Its guard was ended from outside."
        with contextlib.suppress(ConnectionError):
            async for line in reader:
                news = News(**json.loads(line))
                if news.what == "ended":
                    self.ended.set_result(news)
                elif not self._begun.done():
                    self._begun.set_result(news)
                else:  # it had begun, and its guard broke down since
                    trouble = f"Its guard broke down: {news.text.removeprefix('guard: ')}."
        if not self._begun.done():
            self._begun.set_result(News("refused", text="guard: its guard ended"))
        if not self.ended.done():
            if not self._is_released:
                await self._sweep()
            self.ended.set_result(News("ended", text=trouble))

    async def _has_exited(self) -> bool:
        """Whether the guard exits in time. Polled: a thread that waits would be one more thing to leave behind."""
        for _ in range(int(_END_WITHIN_S / _POLL_S)):
            if self._guard.poll() is not None:
                return True
            await asyncio.sleep(_POLL_S)
        return False

    async def _sweep(self) -> None:
        """Do the work of a guard that couldn't: kill what carries its mark, remove its folder."""
        await asyncio.to_thread(_kill_marked, self._mark)
        if self._begun.done() and self._begun.result().folder:
            await asyncio.to_thread(remove_tree, Path(self._begun.result().folder))


def _start_guard(theirs: socket.socket, label: str) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-P", "-m", "agents.bench.processes.guard", *([label] if label else [])]
    nothing = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 - this Python with our own module; the command it is to run reaches it over the socket
        argv, stdin=theirs.fileno(), stdout=nothing, stderr=nothing, cwd="/", env=own_environment(), start_new_session=True
    )


def _kill_marked(mark: str) -> None:
    deadline = time.monotonic() + _SWEEP_WITHIN_S
    while family.marked(mark) and time.monotonic() < deadline:
        family.kill_all(lambda: family.marked(mark))
        time.sleep(_POLL_S)
