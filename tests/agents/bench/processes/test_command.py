"""One command to its end, on the host's network."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from agents.bench.errors import Failed, Refused
from agents.bench.processes.command import run_command
from agents.bench.processes.declared import Limits
from tests.agents.bench.processes.kit import STUBBORN, becomes, with_word

pytestmark = pytest.mark.process


async def test_end_output_and_time_are_told(tmp_path: Path) -> None:
    lines: list[str] = []
    script = "echo out; echo $X >&2; pwd; printf 'no end'; exit 5"
    done = await run_command(["sh", "-c", script], folder=tmp_path, environment={"X": "err"}, network="host", on_line=lines.append)
    assert (done.exit_code, done.why, done.network) == (5, "", "host")
    assert done.output.splitlines() == lines == ["out", "err", str(tmp_path), "no end"]
    assert 0 < done.duration_s < 30


async def test_command_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path, mark: str) -> None:
    with pytest.raises(Failed, match="wasn't done within 1 s and was ended") as caught:
        await run_command([sys.executable, "-S", STUBBORN, mark], folder=tmp_path, timeout_s=1, network="host")
    assert caught.value.details == ("ready",)
    assert with_word(mark) == []


async def test_what_a_command_leaves_in_the_background_is_ended(tmp_path: Path, mark: str) -> None:
    argv = [sys.executable, "-S", STUBBORN, mark, "goes"]
    done = await run_command(argv, folder=tmp_path, network="host", timeout_s=30)
    assert (done.exit_code, done.output) == (0, "ready")
    assert with_word(mark) == []


async def test_folders_nested_without_end_are_removed(tmp_path: Path) -> None:
    script = 'cd "$TMPDIR" && echo "$TMPDIR" && for i in $(seq 1500); do mkdir d && cd d || exit 1; done'
    done = await run_command(["sh", "-c", script], folder=tmp_path, network="host")
    assert (done.exit_code, Path(done.output.strip()).parent.exists()) == (0, False)


async def test_limit_that_ended_it_is_told(tmp_path: Path) -> None:
    script = "sleep 60 & sleep 60 & sleep 60 & wait"
    done = await run_command(["sh", "-c", script], folder=tmp_path, limits=Limits(processes=2), network="host")
    assert (done.exit_code, done.why) == (-signal.SIGKILL, "It had more than 2 processes at once.")


async def test_command_that_can_not_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no-such-program wasn't started, the command can't be run: No such file"):
        await run_command(["no-such-program"], folder=tmp_path, network="host")
    with pytest.raises(Refused, match="No such file"):
        await run_command(["true"], folder=tmp_path / "none", network="host")


async def test_command_that_is_given_up_is_ended(tmp_path: Path, mark: str) -> None:
    argv = [sys.executable, "-S", STUBBORN, mark]
    task = asyncio.create_task(run_command(argv, folder=tmp_path, network="host"))
    assert await becomes(lambda: len(with_word(mark)) == 3)
    task.cancel()
    await asyncio.wait({task})
    assert with_word(mark) == []
