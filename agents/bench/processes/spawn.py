"""How the guard starts its command: a child that sets itself up, and tells if it can't."""

import errno
import os
import resource
import signal
import traceback
from collections.abc import Mapping, Sequence
from typing import Literal

from agents.bench.processes import linux, namespaces
from agents.bench.processes.orders import Order

Step = Literal["folder", "limits", "network", "command"]

_NOT_STARTED = 97
_MOST_DESCRIPTORS = 1024


def spawn(order: Order, environment: Mapping[str, str], *, output: int, writable: Sequence[str]) -> tuple[int, int]:
    """Start the command with `output` as its standard output and error.

    Returns its pid and a descriptor to read from: nothing there at its end means that it runs, else "STEP: reason".
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    step: Step = "folder"
    try:
        _take_over(output, keep=writing)
        _enter(order.folder)
        step = "network"
        if order.network == "none":
            _shut_off(order, writable, complaints=writing)
            _enter(order.folder)  # what is mounted there now
        step = "limits"
        _limit(order)
        step = "command"
        os.execvpe(order.argv[0], order.argv, environment)  # noqa: S606 - running what was declared is what this is for
    except OSError as error:
        where = f"{error.filename}: " if error.filename and step != "command" else ""
        os.write(writing, f"{step}: {where}{error.strerror or error}".encode())
    except ValueError as error:  # such as a zero byte in an argument
        os.write(writing, f"{step}: {error}".encode())
    except BaseException:
        os.write(writing, f"{step}: {traceback.format_exc()}".encode()[-4_000:])
    os._exit(_NOT_STARTED)


def _take_over(output: int, *, keep: int) -> None:
    """A session of its own, default signals, and none of the guard's descriptors."""
    os.setsid()
    linux.die_with_parent(signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, keep)
    os.closerange(keep + 1, _MOST_DESCRIPTORS)


def _enter(folder: str) -> None:
    """Go into a folder whose real path was found before: a service may since have put a link in its place."""
    os.chdir(folder)
    if os.getcwd() != folder:
        raise OSError(errno.ELOOP, f"it leads to {os.getcwd()} by now")


def _limit(order: Order) -> None:
    """Limits that the kernel holds for each process. What all may use together, the guard watches."""
    wanted = [(resource.RLIMIT_CORE, 0)]
    if order.memory_mb:
        wanted.append((resource.RLIMIT_DATA, order.memory_mb * 1_000_000))
    if order.cpu_s:
        wanted.append((resource.RLIMIT_CPU, order.cpu_s + 1))
    if order.disk_mb:
        wanted.append((resource.RLIMIT_FSIZE, order.disk_mb * 1_000_000))
    if order.files:
        wanted.append((resource.RLIMIT_NOFILE, order.files))
    if order.network == "none" and os.getuid():  # counted for the namespace alone; user 0 has no such limit
        wanted.append((resource.RLIMIT_NPROC, namespaces.MOST_TASKS))
    for what, most in wanted:
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def _shut_off(order: Order, writable: Sequence[str], *, complaints: int) -> None:
    if namespaces.MARK in os.environ:
        namespaces.seal_again()
    else:
        namespaces.seal(writable, order.hidden, waits_for_all=order.waits_for_all, let_go=lambda: os.close(complaints))
