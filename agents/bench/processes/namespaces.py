"""A child of the guard shuts itself off: own users, processes, files and network, with nothing but loopback in it."""

import errno
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from agents.bench.processes import linux

MARK = "BENCH_SEALED"
"""In the environment of what is shut off: what it shuts off in turn needs another network, and the rest is there already."""

MOST_TASKS = 4_096
"""Processes and threads of what is shut off: should it multiply faster than its guard looks, the machine isn't lost."""

_UNREACHABLE = {errno.ENOENT, errno.EACCES, errno.ENOTDIR}
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_FIXED = ("sys", "sysrq-trigger", "irq", "bus", "fs", "scsi", "acpi")
_SHARED_MEMORY = "size=256m"
"""No limit of memory sees files there that nobody has mapped; by itself the kernel would give half of the machine's memory."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def seal(writable: Sequence[str], hidden: Sequence[str], *, waits_for_all: bool, let_go: Callable[[], None]) -> None:
    """Shut this process off. Returns in a grandchild; the process itself stays as its stand-in and ends as the grandchild ends.

    Only the folders `writable` can be written, and what is `hidden` can't be read, but for what of it is writable. `waits_for_all`: a
    command that ends well is followed until all it started has ended. `let_go` closes what only the grandchild keeps. OSError: this
    system refuses a step, which it names.
    """
    sockets = linux.sockets_in_files()
    _enter(linux.NEW_USER | linux.NEW_NET | linux.NEW_NS | linux.NEW_PID | linux.NEW_IPC)
    _shut_files(writable, hidden, sockets)
    reading, writing = os.pipe()
    first = os.fork()
    if first:
        os.close(writing)
        let_go()
        _stand_in(first, reading)
    os.close(reading)
    linux.die_with_parent(signal.SIGKILL)
    _show_own_processes()
    second = os.fork()
    if second:
        let_go()
        _reap(second, writing, waits_for_all=waits_for_all)
    os.close(writing)
    linux.die_with_parent(signal.SIGKILL)
    linux.drop_capabilities()


def seal_again() -> None:
    """Take this process, which is shut off already, off the loopback of the others as well."""
    _enter(linux.NEW_USER | linux.NEW_NET)
    linux.drop_capabilities()


def _enter(namespaces: int) -> None:
    """Go into new namespaces, as the same user: files keep their owners."""
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(namespaces)
    linux.die_with_parent(signal.SIGKILL)  # a change of credentials forgets it
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")
    linux.raise_loopback()


def _shut_files(writable: Sequence[str], hidden: Sequence[str], sockets: Sequence[str]) -> None:
    """Make all files read-only but `writable`, and cover what is hidden, and local sockets and devices: they lead out, network or not."""
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    kept = {folder: _open(folder) for folder in writable}
    _replace_devices()
    for path in hidden:
        _cover(path)
    for folder, descriptor in kept.items():
        os.makedirs(folder, exist_ok=True)  # it may have been below /dev/shm, or below what is hidden
        linux.mount(f"/proc/self/fd/{descriptor}", folder, flags=linux.MS_BIND | linux.MS_REC)
        os.close(descriptor)
    linux.set_read_only("/", is_wanted=True)
    for folder in (*writable, "/dev/shm"):  # noqa: S108 - a mount of this namespace alone, made by _replace_devices
        linux.set_read_only(folder, is_wanted=False)
    for path in sockets:
        try:
            linux.mount("/dev/null", path, flags=linux.MS_BIND)
        except OSError as error:
            if error.errno not in _UNREACHABLE:
                raise


def _open(folder: str) -> int:
    """A descriptor of the folder at this real path. OSError: a link has been put in its place."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    found = os.readlink(f"/proc/self/fd/{descriptor}")
    if found != folder:
        raise OSError(errno.ELOOP, f"{folder} leads to {found} by now")
    return descriptor


def _cover(path: str) -> None:
    """Put an empty folder or file over it. What isn't there can't be seen anyway; what can't be covered stops the command."""
    if os.path.isdir(path):
        linux.mount("hidden", path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=1m")
    elif os.path.exists(path):
        linux.mount("/dev/null", path, flags=linux.MS_BIND)


def _replace_devices() -> None:
    """A new /dev with the few devices that programs expect. Disks are files of user 0, who may be who runs this."""
    kept = {name: os.open(f"/dev/{name}", os.O_PATH) for name in _DEVICES if Path("/dev", name).exists()}
    linux.mount("dev", "/dev", "tmpfs", linux.MS_NOSUID, "mode=0755")
    for name, descriptor in kept.items():
        Path("/dev", name).touch()
        linux.mount(f"/proc/self/fd/{descriptor}", f"/dev/{name}", flags=linux.MS_BIND)
        os.close(descriptor)
    Path("/dev/fd").symlink_to("/proc/self/fd")
    Path("/dev/shm").mkdir()  # noqa: S108 - below the new /dev, which nobody else can see
    linux.mount("shm", "/dev/shm", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, _SHARED_MEMORY)  # noqa: S108 - as above


def _show_own_processes() -> None:
    """Show the processes of this namespace in /proc, and keep the switches of the whole machine there as they are."""
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    linux.bound_tasks(MOST_TASKS)
    for path in (f"/proc/{name}" for name in _FIXED):
        if Path(path).exists():
            linux.mount(path, path, flags=linux.MS_BIND)
            linux.set_read_only(path, is_wanted=True)


def _stand_in(child: int, told: int) -> None:
    """End as the command has ended. Signals reach the command by its process group; its stand-in must outlive it."""
    _ignore_signals()
    os.waitpid(child, 0)
    text = os.read(told, 16).decode()
    code = int(text) if text else -signal.SIGKILL
    if code < 0:
        if -code in _SIGNALS:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _reap(command: int, telling: int, *, waits_for_all: bool) -> None:
    """Be the first process of the namespace: collect what ends. When it ends, the kernel kills the rest."""
    _ignore_signals()
    code: int | None = None
    while code is None or (waits_for_all and code == 0):
        try:
            pid, status = os.wait()
        except ChildProcessError:
            break
        if pid == command:
            code = os.waitstatus_to_exitcode(status)
    os.write(telling, str(code).encode())
    os._exit(0)


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
