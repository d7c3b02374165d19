"""What only Linux can do for processes, by the C library. Elsewhere the calls that only help do nothing, those that are needed fail."""

import ctypes
import errno
import fcntl
import functools
import os
import re
import socket
import struct
import sys
from pathlib import Path

IS_LINUX = sys.platform.startswith("linux")

NEW_NS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000

_CAP_SETFCAP = 31
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 24, 36, 38
_MOUNT_SETATTR = 442  # the same number on every architecture
_AT_FDCWD, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY = -100, 0x8000, 0x1
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none gets out of sight."""
    if IS_LINUX:
        _check(_libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def die_with_parent(signal_number: int) -> None:
    """Get this signal when the parent dies. Forgotten by fork, kept by exec."""
    if IS_LINUX:
        _check(_libc().prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")


def drop_capabilities() -> None:
    """See to it that the next exec gives no rights beyond the user's, not even to user 0.

    But for one that does nothing by itself: without it, user 0 couldn't make another user namespace.
    """
    for capability in range(64):
        if capability != _CAP_SETFCAP and _libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break  # past the last that this kernel knows
    _check(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def unshare(flags: int) -> None:
    """Put this process (and with NEW_PID its future children) into namespaces of its own."""
    _check(_libc().unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Attach a file system, or with MS_BIND a folder or a file, at `target`."""
    names = (os.fsencode(source), os.fsencode(target), kind.encode() or None)
    _check(_libc().mount(*names, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def set_read_only(target: str, *, is_wanted: bool) -> None:
    """Make what is mounted at `target` read-only with all below it, or `target` alone writable again."""
    bits = (_MOUNT_ATTR_RDONLY, 0) if is_wanted else (0, _MOUNT_ATTR_RDONLY)
    attributes = ctypes.create_string_buffer(struct.pack("QQQQ", *bits, 0, 0), 32)
    flags = _AT_RECURSIVE if is_wanted else 0
    done = _libc().syscall(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), flags, attributes, ctypes.c_size_t(32))
    _check(done, f"mount_setattr {target}")


def bound_tasks(most: int) -> None:
    """Let this namespace of processes have no more than about so many, where that can be said of one alone (Linux 6.14)."""
    major, minor = os.uname().release.split(".")[:2]
    if (int(major), int(re.sub(r"\D.*", "", minor))) >= (6, 14):
        Path("/proc/sys/kernel/pid_max").write_text(str(most), encoding="ascii")


def raise_loopback() -> None:
    """Bring `lo` up: in a new network namespace it is down."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        _, flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def sockets_in_files() -> list[str]:
    """Where local sockets are bound in the file system, as far as this network namespace knows."""
    lines = Path("/proc/net/unix").read_text(encoding="utf-8", errors="surrogateescape").splitlines()[1:]
    fields = (line.split(None, 7) for line in lines)
    return sorted({parts[7] for parts in fields if len(parts) > 7 and parts[7].startswith("/")})


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}" if number else f"{what}: {errno.errorcode.get(result, result)}")
