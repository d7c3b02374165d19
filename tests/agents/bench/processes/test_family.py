"""Finding, counting and killing what is under a process, on systems that adopt orphans and on those that don't."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from agents.bench.processes import family, linux
from tests.agents.bench.processes.kit import STUBBORN, with_word

pytestmark = pytest.mark.process


@pytest.fixture
def parent(mark: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a helper under it and a daemon that has left it, all with the mark."""
    environment = {**os.environ, family.MARK: mark}
    with subprocess.Popen([sys.executable, "-S", STUBBORN, mark], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process
        family.kill_all(lambda: with_word(mark))


def test_both_ways_of_finding_descendants_agree(parent: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    quick = family.descendants(parent.pid)
    monkeypatch.setattr(family, "_CHILDREN", "/proc/none/{pid}/{thread}")
    assert family.descendants(parent.pid) == quick != []
    assert family.descendants(2**22 + 1) == []


def test_where_orphans_are_not_adopted_the_mark_finds_them(
    parent: subprocess.Popen[bytes], mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linux, "IS_LINUX", False)
    assert sorted(family.members(parent.pid, mark)) == sorted(set(with_word(mark)) - {parent.pid})
    assert len(with_word(mark)) == 3
    family.kill_all(lambda: family.members(parent.pid, mark))
    parent.kill()
    parent.wait()
    assert with_word(mark) == []


def test_use_counts_what_has_ended_too() -> None:
    code = """
import os, time
if os.fork() == 0:
    while time.process_time() < 0.3:
        pass
    os._exit(0)
os.wait()
print(flush=True)
time.sleep(60)
"""
    outer = f"import subprocess, sys\nwith subprocess.Popen([sys.executable, '-c', {code!r}]): pass"
    with subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        used = family.use(process.pid)
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
    assert used.processes == 1
    assert used.cpu_s >= 0.2  # the kernel counts in hundredths
    assert 1 < used.rss_mb < 200


def test_kill_ends_processes_that_go_on_forking(mark: str) -> None:
    """A chain of 100 at most, each link of which forks once and goes a second after: it ends by itself, too."""
    code = """
import os, time
for _ in range(100):
    time.sleep(0.05)
    if os.fork():
        time.sleep(1)
        os._exit(0)
"""
    with subprocess.Popen([sys.executable, "-S", "-c", code, mark]) as process:
        assert process.wait() == 0
        assert with_word(mark) != []
        family.kill_all(lambda: with_word(mark))
        time.sleep(0.2)
        assert with_word(mark) == []
