"""Run where it is shut off: tells, as JSON, what it could reach. Arguments: a port, a local socket, an abstract one, a folder."""

import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

port, local, abstract, outside = sys.argv[1:]


def attempt(do: Callable[[], object]) -> str:
    """Give "done", or the name of the error."""
    try:
        do()
    except OSError as error:
        return type(error).__name__ if type(error) is not OSError else os.strerror(error.errno or 0)
    return "done"


def speak_to_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2], 5) as client:
        client.sendall(b"x")


def connect_local(address: str) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address)


def status(name: str) -> str:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


sys.stdout.write(
    json.dumps(
        {
            "itself": attempt(speak_to_itself),
            "host": attempt(lambda: socket.create_connection(("127.0.0.1", int(port)), 5)),
            "world": attempt(lambda: socket.create_connection(("192.0.2.1", 80), 5)),
            "world6": attempt(lambda: socket.create_connection(("2001:db8::1", 80), 5)),
            "local": attempt(lambda: connect_local(local)),
            "abstract": attempt(lambda: connect_local(f"\0{abstract}")),
            "own_folder": attempt(lambda: Path("mine").write_text("x", encoding="ascii")),
            "home": attempt(lambda: Path.home().joinpath("mine").write_text("x", encoding="ascii")),
            "temporary": attempt(tempfile.mkstemp),
            "outside": attempt(lambda: Path(outside, "theirs").write_text("x", encoding="ascii")),
            "switch": attempt(lambda: Path("/proc/sys/kernel/printk").write_text("1", encoding="ascii")),
            "null": attempt(lambda: Path("/dev/null").write_text("x", encoding="ascii")),
            "devices": sorted(os.listdir("/dev")),
            "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
            "capabilities": status("CapEff"),
            "user": os.getuid(),
            "environment": dict(os.environ),
        }
    )
)
