"""Logs of bounded size, and reading them while they are written."""

from pathlib import Path

import pytest

from agents.bench.processes.logs import Follower, Log, older, tail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "output.log"


def test_flood_leaves_two_bounded_files_and_the_newest_lines(path: Path, tmp_path: Path) -> None:
    log = Log(path, most_bytes=1_000)
    for number in range(1_000):
        log.write(f"line {number}\n".encode())
    log.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["output.log", "output.log.1"]
    assert path.stat().st_size + older(path).stat().st_size < 2_100
    assert tail(path, 3) == ["line 997", "line 998", "line 999"]
    lines = tail(path, 10_000)
    assert lines == [f"line {number}" for number in range(1_000 - len(lines), 1_000)]
    assert len(lines) > 100


def test_follower_gets_every_line_once_over_a_change_of_files(path: Path) -> None:
    log, follower, seen = Log(path, most_bytes=200), Follower(path), list[str]()
    for number in range(100):
        log.write(f"line {number}\n".encode())
        if number % 7 == 0:
            seen += follower.lines()
    seen += follower.lines()
    log.close()
    assert seen == [f"line {number}" for number in range(100)]


def test_follower_gets_what_was_written_before_the_file_was_removed(path: Path) -> None:
    log, follower = Log(path), Follower(path)
    log.write(b"first\n")
    assert list(follower.lines()) == ["first"]
    log.write(b"last\n")
    path.unlink()
    assert list(follower.lines()) == ["last"]
    log.close()


def test_follower_waits_for_the_end_of_a_line(path: Path) -> None:
    log, follower = Log(path), Follower(path)
    log.write(b"half a ")
    assert list(follower.lines()) == []
    assert follower.rest == "half a "
    log.write(b"line\r\nnext")
    assert list(follower.lines()) == ["half a line"]
    log.close()


def test_follower_from_the_end_skips_what_is_there(path: Path) -> None:
    log = Log(path)
    log.write(b"old\n")
    follower = Follower(path, is_at_end=True)
    log.write(b"new\n")
    assert list(follower.lines()) == ["new"]
    log.close()


def test_endless_line_and_bytes_that_are_no_text_are_bounded(path: Path) -> None:
    log, follower = Log(path), Follower(path)
    for _ in range(50):
        log.write(b"\xff" * 10_000)
        assert list(follower.lines()) == []
        assert len(follower.rest) <= 4_000
    log.write(b"\n")
    assert [len(line) for line in follower.lines()] == [4_000]
    assert len(tail(path, 1)[0]) <= 4_000
    log.close()


def test_log_that_is_not_there_is_empty(path: Path) -> None:
    assert tail(path, 5) == []
    assert list(Follower(path).lines()) == []
    assert tail(path, 0) == []
