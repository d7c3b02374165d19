"""Services in a terminal: up in the foreground; status, logs and stop from another one. Each returns an exit code."""

import asyncio
import json
import signal
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from agents.bench.errors import Failed, Refused
from agents.bench.files import load
from agents.bench.processes import logs as log_files
from agents.bench.processes.declared import Services
from agents.bench.processes.notice import Notice
from agents.bench.processes.status import Status
from agents.bench.processes.supervisor import Supervisor

Write = Callable[[str], None]

NOT_UP = 3
"""Exit code, the one that service managers have for it."""

_RENEW_S = 0.5
_FOLLOW_S = 0.2
_TAIL_LINES = 50
_STOP_WITHIN_S = 60.0
_RUNNING = ("starting", "healthy", "stopping")


async def up(file: Path, names: Sequence[str], *, write: Write, as_json: bool = False) -> int:
    """Start the services of `file` (without names: all), tell of every change, and run until a signal or until all have ended.

    0: stopped by a signal; 1: all have ended by themselves.
    """
    services, folder = load(file, Services).services, _folder_of(file)
    notice = Notice(file)
    if running := notice.read():
        raise Refused(f"{file} is up already, by process {running.process.pid}. Stop that first: services stop {file}")

    def tell(name: str, status: Status) -> None:
        with suppress(OSError):  # the terminal may be gone; what was started is ended all the same
            _renew(notice, supervisor)
            write(_line(name, status, as_json=as_json))

    supervisor = Supervisor(services, folder, on_change=tell)
    wish = _wish_to_end()
    try:
        async with supervisor:
            await _unless(wish, supervisor.start(*names))
            while not wish.is_set() and any(each["state"] in _RUNNING for each in supervisor.status().values()):
                _renew(notice, supervisor)
                await _unless(wish, asyncio.sleep(_RENEW_S))
    finally:
        notice.remove()
    return 0 if wish.is_set() else 1


def status(file: Path, *, write: Write, as_json: bool = False) -> int:
    """Tell how the services of `file` are. 3: they aren't up."""
    running = Notice(file).read()
    if as_json:
        write(json.dumps(running.services if running else {}, indent=2))
        return 0 if running else NOT_UP
    for name, each in running.services.items() if running else ():
        write(_line(name, each))
    return 0 if running else _tell_not_up(file, write)


def logs(file: Path, names: Sequence[str], *, write: Write, lines: int = _TAIL_LINES, is_following: bool = False) -> int:
    """The last lines of services' output, and with `is_following` what comes, until they aren't up. 3: they aren't up."""
    running = Notice(file).read()
    if not running:
        return _tell_not_up(file, write)
    chosen = list(names) or list(running.services)
    if unknown := [name for name in chosen if name not in running.services]:
        raise Refused(f"There is no service {unknown[0]}. There are: {', '.join(running.services)}.")
    for name in chosen:
        log = running.services[name]["log"]
        for line in log_files.tail(Path(log), lines) if log else log_files.last(running.tails[name], lines):
            write(f"{name} | {line}")
    if is_following:
        with suppress(KeyboardInterrupt):
            _follow(file, {name: running.services[name]["log"] for name in chosen}, write)
    return 0


def stop(file: Path, *, write: Write) -> int:
    """Stop what `up` has started in another terminal, and wait for it. 3: it isn't up. Failed: it doesn't end."""
    running = Notice(file).read()
    if not running:
        return _tell_not_up(file, write)
    with suppress(psutil.NoSuchProcess):
        running.process.send_signal(signal.SIGTERM)
        try:
            running.process.wait(_STOP_WITHIN_S)
        except psutil.TimeoutExpired:
            running.process.kill()  # its guards end the services
            raise Failed(f"Process {running.process.pid} didn't end within {_STOP_WITHIN_S:.0f} s and was killed.") from None
    write(f"{file} is stopped.")
    return 0


def _folder_of(file: Path) -> Path:
    """Where the services of a file start from: the folder that it is in."""
    return file.resolve().parent


def _wish_to_end() -> asyncio.Event:
    """Set by the signals that ask a program to end."""
    wish = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, wish.set)
    return wish


async def _unless(wish: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, or give it up when the wish comes."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(wish.wait())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if not tasks[0].cancelled():
        tasks[0].result()


def _renew(notice: Notice, supervisor: Supervisor) -> None:
    services = supervisor.status()
    notice.write(services, {name: supervisor.tail(name, _TAIL_LINES) for name, each in services.items() if not each["log"]})


def _line(name: str, status: Status, *, as_json: bool = False) -> str:
    if as_json:
        return json.dumps({"name": name, **status})
    at = datetime.fromisoformat(status["since"]).astimezone()
    used = f"pid {status['pid']}, {status['rss_mb']:.0f} MB, {status['cpu_s']:.1f} s" if status["rss_mb"] is not None else status["why"]
    return f"{at:%H:%M:%S}  {name:<16} {status['state']:<9} {status['address'] or '':<16} {used}".rstrip()


def _tell_not_up(file: Path, write: Write) -> int:
    write(f"{file} isn't up.")
    return NOT_UP


def _follow(file: Path, shown: Mapping[str, str | None], write: Write) -> None:
    """Write what comes after what is shown already, to the last line of each service."""
    followers = {name: log_files.Follower(Path(log), is_at_end=True) for name, log in shown.items() if log}
    while True:
        running = Notice(file).read()
        for name, follower in followers.items():
            for line in follower.lines():
                write(f"{name} | {line}")
        if running is None:
            return
        for name in shown:
            log = running.services[name]["log"]
            if log and (name not in followers or followers[name].path != Path(log)):
                followers[name] = log_files.Follower(Path(log))
        time.sleep(_FOLLOW_S)
