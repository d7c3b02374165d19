"""All the processes that one process has under it: found, counted and killed."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from agents.bench.processes import linux

MARK = "BENCH_GUARD"
"""In the environment of everything a guard starts: how its processes are found where they aren't under it any more."""

_STOP_ROUNDS = 100
_IN_VAIN = 2
_CHILDREN = "/proc/{pid}/task/{thread}/children"


@dataclass(frozen=True)
class Usage:
    """What processes use together. `cpu_s` counts those that have ended as well."""

    processes: int
    cpu_s: float
    rss_mb: float


def descendants(root: int) -> list[int]:
    """The processes under `root`, parents before children, those that have ended and wait for their parent included."""
    if not Path(_CHILDREN.format(pid=os.getpid(), thread=os.getpid())).exists():
        return _descendants_by_table(root)
    found = list(_children(root))
    for pid in found:
        found.extend(_children(pid))
    return found


def members(root: int, mark: str) -> list[int]:
    """The processes under `root`; where orphans aren't adopted, those as well that carry the mark and got away."""
    found = descendants(root)
    return found if linux.IS_LINUX else sorted({*found, *marked(mark)} - {root})


def marked(mark: str) -> list[int]:
    """The processes of this user that a guard with this mark has started, wherever they are now. Reads every process: slow."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.append(process.pid)
    return found


def kill_all(find: Callable[[], list[int]]) -> None:
    """SIGKILL to all that `find` gives. They are stopped first, until it gives no more, so that none starts another meanwhile.

    One that starts another and ends while `find` looks is missed with it: nothing has to be found twice.
    """
    stopped: set[int] = set()
    looked_in_vain = 0
    for _ in range(_STOP_ROUNDS):
        new = set(find()) - stopped
        looked_in_vain = 0 if new else looked_in_vain + 1
        if looked_in_vain == _IN_VAIN:
            break
        _signal(new, signal.SIGSTOP)
        stopped |= new
    _signal(stopped, signal.SIGKILL)


def use(root: int) -> Usage:
    """What the processes under `root` use. Shared memory is counted once where the system tells (Linux)."""
    cpu_s, memory, count = _ended_cpu_s(root), 0, 0
    for pid in descendants(root):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            cpu_s += sum(process.cpu_times()[:4])
            if process.status() != psutil.STATUS_ZOMBIE:
                count += 1
                memory += _memory(process)
    return Usage(count, round(cpu_s, 3), round(memory / 1e6, 3))


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _ended_cpu_s(pid: int) -> float:
    """Processor time of children that have ended, those of theirs included."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.children_user + times.children_system)


def _memory(process: psutil.Process) -> int:
    if linux.IS_LINUX:
        with contextlib.suppress(psutil.AccessDenied):
            return int(process.memory_full_info().pss)
    return int(process.memory_info().rss)


def _children(pid: int) -> Iterator[int]:
    """The kernel's own list, which is much quicker to read than the table of all processes."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                yield from map(int, Path(_CHILDREN.format(pid=pid, thread=thread)).read_text(encoding="ascii").split())


def _descendants_by_table(root: int) -> list[int]:
    try:
        return [process.pid for process in psutil.Process(root).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
