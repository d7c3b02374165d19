"""A command's guard that breaks down is noticed: nobody waits for its news for ever, and nothing of the command is left."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from socket import socket

import pytest

from agents.bench.processes import guarded
from agents.bench.processes.guarded import Guarded
from agents.bench.processes.orders import Order
from agents.bench.processes.output import Output

pytestmark = pytest.mark.process

BREAKS_DOWN = """
import json, socket, sys
line = socket.socket(fileno=0)
line.recv(100_000)
for what, text in (("started", ""), ("refused", "guard: [Errno 28] No space left on device")):
    line.sendall(json.dumps({"what": what, "pid": 1, "text": text}).encode() + b"\\n")
"""


async def test_guard_that_breaks_down_after_the_start_ends_the_wait(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def start(theirs: socket, label: str) -> subprocess.Popen[bytes]:
        del label
        return subprocess.Popen([sys.executable, "-c", BREAKS_DOWN], stdin=theirs.fileno(), start_new_session=True)

    monkeypatch.setattr(guarded, "_start_guard", start)
    command = await Guarded.begin(Order(argv=["true"], folder=str(tmp_path), environment={}))
    news = await asyncio.wait_for(command.end(), 10)
    assert "No space left on device" in news.text
    await command.release()


def test_nothing_is_read_later_from_an_output_that_is_closed(tmp_path: Path) -> None:
    """A guard whose command had flooded it and ended broke down when it came to go on reading."""
    output = Output(tmp_path / "log")
    while not output.resume_at:
        os.write(output.writing, b"x" * 32_000)
        output.take()
    os.close(output.writing)
    output.close()
    assert output.resume_at == 0.0
