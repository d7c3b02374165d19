"""Supervisors that are killed leave no process behind. `python -m tests.rig orphans` does it twenty times."""

import asyncio
import sys
from pathlib import Path

import pytest

from agents.bench.processes.environment import ROOT
from tests.agents.bench.processes.kit import becomes, with_word

pytestmark = pytest.mark.process


@pytest.mark.parametrize("network", ["host", "none"])
async def test_killed_supervisor_leaves_no_process_and_no_file(
    tmp_path: Path, mark: str, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "tests.agents.bench.processes.supervise", mark, network]
    supervisor = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert supervisor.stdout
    assert await supervisor.stdout.readline() == b"up\n"
    assert len(with_word(mark)) >= 7
    supervisor.kill()
    await supervisor.wait()
    assert await becomes(lambda: with_word(mark) == [])
    assert await becomes(lambda: list(tmp_path.iterdir()) == [])
