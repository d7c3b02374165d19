"""Scenarios of ours, as tests: those of the protocol against a Workroom of their own, those of clients against a bare echo server."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.process.server import ROOT, free_port

_HERE = "tests/scenarios"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They start real processes, and are marked so."""
    for item in items:
        if item.nodeid.startswith(_HERE):
            item.add_marker("process")
            item.add_marker(pytest.mark.timeout(180))  # the first waits for a migrated server


@contextlib.contextmanager
def echo_server() -> Iterator[str]:
    """The address of a bare echo server in a process of its own, until the end of the `with` block."""
    port = free_port()
    with subprocess.Popen([sys.executable, "examples/scenarios/echo_server.py", str(port)], cwd=ROOT) as process:
        try:
            wait_for(port)
            yield f"ws://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    """Return once somebody listens there."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")
