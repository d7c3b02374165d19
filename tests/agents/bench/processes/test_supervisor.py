"""Services started, watched and ended by a supervisor."""

import asyncio
import json
import os
import signal
import socket
import time
from pathlib import Path

import httpx2
import psutil
import pytest

from agents.bench.errors import Failed, Refused
from agents.bench.processes.status import Status
from agents.bench.processes.supervisor import Supervisor
from tests.agents.bench.processes.kit import FOREVER, becomes, is_there, python, shell, stubborn, web, with_word

pytestmark = pytest.mark.process


async def test_dependencies_are_healthy_before_what_needs_them_starts(tmp_path: Path) -> None:
    changes: list[tuple[str, str]] = []
    services = {
        "web": shell(f"echo up; {FOREVER}", depends_on=["api"]),
        "api": shell(f"sleep 0.2; echo up; {FOREVER}", healthy={"log": "^up$"}, depends_on=["db"]),
        "db": shell(f"sleep 0.2; echo up; {FOREVER}", healthy={"log": "^up$"}),
    }
    async with Supervisor(services, tmp_path, on_change=lambda name, status: changes.append((name, status["state"]))) as supervisor:
        await supervisor.start("web")
    up = [(name, state) for name in ("db", "api", "web") for state in ("starting", "healthy")]
    assert changes[:6] == up
    assert changes[6:] == [(name, state) for name in ("web", "api", "db") for state in ("stopping", "stopped")]


async def test_services_that_do_not_need_each_other_start_together(tmp_path: Path) -> None:
    """Each gets healthy only once the other has started."""
    wait = "touch {0}; until [ -e {1} ]; do sleep 0.02; done; echo met; " + FOREVER
    services = {name: shell(wait.format(name, other), healthy={"log": "met"}) for name, other in (("a", "b"), ("b", "a"))}
    async with Supervisor(services, tmp_path) as supervisor:
        await supervisor.start()
        assert {each["state"] for each in supervisor.status().values()} == {"healthy"}


async def test_status_is_json_with_figures(tmp_path: Path) -> None:
    async with Supervisor({"web": web(), "idle": shell("true")}, tmp_path) as supervisor:
        await supervisor.start("web")
        status = json.loads(json.dumps(supervisor.status()))["web"]
        assert status["state"] == "healthy"
        assert status["port"] == supervisor.port("web")
        assert status["address"] == supervisor.address("web") == f"127.0.0.1:{status['port']}"
        assert psutil.Process(status["pid"]).cmdline()[-1] == str(status["port"])
        assert status["processes"] == 1
        assert 3 < status["rss_mb"] < 200
        assert status["cpu_s"] > 0
        assert is_there(status["log"])
        assert (status["exit_code"], status["why"]) == (None, "")
        assert supervisor.status()["idle"]["state"] == "stopped"
    stopped = supervisor.status()["web"]
    assert (stopped["state"], stopped["pid"], stopped["exit_code"]) == ("stopped", None, -signal.SIGTERM)


async def test_service_that_never_gets_healthy_is_ended_and_its_log_shown(tmp_path: Path) -> None:
    service = shell(f"echo one; echo two >&2; {FOREVER}", port="auto", healthy={"tcp": True, "within": 0.3})
    async with Supervisor({"db": shell(FOREVER), "web": service}, tmp_path) as supervisor:
        with pytest.raises(Failed, match=r"web wasn't healthy within 0.3 s: port \d+ isn't open") as caught:
            await supervisor.start()
        assert caught.value.details == ("one", "two")
        assert {name: each["state"] for name, each in supervisor.status().items()} == {"db": "stopped", "web": "failed"}
        assert [each["pid"] for each in supervisor.status().values()] == [None, None]


async def test_service_that_ends_before_it_is_healthy_is_told_at_once(tmp_path: Path) -> None:
    service = shell("echo no config; exit 3", port="auto", healthy={"tcp": True, "within": 60})
    async with Supervisor({"web": service}, tmp_path) as supervisor:
        with pytest.raises(Failed, match="web ended before it was healthy, exit code 3") as caught:
            await supervisor.start()
        assert caught.value.details == ("no config",)


async def test_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with Supervisor({"web": python("").model_copy(update={"command": ["no-such-program"]})}, tmp_path) as supervisor:
        with pytest.raises(Failed, match=r"no-such-program wasn't started, the command can't be run: No such file"):
            await supervisor.start()


async def test_port_in_use_is_told_with_who_has_it_and_nothing_is_left(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        services = {"db": shell(FOREVER), "web": web(port=taken.getsockname()[1], depends_on=["db"])}
        async with Supervisor(services, tmp_path) as supervisor:
            with pytest.raises(Refused, match=rf"Port {taken.getsockname()[1]} is in use by process {os.getpid()} "):
                await supervisor.start()
            assert {name: each["state"] for name, each in supervisor.status().items()} == {"db": "stopped", "web": "failed"}


async def test_restart_keeps_the_port_and_the_log(tmp_path: Path) -> None:
    async with Supervisor({"web": web()}, tmp_path) as supervisor:
        await supervisor.start()
        before = supervisor.status()["web"]
        await supervisor.restart("web")
        after = supervisor.status()["web"]
        assert after["port"] == before["port"]
        assert after["pid"] != before["pid"]
        assert sum("Serving HTTP" in line for line in supervisor.tail("web")) == 2
    assert sum("Serving HTTP" in line for line in supervisor.tail("web")) == 2


async def test_stop_ends_what_ignores_it_and_what_has_left_its_group(tmp_path: Path, mark: str) -> None:
    async with Supervisor({"odd": stubborn(mark)}, tmp_path) as supervisor:
        await supervisor.start()
        assert supervisor.status()["odd"]["processes"] == len(with_word(mark)) == 3
        await supervisor.stop("odd")
        assert with_word(mark) == []
        assert supervisor.status()["odd"]["exit_code"] == -signal.SIGKILL


async def test_service_that_puts_itself_into_the_background_counts_as_running(tmp_path: Path, mark: str) -> None:
    async with Supervisor({"odd": stubborn(mark, "goes")}, tmp_path) as supervisor:
        await supervisor.start()
        assert await becomes(lambda: supervisor.status()["odd"]["processes"] == 2)
        assert supervisor.status()["odd"]["state"] == "healthy"
    assert with_word(mark) == []


async def test_time_to_end_in_good_order_is_given(tmp_path: Path) -> None:
    service = shell("trap 'sleep 0.3; echo bye > bye; exit 0' TERM; echo up; while :; do sleep 0.05; done", healthy={"log": "up"})
    async with Supervisor({"polite": service}, tmp_path) as supervisor:
        await supervisor.start()
    assert (tmp_path / "bye").read_text() == "bye\n"
    assert supervisor.status()["polite"]["exit_code"] == 0


async def test_kill_is_seen_as_an_end_and_start_begins_anew(tmp_path: Path) -> None:
    told: list[Status] = []
    async with Supervisor({"web": web()}, tmp_path, on_change=lambda _, status: told.append(status)) as supervisor:
        await supervisor.start()
        await supervisor.kill("web")
        assert (told[-1]["state"], told[-1]["exit_code"], told[-1]["why"]) == ("exited", -signal.SIGKILL, "ended by SIGKILL")
        with pytest.raises(Refused, match="web doesn't run"):
            await supervisor.kill("web")
        await supervisor.start()
        assert supervisor.status()["web"]["state"] == "healthy"


async def test_end_by_itself_is_seen_and_what_it_leaves_is_ended(tmp_path: Path, mark: str) -> None:
    service = shell(f"sleep 61 & sleep 0.2; exit 7 # {mark}")
    async with Supervisor({"job": service}, tmp_path) as supervisor:
        await supervisor.start()
        assert await becomes(lambda: supervisor.status()["job"]["state"] == "exited")
        assert supervisor.status()["job"]["exit_code"] == 7


async def test_job_that_ends_well_after_its_line_counts_as_healthy_and_is_not_run_again(tmp_path: Path) -> None:
    services = {
        "web": shell(FOREVER, depends_on=["prepare"]),
        "prepare": shell("echo run >> runs; echo prepared", healthy={"log": "^prepared$"}),
    }
    async with Supervisor(services, tmp_path) as supervisor:
        await supervisor.start("web")
        assert await becomes(lambda: supervisor.status()["prepare"]["state"] == "exited")
        assert supervisor.status()["web"]["state"] == "healthy"
        await supervisor.stop("web")
        await supervisor.start("web")
        assert (tmp_path / "runs").read_text() == "run\n"
        await supervisor.start("prepare")
        assert (tmp_path / "runs").read_text() == "run\nrun\n"


async def test_job_that_fails_after_its_line_is_no_job_done(tmp_path: Path) -> None:
    services = {"web": shell(FOREVER, depends_on=["prepare"]), "prepare": shell("sleep 0.1; exit 1", healthy={"log": "prepared"})}
    async with Supervisor(services, tmp_path) as supervisor:
        with pytest.raises(Failed, match="prepare ended before it was healthy, exit code 1"):
            await supervisor.start("web")
        assert {name: each["state"] for name, each in supervisor.status().items()} == {"web": "stopped", "prepare": "failed"}


async def test_restart_of_one_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    async with Supervisor({"db": shell(FOREVER), "web": shell(FOREVER, depends_on=["db"])}, tmp_path) as supervisor:
        await supervisor.start()
        await supervisor.kill("db")
        await supervisor.restart("web")
        assert {name: each["state"] for name, each in supervisor.status().items()} == {"db": "exited", "web": "healthy"}


async def test_texts_are_filled(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    script = 'echo "$0 $1 $2 $DB"; pwd; ' + FOREVER
    service = shell(script, folder="sub", environment={"DB": "{db.address}"}, port="auto", healthy={"log": "sub$"})
    service = service.model_copy(update={"command": [*service.command, "{port}", "{folder}", '{"json": 1}']})
    async with Supervisor({"db": web(), "job": service}, tmp_path) as supervisor:
        await supervisor.start("job")
        folder = str(tmp_path / "sub")
        port = supervisor.port("job")
        assert supervisor.tail("job") == [f'{port} {folder} {{"json": 1}} {supervisor.address("db")}', folder]
        assert supervisor.fill("ws://{job.address}/{folder}{x}{port}") == f"ws://127.0.0.1:{port}/{tmp_path}{{x}}{{port}}"
        assert supervisor.status()["db"]["state"] == "stopped"


async def test_port_stands_for_the_only_one(tmp_path: Path) -> None:
    async with Supervisor({"db": web(), "job": shell("true")}, tmp_path) as supervisor:
        assert supervisor.fill("http://127.0.0.1:{port}/") == f"http://{supervisor.address('db')}/"


async def test_service_has_no_secrets_and_a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKROOM_SECRET_KEY", "hidden")
    monkeypatch.setenv("DATABASE_URL", "hidden")
    async with Supervisor(
        {"job": shell(f'env; touch "$HOME/x" "$TMPDIR/y"; echo done; {FOREVER}', healthy={"log": "done"})}, tmp_path
    ) as sup:
        await sup.start()
        seen = dict(line.split("=", 1) for line in sup.tail("job") if "=" in line)
    assert "hidden" not in seen.values()
    assert seen["HOME"] != os.environ.get("HOME")
    assert not is_there(seen["HOME"])
    assert not is_there(seen["TMPDIR"])


async def test_read_only_folders_of_a_service_go_with_it(tmp_path: Path) -> None:
    service = shell(
        f'mkdir -p "$HOME/cache/deep"; touch "$HOME/cache/deep/file"; chmod -R a-w "$HOME/cache"; echo done; {FOREVER}',
        healthy={"log": "done"},
    )
    async with Supervisor({"job": service}, tmp_path) as supervisor:
        await supervisor.start()
        log = supervisor.status()["job"]["log"] or ""
    assert not is_there(Path(log).parent)


async def test_flood_is_bounded_and_hurts_nobody(tmp_path: Path) -> None:
    flood = python("import sys\nwhile True: sys.stdout.write('x' * 100 + chr(10))")
    async with Supervisor({"flood": flood, "web": web()}, tmp_path) as supervisor:
        await supervisor.start()
        log = Path(supervisor.status()["flood"]["log"] or "")
        assert await becomes(lambda: log.with_name("output.log.1").exists())
        assert sum(each.stat().st_size for each in log.parent.glob("output*")) < 17_000_000
        assert supervisor.tail("flood", 2)[0] == "x" * 100
        async with httpx2.AsyncClient() as client:
            assert (await client.get(f"http://{supervisor.address('web')}/")).status_code == 200


async def test_stop_while_starting_ends_the_start(tmp_path: Path) -> None:
    service = shell(FOREVER, port="auto", healthy={"tcp": True, "within": 60})
    async with Supervisor({"slow": service}, tmp_path) as supervisor:
        starting = asyncio.create_task(supervisor.start())
        assert await becomes(lambda: supervisor.status()["slow"]["pid"] is not None)
        await supervisor.stop("slow")
        with pytest.raises(Failed, match="slow was stopped before it was healthy"):
            await starting
        assert supervisor.status()["slow"]["state"] == "stopped"


async def test_start_that_is_given_up_leaves_nothing(tmp_path: Path, mark: str) -> None:
    services = {"a": stubborn(mark), "b": shell(FOREVER, depends_on=["a"], port="auto", healthy={"tcp": True, "within": 60})}
    async with Supervisor(services, tmp_path) as supervisor:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await supervisor.start()
        assert {each["pid"] for each in supervisor.status().values()} == {None}
        assert with_word(mark) == []


async def test_two_starts_at_once_start_once(tmp_path: Path) -> None:
    async with Supervisor({"job": shell(f"echo up; {FOREVER}", healthy={"log": "up"})}, tmp_path) as supervisor:
        await asyncio.gather(supervisor.start(), supervisor.start("job"))
        await supervisor.start()
        assert supervisor.tail("job") == ["up"]


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ({"a": shell("x", depends_on=["b"]), "b": shell("x", depends_on=["a"])}, "in a circle"),
        ({"a": shell("x", depends_on=["c"])}, "a depends on c, which isn't declared"),
        ({"a": shell("x", folder="..")}, "outside of what is allowed"),
        ({"a": shell("x {b.port}")}, "no service b with a port"),
    ],
)
def test_impossible_declarations_are_refused(tmp_path: Path, services: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        Supervisor(services, tmp_path)  # type: ignore[arg-type]  # a table of mixed cases


async def test_name_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    async with Supervisor({"web": web()}, tmp_path) as supervisor:
        with pytest.raises(Refused, match=r"There is no service wob. Declared: web\."):
            await supervisor.start("wob")
        with pytest.raises(Refused, match="proxied: true"):
            await supervisor.cut("web")


@pytest.mark.parametrize(
    ("limits", "code", "said"),
    [
        (
            {"memory_mb": 100},
            "import os,time\nx = os.urandom(60_000_000)\nos.fork()\ny = os.urandom(25_000_000)\ntime.sleep(60)",
            "memory",
        ),
        ({"cpu_s": 1}, "import os\nos.fork()\nwhile True: pass", "processor time"),
        ({"processes": 5}, "import os,time\nfor _ in range(9): os.fork() or time.sleep(60)\ntime.sleep(60)", "more than 5 processes"),
    ],
)
async def test_service_over_a_limit_is_ended_with_all_its_processes(
    tmp_path: Path, mark: str, limits: object, code: str, said: str
) -> None:
    async with Supervisor({"greedy": python(code, mark, limits=limits)}, tmp_path) as supervisor:
        await supervisor.start()
        assert await becomes(lambda: supervisor.status()["greedy"]["state"] == "exited")
        status = supervisor.status()["greedy"]
        assert said in status["why"]
        assert status["exit_code"] == -signal.SIGKILL
        assert with_word(mark) == []


async def test_limits_of_one_process_are_the_kernels(tmp_path: Path) -> None:
    code = """
import resource, sys
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], resource.getrlimit(resource.RLIMIT_CORE)[0], flush=True)
try:
    b"x" * 200_000_000
except MemoryError:
    sys.exit("no more memory")
"""
    async with Supervisor({"job": python(code, limits={"memory_mb": 100, "files": 64})}, tmp_path) as supervisor:
        await supervisor.start()
        assert await becomes(lambda: supervisor.status()["job"]["state"] == "exited")
        assert supervisor.tail("job") == ["64 0", "no more memory"]
        assert supervisor.status()["job"]["exit_code"] == 1


async def test_guard_that_is_killed_leaves_nothing(tmp_path: Path, mark: str) -> None:
    async with Supervisor({"odd": stubborn(mark)}, tmp_path) as supervisor:
        await supervisor.start()
        status = supervisor.status()["odd"]
        os.kill(psutil.Process(status["pid"] or 0).ppid(), signal.SIGKILL)
        assert await becomes(lambda: supervisor.status()["odd"]["state"] == "exited")
        assert "guard was ended from outside" in supervisor.status()["odd"]["why"]
        assert with_word(mark) == []
        assert not is_there(status["log"] or "")


async def test_few_cycles_leave_no_process_descriptor_thread_or_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m tests.rig cycles` does it a hundred times."""
    places = tmp_path / "tmp"
    places.mkdir()
    monkeypatch.setenv("TMPDIR", str(places))
    process = psutil.Process()
    counts = []
    for _ in range(3):
        async with Supervisor({"web": web(), "job": shell(FOREVER)}, tmp_path) as supervisor:
            await supervisor.start()
        counts.append((process.num_fds(), process.num_threads(), len(process.children(recursive=True))))
    assert counts[0] == counts[-1]
    assert list(places.iterdir()) == []


async def test_stop_takes_about_as_long_as_the_service(tmp_path: Path) -> None:
    async with Supervisor({"job": shell(FOREVER, stop_within=30)}, tmp_path) as supervisor:
        await supervisor.start()
        began = time.monotonic()
        await supervisor.stop()
        assert time.monotonic() - began < 15
