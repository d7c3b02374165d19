"""What commands may write: counted while they run, wherever in their folders it is, and ended with a word on why."""

import sys
from pathlib import Path

import pytest

from agents.bench.processes.command import Completed, run_command, why_unsealed
from agents.bench.processes.declared import Limits
from agents.bench.processes.space import Uncountable, written

pytestmark = [pytest.mark.process, pytest.mark.timeout(60)]

FILL = """
import os, pathlib, time
folder = pathlib.Path({place})
folder.mkdir(exist_ok=True)
for number in range(40):
    (folder / f"file{{number}}").write_bytes(b"x" * 1_000_000)
    time.sleep(0.05)
time.sleep(30)
"""
UNSEEN = """
import tempfile, time
kept = [tempfile.TemporaryFile(dir=".") for _ in range(4)]
for each in kept:
    each.write(b"x" * 4_000_000)
    each.flush()
time.sleep(30)
"""
NESTED = """
import os, time
for _ in range(30):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
time.sleep(30)
"""
MANY = """
import time
for number in range(3_000):
    open(f"empty{number}", "w").close()
time.sleep(30)
"""


async def run(code: str, folder: Path, network: str) -> Completed:
    argv, limits = [sys.executable, "-c", code], Limits(disk_mb=8)
    if network == "host":
        return await run_command(argv, folder=folder, limits=limits, timeout_s=20, network="host")
    if reason := await why_unsealed():
        pytest.skip(reason)
    return await run_command(argv, folder=folder, limits=limits, timeout_s=20)


@pytest.mark.parametrize("network", ["host", "none"])
@pytest.mark.parametrize("place", ["'.'", "'deep'", "os.environ['TMPDIR']", "os.environ['HOME']"])
async def test_command_that_fills_the_disk_is_ended(tmp_path: Path, place: str, network: str) -> None:
    done = await run(FILL.format(place=place), tmp_path, network)
    assert done.why.startswith("It has written ")
    assert done.why.endswith(" MB of files, and may write 8.")
    assert done.duration_s < 10


@pytest.mark.parametrize("code", [UNSEEN, MANY])
async def test_files_without_a_name_and_files_without_content_count(tmp_path: Path, code: str) -> None:
    assert "of files, and may write 8." in (await run(code, tmp_path, "none")).why


async def test_folders_too_deep_to_be_counted_are_not_put_up_with(tmp_path: Path) -> None:
    assert "can't be looked through" in (await run(NESTED, tmp_path, "none")).why


async def test_no_single_file_is_larger_than_that_even_for_a_moment(tmp_path: Path) -> None:
    code = "open('one', 'wb').write(b'x' * 12_000_000)"
    done = await run(code, tmp_path, "none")
    assert (done.exit_code, "File too large" in done.output) == (1, True)
    assert (tmp_path / "one").stat().st_size <= 8_000_000


async def test_what_was_there_before_does_not_count(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"old{number}").write_bytes(b"x" * 1_000_000)
    done = await run("import time; open('new', 'w').write('x' * 1_000_000); time.sleep(2.5)", tmp_path, "none")
    assert (done.exit_code, done.why) == (0, "")


def test_a_file_counts_once_and_a_link_as_itself(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/large").write_bytes(b"x" * 1_000_000)
    (tmp_path / "a/same").hardlink_to(tmp_path / "a/large")
    (tmp_path / "b").symlink_to("a")
    size = written([str(tmp_path), str(tmp_path / "a")], [])
    assert 1_000_000 <= size < 1_050_000


def test_folder_that_is_gone_counts_nothing_and_one_that_is_shut_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert written([str(tmp_path / "gone")], []) == 0

    def shut(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("agents.bench.processes.space.os.scandir", shut)
    with pytest.raises(Uncountable, match="can't be looked through: Permission denied"):
        written([str(tmp_path)], [])
