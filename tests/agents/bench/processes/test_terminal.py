"""Services in a terminal: the commands, and what one terminal knows of another's."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from agents.bench.errors import BadFile, Failed, Refused
from agents.bench.processes import terminal
from agents.bench.processes.declared import Services
from agents.bench.processes.environment import ROOT
from agents.bench.processes.notice import Notice
from agents.bench.processes.status import Status
from tests.agents.bench.processes.kit import FOREVER, becomes, with_word

pytestmark = pytest.mark.process

STOPPED = Status(
    state="stopped", since="2026-11-21T12:00:00+00:00", pid=None, port=None, address=None, exit_code=None,
    why="", cpu_s=None, rss_mb=None, processes=None, log=None,
)  # fmt: skip

UP = """
import asyncio, sys
from pathlib import Path
from agents.bench.processes import terminal

sys.exit(asyncio.run(terminal.up(Path(sys.argv[1]), [], write=lambda line: print(line, flush=True))))
"""


@pytest.fixture(autouse=True)
def _own_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


@pytest.fixture
def file(tmp_path: Path, mark: str) -> Path:
    """Two services that run, and one that ends."""
    path = tmp_path / "services.yaml"
    path.write_text(f"""
services:
  clock: {{command: [sh, -c, "echo tick; {FOREVER} # {mark}"], healthy: {{log: tick}}}}
  web: {{command: ["{{python}}", -m, http.server, --bind, 127.0.0.1, "{{port}}"], port: auto, depends_on: [clock]}}
  job: {{command: [sh, -c, "echo one; echo two; sleep 0.5; exit 3"], healthy: {{log: one}}, depends_on: [web]}}
""")
    return path


@contextlib.asynccontextmanager
async def brought_up(file: Path, *words: bytes) -> AsyncIterator[asyncio.subprocess.Process]:
    """`up` in another process, once it has told a line with these words."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", UP, str(file), cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    async for line in process.stdout:
        if all(word in line for word in words):
            break
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


@pytest.fixture
async def running(file: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`up` in another process, with its services started."""
    async with brought_up(file, b"exited") as process:
        yield process


@pytest.fixture
def dying(tmp_path: Path, mark: str) -> Path:
    """A service that runs, and one that says something and ends when there is a file `go`."""
    path = tmp_path / "dying.yaml"
    path.write_text(f"""
services:
  clock: {{command: [sh, -c, "echo tick; {FOREVER} # {mark}"], healthy: {{log: tick}}}}
  job: {{command: [sh, -c, "echo one; until [ -e go ]; do sleep 0.05; done; echo out of memory; exit 3"], healthy: {{log: one}}}}
""")
    return path


async def test_other_terminal_sees_status_and_logs_and_stops(running: asyncio.subprocess.Process, file: Path, mark: str) -> None:
    told: list[str] = []
    assert terminal.status(file, write=told.append) == 0
    assert [line.split()[1:3] for line in told] == [["clock", "healthy"], ["web", "healthy"], ["job", "exited"]]
    assert told[2].endswith("exit code 3")

    told.clear()
    assert terminal.status(file, write=told.append, as_json=True) == 0
    status = json.loads(told[0])
    assert psutil.pid_exists(status["web"]["pid"])
    assert status["job"]["exit_code"] == 3

    told.clear()
    assert terminal.logs(file, ["clock", "job"], write=told.append, lines=2) == 0
    assert told == ["clock | tick", "job | one", "job | two"]
    with pytest.raises(Refused, match=r"There is no service nope\. There are: clock, web, job"):
        terminal.logs(file, ["nope"], write=told.append)
    with pytest.raises(Refused, match=rf"is up already, by process {running.pid}\."):
        await terminal.up(file, [], write=told.append)

    told.clear()
    assert await asyncio.to_thread(terminal.stop, file, write=told.append) == 0
    assert told == [f"{file} is stopped."]
    assert with_word(mark) == []
    assert terminal.stop(file, write=told.append) == terminal.status(file, write=told.append) == terminal.NOT_UP
    assert os.listdir(os.environ["XDG_RUNTIME_DIR"]) == []


async def test_following_logs_ends_with_the_services(running: asyncio.subprocess.Process, file: Path) -> None:
    port = Notice(file).read().services["web"]["port"]  # type: ignore[union-attr]  # it is up
    told: list[str] = []
    following = asyncio.create_task(asyncio.to_thread(terminal.logs, file, ["web"], write=told.append, is_following=True))
    assert await becomes(lambda: bool(told))
    before = len(told)
    for _ in range(3):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /services.yaml HTTP/1.0\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    assert await becomes(lambda: sum("GET /services.yaml" in line for line in told[before:]) == 3)
    running.terminate()
    assert await following == 0


async def test_following_logs_gives_the_last_words_of_what_ends(dying: Path) -> None:
    told: list[str] = []
    async with brought_up(dying, b"job", b"healthy") as up:
        following = asyncio.create_task(asyncio.to_thread(terminal.logs, dying, ["job"], write=told.append, is_following=True))
        assert await becomes(lambda: told == ["job | one"])
        dying.with_name("go").touch()
        assert await becomes(lambda: told == ["job | one", "job | out of memory"])
        up.terminate()
        assert await following == 0


async def test_no_lines_are_told_where_none_are_asked_for(running: asyncio.subprocess.Process, file: Path) -> None:
    told: list[str] = []
    assert terminal.logs(file, [], write=told.append, lines=0) == 0
    assert told == []


async def test_notice_of_a_killed_supervisor_counts_for_nothing(running: asyncio.subprocess.Process, file: Path, mark: str) -> None:
    running.kill()
    await running.wait()
    told: list[str] = []
    assert terminal.status(file, write=told.append) == terminal.NOT_UP
    assert told == [f"{file} isn't up."]
    assert await becomes(lambda: with_word(mark) == [])


async def test_up_ends_when_all_services_have_ended(tmp_path: Path) -> None:
    file = tmp_path / "jobs.yaml"
    file.write_text("services: {a: {command: ['true']}, b: {command: [sh, -c, 'exit 2']}}")
    told: list[str] = []
    assert await terminal.up(file, [], write=told.append, as_json=True) == 1
    ends = {line["name"]: line["exit_code"] for line in map(json.loads, told) if line["state"] == "exited"}
    assert ends == {"a": 0, "b": 2}


async def test_runtime_folder_that_is_not_there_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "job.yaml"
    file.write_text("services: {a: {command: ['true']}}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))
    assert await terminal.up(file, [], write=lambda _: None) == 1


async def test_up_tells_why_a_service_did_not_get_healthy(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("services: {a: {command: [sh, -c, 'echo broken; exit 2'], healthy: {log: ready}}}")
    with pytest.raises(Failed, match="a ended before it was healthy, exit code 2") as caught:
        await terminal.up(file, [], write=lambda _: None)
    assert caught.value.details == ("broken",)
    assert Notice(file).read() is None


async def test_bad_file_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("services:\n  a: {comand: [x]}\n")
    with pytest.raises(BadFile, match=r"bad.yaml:2:6: services.a: command: "):
        await terminal.up(file, [], write=lambda _: None)


def test_folder_of_notices_that_others_can_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run" / f"bench-services-{os.getuid()}").mkdir(mode=0o777)
    (tmp_path / "run" / f"bench-services-{os.getuid()}").chmod(0o777)
    with pytest.raises(Refused, match="isn't a folder that this user alone can use"):
        Notice(tmp_path / "services.yaml").read()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda text: text[:40],
        lambda _: b"[]",
        lambda _: b'{"pid": 1}',
        lambda _: b"\xff\xfe",
        lambda _: b"[" * 100_000,
        lambda text: text.replace(b'"state"', b'"stat"'),
        lambda text: text.replace(b'"pid":', b'"pid":-'),
    ],
)
def test_notice_that_is_spoiled_is_refused_with_what_to_do(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "services.yaml"
    notice = Notice(file)
    notice.write({"a": STOPPED}, {"a": []})
    [path] = (tmp_path / "run").rglob("*.json")
    path.write_bytes(spoil(path.read_bytes()))
    for command in (terminal.status, terminal.stop, lambda file, write: terminal.logs(file, [], write=write)):
        with pytest.raises(Refused, match=rf"{path} is spoiled.*running.*writes it anew.*remove it"):
            command(file, write=lambda _: None)


def test_spoiled_notice_heals_while_its_supervisor_runs(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    Notice(file).write({"a": STOPPED}, {"a": []})
    [path] = (tmp_path / "run").rglob("*.json")
    path.write_bytes(b"spoiled")
    Notice(file).write({"a": STOPPED}, {"a": []})
    up = Notice(file).read()
    assert up is not None
    assert up.services == {"a": STOPPED}


def test_management_command_stops_on_ctrl_c(file: Path, tmp_path: Path, mark: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "manage.py", "services", "up", str(file), "clock"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        assert "starting" in up.stdout.readline()
        assert "healthy" in up.stdout.readline()
        up.send_signal(signal.SIGINT)
        assert [line.split()[2] for line in up.communicate()[0].splitlines()] == ["stopping", "stopped"]
    assert up.returncode == 0
    assert with_word(mark) == []


def test_schema_describes_services() -> None:
    schema = Services.model_json_schema()
    assert set(schema["$defs"]) == {"Health", "Limits", "Service"}
    assert schema["$defs"]["Service"]["required"] == ["command"]
