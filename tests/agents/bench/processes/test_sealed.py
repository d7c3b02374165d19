"""Commands that are shut off: they reach nothing, see nobody and change nothing outside; and systems that can't do it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from agents.bench.errors import Failed, Refused
from agents.bench.processes.command import run_command, why_unsealed
from agents.bench.processes.declared import Limits
from agents.bench.processes.environment import ROOT
from agents.bench.processes.supervisor import Supervisor
from tests.agents.bench.processes.kit import FOREVER, STUBBORN, becomes, is_there, shell, with_word

pytestmark = pytest.mark.process

LOOK_AROUND = str(Path(__file__).parent / "look_around.py")


@pytest.fixture(scope="module")
def _sealing() -> None:
    if reason := asyncio.run(why_unsealed()):
        pytest.skip(reason)


@pytest.fixture(scope="module")
def seen(_sealing: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a sealed command found, beside a server of the host on each kind of socket."""
    place = tmp_path_factory.mktemp("sealed")
    folder, outside, name = place / "project", place / "outside", f"bench-test-{os.getpid()}"
    folder.mkdir()
    outside.mkdir()
    with (
        pytest.MonkeyPatch.context() as patch,
        socket.create_server(("127.0.0.1", 0)) as host,
        socket.socket(socket.AF_UNIX) as local,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        patch.setenv("WORKROOM_SECRET_KEY", "hidden")
        for server, address in ((local, str(place / "socket")), (abstract, f"\0{name}")):
            server.bind(address)
            server.listen()
        argv = [sys.executable, LOOK_AROUND, str(host.getsockname()[1]), str(place / "socket"), name, str(outside)]
        done = asyncio.run(run_command(argv, folder=folder, environment={"DECLARED": "yes"}))
    assert done.exit_code == 0, done.output
    assert list(outside.iterdir()) == []
    return {**json.loads(done.output), "network": done.network, "folder": sorted(each.name for each in folder.iterdir())}


def test_sealed_command_reaches_itself_and_nothing_else(seen: dict[str, Any]) -> None:
    assert seen["network"] == "none"
    assert seen["itself"] == "done"
    refused = {name: seen[name] for name in ("host", "world", "world6", "local", "abstract")}
    unreachable = "Network is unreachable"
    assert refused == {
        "host": "ConnectionRefusedError",
        "world": unreachable,
        "world6": unreachable,
        "local": "ConnectionRefusedError",
        "abstract": "ConnectionRefusedError",
    }


def test_sealed_command_sees_its_own_processes_and_no_device_but_harmless_ones(seen: dict[str, Any]) -> None:
    assert seen["processes"] == [1, 2]
    assert set(seen["devices"]) <= {"fd", "full", "null", "random", "shm", "tty", "urandom", "zero"}


def test_sealed_command_writes_in_its_own_folders_alone(seen: dict[str, Any]) -> None:
    assert {name: seen[name] for name in ("own_folder", "home", "temporary", "null")} == dict.fromkeys(
        ("own_folder", "home", "temporary", "null"), "done"
    )
    assert seen["folder"] == ["mine"]
    assert seen["outside"] == "Read-only file system"
    assert seen["switch"] in ("Read-only file system", "PermissionError")


def test_sealed_command_is_the_same_user_with_no_rights_beyond_and_no_secrets(seen: dict[str, Any]) -> None:
    assert seen["user"] == os.getuid()
    assert int(seen["capabilities"], 16) & ~(1 << 31) == 0  # what is left lets user 0 make namespaces within
    assert "hidden" not in seen["environment"].values()
    assert seen["environment"]["DECLARED"] == "yes"


@pytest.mark.parametrize("network", ["host", "none"])
@pytest.mark.usefixtures("_sealing")
async def test_folder_that_a_link_has_taken_the_place_of_is_not_entered(tmp_path: Path, network: str) -> None:
    folder, outside = tmp_path / "project" / "web", tmp_path / "outside"
    folder.mkdir(parents=True)
    outside.mkdir()
    service = shell(f"touch escaped; {FOREVER}", folder="web", network=network)
    async with Supervisor({"web": service}, tmp_path / "project") as supervisor:
        folder.rmdir()
        folder.symlink_to(outside)
        with pytest.raises(Failed, match=f"its working folder can't be entered: it leads to {outside} by now"):
            await supervisor.start()
    assert list(outside.iterdir()) == []


@pytest.mark.usefixtures("_sealing")
async def test_files_in_shared_memory_are_bounded(tmp_path: Path) -> None:
    look = "import os; found = os.statvfs('/dev/shm'); print(found.f_frsize * found.f_blocks >> 20)"
    assert (await run_command([sys.executable, "-c", look], folder=tmp_path)).output == "256"


@pytest.mark.usefixtures("_sealing")
async def test_services_and_a_further_seal_work_inside(tmp_path: Path) -> None:
    """A round: services that find each other over loopback, one of them shut off once more."""
    code = """
import asyncio, sys
from pathlib import Path
from agents.bench.processes.declared import Service
from agents.bench.processes.supervisor import Supervisor

serve = ["{python}", "-m", "http.server", "--bind", "127.0.0.1", "{port}"]
fetch = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).status)"

async def main():
    services = {
        "web": Service(command=serve, port="auto", healthy={"http": "/"}),
        "near": Service(command=["{python}", "-c", fetch, "http://{web.address}/"], depends_on=["web"]),
        "off": Service(command=["{python}", "-c", fetch, "http://{web.address}/"], network="none", depends_on=["web"]),
    }
    async with Supervisor(services, Path.cwd()) as supervisor:
        await supervisor.start()
        while "healthy" in (supervisor.status()[name]["state"] for name in ("near", "off")):
            await asyncio.sleep(0.05)
        print(supervisor.tail("near"), supervisor.tail("off")[-1])

asyncio.run(main())
"""
    done = await run_command([sys.executable, "-c", code], folder=tmp_path, environment={"PYTHONPATH": str(ROOT)}, timeout_s=50)
    assert done.output == "['200'] urllib.error.URLError: <urlopen error [Errno 111] Connection refused>"


@pytest.mark.usefixtures("_sealing")
async def test_one_time_out_ends_all_of_it(tmp_path: Path, mark: str) -> None:
    with pytest.raises(Failed, match=r"wasn't done within 1\.5 s"):
        await run_command([sys.executable, "-S", STUBBORN, mark], folder=tmp_path, timeout_s=1.5)
    assert with_word(mark) == []


@pytest.mark.usefixtures("_sealing")
@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("kill -TERM $$", -signal.SIGTERM), ("kill -SEGV $$", -signal.SIGSEGV)])
async def test_end_of_a_sealed_command_is_its_own(tmp_path: Path, script: str, code: int) -> None:
    assert (await run_command(["sh", "-c", script], folder=tmp_path)).exit_code == code


@pytest.mark.usefixtures("_sealing")
async def test_limits_hold_for_all_of_it(tmp_path: Path) -> None:
    done = await run_command(["sh", "-c", "sleep 60 & sleep 60 & sleep 60 & wait"], folder=tmp_path, limits=Limits(processes=3))
    assert (done.exit_code, done.why) == (-signal.SIGKILL, "It had more than 3 processes at once.")


@pytest.mark.usefixtures("_sealing")
async def test_command_that_is_not_there_is_told_from_inside(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no-such-program wasn't started, the command can't be run: No such file"):
        await run_command(["no-such-program"], folder=tmp_path)


@pytest.mark.usefixtures("_sealing")
async def test_service_without_network_stops_in_good_order_and_with_its_daemons(tmp_path: Path, mark: str) -> None:
    services = {
        "polite": shell(
            f"trap 'echo bye > bye; exit 0' TERM; echo up; {FOREVER.replace('60', '0.05')}", healthy={"log": "up"}, network="none"
        ),
        "odd": shell(f'setsid sh -c "{FOREVER} # {mark}" & exit 0', network="none", stop_within=0.2),
    }
    async with Supervisor(services, tmp_path) as supervisor:
        await supervisor.start()
        assert await becomes(lambda: (supervisor.status()["odd"]["processes"] or 0) >= 3)
        assert supervisor.status()["odd"]["state"] == "healthy"
        await supervisor.stop()
        states = {name: (each["state"], each["exit_code"]) for name, each in supervisor.status().items()}
    assert states["polite"] == ("stopped", 0)
    assert is_there(tmp_path / "bye")
    assert states["odd"][0] == "stopped"


@pytest.mark.usefixtures("_sealing")
async def test_folders_in_shared_memory_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="bench-test-") as place:
        monkeypatch.setenv("TMPDIR", place)
        done = await run_command(["sh", "-c", 'echo 1 > here && echo 2 > "$TMPDIR/there" && cat here "$TMPDIR/there"'], folder=Path(place))
        assert done.output == "1\n2"
        assert os.listdir(place) == ["here"]


INCAPABLE = """
import asyncio, os, sys
from pathlib import Path
from agents.bench.errors import Refused
from agents.bench.processes import linux
from agents.bench.processes.command import run_command
from agents.bench.stages import Order, Site, check

uid, gid = os.getuid(), os.getgid()
linux.unshare(linux.NEW_USER | linux.NEW_NS)
Path("/proc/self/setgroups").write_text("deny")
Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
if sys.argv[1] == "forbidden":
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
else:
    linux.mount("/dev/null", "/proc/version", flags=linux.MS_BIND)  # as containers cover parts of it

async def main():
    folder = Path(sys.argv[2])
    try:
        print(await run_command(["true"], folder=folder))
    except Refused as refused:
        print(refused.message)
    site = Site(folder / "site", "preferred")
    site.base.mkdir(parents=True)
    (site.base / "bench.yaml").write_text("name: Nothing")
    print((await check(site, "test", [], Order(stage="test"), print)).note)

asyncio.run(main())
"""


@pytest.mark.usefixtures("_sealing")
@pytest.mark.parametrize(("how", "step"), [("forbidden", "unshare: No space left on device"), ("covered", "mount /proc: Operation not")])
def test_system_that_can_not_seal_says_what_to_do_and_lets_an_administrator_decide(tmp_path: Path, how: str, step: str) -> None:
    command = [sys.executable, "-c", INCAPABLE, how, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 2, done.stdout
    refusal, after = done.stdout.splitlines()
    assert refusal.startswith(f"true can't be shut off from the network here: {step}")
    assert "kernel.unprivileged_userns_clone=1" in refusal
    assert "an administrator who trusts the code allows the host's network" in refusal
    assert "This ran unsealed" in after


async def test_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        await run_command(["true"], folder=tmp_path / "none")
