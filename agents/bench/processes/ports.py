"""Free ports that no two supervisors get at once, and who is in the way of one that isn't free."""

import contextlib
import os
import secrets
import socket
from pathlib import Path

import psutil

from agents.bench.errors import Refused

HOST = "127.0.0.1"

_FIRST = 20_000
_LAST = 60_000
_FEWEST = 1_000
_TRIES = 500


class Port:
    """A TCP port that is ours until `close`, or the end of this process, although nothing listens yet.

    What holds it is the UDP port of the same number: the kernel gives that to one process only, of all users' supervisors.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._token = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._token.bind((HOST, number))
        except OSError:
            self._token.close()
            raise

    def check_free(self) -> None:
        """Refused: somebody listens on it."""
        error = _bind_error(self.number)
        if error:
            raise Refused(_tell(self.number, error))

    def close(self) -> None:
        """Let others have it."""
        self._token.close()


def claim(number: int) -> Port:
    """This port. Refused: it is taken; who has it, where the system tells."""
    try:
        port = Port(number)
    except OSError as error:
        raise Refused(_tell(number, error)) from error
    try:
        port.check_free()
    except Refused:
        port.close()
        raise
    return port


def reserve() -> Port:
    """Any free port, where possible from below those that the system gives to outgoing connections."""
    first, last = _range()
    for _ in range(_TRIES):
        number = first + secrets.randbelow(last - first)
        with contextlib.suppress(OSError):
            port = Port(number)
            if not _bind_error(number):
                return port
            port.close()
    raise Refused(f"No free port was found between {first} and {last}.")


def _range() -> tuple[int, int]:
    lowest_given = _LAST
    with contextlib.suppress(OSError, ValueError):
        lowest_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    return (_FIRST, lowest_given) if lowest_given - _FIRST >= _FEWEST else (_FIRST, _LAST)


def _bind_error(number: int) -> OSError | None:
    """Why a server can't have the port, on this machine's own address or on all."""
    for host in (HOST, ""):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, number))
            except OSError as error:
                return error
    return None


def _tell(number: int, error: OSError) -> str:
    who = _holder(number)
    if who:
        return f"Port {number} is in use by {who}. End that, or say port: auto."
    return f"Port {number} can't be used ({os.strerror(error.errno or 0)}); who has it, this user isn't told. End that, or say port: auto."


def _holder(number: int) -> str:
    """The process that has the port, or keeps it for a service."""
    with contextlib.suppress(psutil.Error, OSError):
        for each in psutil.net_connections("inet"):
            is_listening = each.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
            if is_listening and each.laddr and each.laddr.port == number and each.pid:
                line = " ".join(psutil.Process(each.pid).cmdline())[:100]
                return f"process {each.pid} ({line})"
    return ""
