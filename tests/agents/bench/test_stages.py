"""Stages with real processes: tested and measured in a copy, sealed off, and nothing left running whatever happens."""

import asyncio
from pathlib import Path

import pytest

from agents.bench.errors import BenchError, Failed, Refused
from agents.bench.processes.command import why_unsealed
from agents.bench.processes.declared import Limits
from agents.bench.stages import LOCK, Order, Site, check, measure
from agents.bench.turn_taking import my_turn
from tests.agents.bench.greeter import SCENARIO, SPEC, make_greeter, running_in

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

FASTER = "--- a/server.py\n+++ b/server.py\n@@ -5 +5 @@\n-        time.sleep(0.02)\n+        time.sleep(0.0)\n"
KILL_BENCH = """
import os, signal
pid = os.getpid()
while b"agents.bench.staged" not in open(f"/proc/{pid}/cmdline", "rb").read():
    pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
os.kill(pid, signal.SIGKILL)
"""
RUDER = FASTER + '@@ -8 +8 @@\n-        self.wfile.write(b\'{"said": "hello"}\')\n+        self.wfile.write(b\'{"said": "bye"}\')\n'


@pytest.fixture(scope="module")
def seal() -> str:
    return "required" if asyncio.run(why_unsealed()) is None else "off"


@pytest.fixture
def site(tmp_path: Path, seal: str) -> Site:
    project = make_greeter(tmp_path / "project")
    site = Site(tmp_path / "copies" / "one", "off" if seal == "off" else "required")
    site.prepare(project)
    return site


async def becomes_quiet(site: Site) -> None:
    for _ in range(100):
        if not running_in(site.root):
            return
        await asyncio.sleep(0.1)
    assert running_in(site.root) == []


async def test_scenarios_and_tests_are_run_and_the_patch_counts(site: Site) -> None:
    told: list[str] = []
    checks = await check(site, "test", [], Order(stage="test"), told.append)
    assert [(each.name, each.passed) for each in checks.played] == [("greet.ws.yaml", True), ("{python} tests.py", True)]
    assert told == ["Playing greet.ws.yaml (1 of 1).", "Running {python} tests.py."]
    rude = await check(site, "test", [RUDER], Order(stage="test"), told.append)
    failed = {each.name: each for each in rude.played}
    assert not rude.passed
    assert "steps[0]" in failed["greet.ws.yaml"].about
    assert any("bye" in line for line in failed["greet.ws.yaml"].details)
    assert ("status 1" in failed["{python} tests.py"].about, failed["{python} tests.py"].details) == (True, ["looked"])
    assert [path.name for path in site.root.iterdir()] == ["base"]


async def test_patch_makes_it_faster_and_budgets_say_so(site: Site) -> None:
    told: list[str] = []
    slow = await measure(site, "measure", [], Order(stage="measure"), told.append)
    fast = await measure(site, "measure", [FASTER], Order(stage="measure", baseline=slow), told.append)
    before, after = slow.measured[0].figures, fast.measured[0].figures
    assert before.p50_ms > 20 > before.errors
    assert after.p50_ms < before.p50_ms
    assert fast.measured[0].ratio_to_baseline is not None
    assert [verdict.passed for verdict in slow.verdicts] == [False, True]
    assert any("hello" in line for line in told)


async def test_one_measurement_is_judged_by_its_own_budgets(site: Site) -> None:
    report = await measure(site, "measure", [], Order(stage="measure", only="nothing"), lambda line: None)
    assert ([each.name for each in report.measured], [each.budget for each in report.verdicts]) == (["nothing"], ["nothing errors = 0"])
    with pytest.raises(BenchError, match=r"There is no bread\. There is: hello, nothing"):
        await measure(site, "measure", [], Order(stage="measure", only="bread"), lambda line: None)


async def test_scenario_of_ones_own_is_played_beside_or_alone(site: Site) -> None:
    extra = {"own": SCENARIO.replace("hello", "farewell")}
    checks = await check(site, "test", [], Order(stage="test", extra=extra, only="own"), lambda line: None)
    assert [(each.name, each.passed) for each in checks.played] == [("own", False)]
    wrong = {"own": SCENARIO.replace("{greeter}", "{nobody}").replace("greeter:", "nobody:")}
    checks = await check(site, "test", [], Order(stage="test", extra=wrong, only="own"), lambda line: None)
    assert checks.passed  # the only service there is
    with pytest.raises(BenchError, match="own:3"):
        await check(site, "test", [], Order(stage="test", extra={"own": "name: x\naddresses: {}\nsteps: 3"}), lambda line: None)


async def test_address_may_stand_in_the_file_that_a_scenario_begins_with(site: Site) -> None:
    (site.base / "ask.part.yaml").write_text(SCENARIO)
    (site.base / "greet.ws.yaml").write_text("name: Again\nbegin_with: ask.part.yaml\nsteps: [{wait: 1}]\n")
    checks = await check(site, "test", [], Order(stage="test", only="greet.ws.yaml"), lambda line: None)
    assert checks.passed, checks


async def test_service_that_never_gets_healthy_is_told_with_its_log(site: Site) -> None:
    (site.base / "server.py").write_text("print('no port today', flush=True); raise SystemExit(3)\n")
    with pytest.raises(BenchError) as failed:
        await check(site, "test", [], Order(stage="test"), lambda line: None)
    assert "greeter" in failed.value.message
    assert any("no port today" in line for line in failed.value.details)
    await becomes_quiet(site)


@pytest.mark.parametrize("stage", ["test", "measure"])
async def test_cancelled_stage_leaves_no_process_and_no_folder(site: Site, stage: str) -> None:
    (site.base / "tests.py").write_text("import time; time.sleep(600)\n")
    (site.base / "bench.yaml").write_text(SPEC.replace("requests: 6", "requests: 60000"))
    told: list[str] = []
    run = check if stage == "test" else measure
    work = asyncio.create_task(run(site, "work", [], Order(stage="test" if stage == "test" else "measure"), told.append))
    while not any("Running" in line or "hello" in line for line in told):
        await asyncio.sleep(0.05)
        assert not work.done()
    assert running_in(site.root)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await becomes_quiet(site)
    assert [path.name for path in site.root.iterdir()] == ["base"]


async def test_stage_that_takes_too_long_is_ended(site: Site) -> None:
    (site.base / "tests.py").write_text("import time; time.sleep(600)\n")
    hasty = Site(site.root, site.seal, timeout_s=6)
    with pytest.raises(Failed, match="wasn't done within 6 s"):
        await check(hasty, "test", [], Order(stage="test"), lambda line: None)
    await becomes_quiet(site)


async def test_stage_that_fills_the_disk_is_ended_with_all_of_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.bench.stages._LIMITS", Limits(disk_mb=8))
    fill = "for number in range(40):\n    open(f'{number}', 'wb').write(b'x' * 1_000_000)\n    time.sleep(0.05)"
    (site.base / "tests.py").write_text(f"import time\n{fill}\ntime.sleep(600)\n")
    with pytest.raises(Failed, match=r"process was ended\. It has written \d+ MB of files, and may write 8\."):
        await check(site, "test", [], Order(stage="test"), lambda line: None)
    await becomes_quiet(site)
    assert [path.name for path in site.root.iterdir()] == ["base"]


async def test_code_reaches_neither_the_project_nor_anything_outside_its_copy(site: Site, seal: str, tmp_path: Path) -> None:
    if seal == "off":
        pytest.skip("This system can't seal.")
    (tmp_path / "outside").write_text("mine")
    reach = f"""
import pathlib, socket
for path in ({str(tmp_path / "outside")!r}, {str(tmp_path / "project/server.py")!r}, {str(site.base / "server.py")!r}):
    try:
        pathlib.Path(path).write_text("theirs")
        print("wrote", path)
    except OSError as error:
        print("refused")
try:
    socket.create_connection(("192.0.2.1", 80), timeout=2)
    print("connected")
except OSError:
    print("unreachable")
raise SystemExit(1)
"""
    (site.base / "tests.py").write_text(reach)
    checks = await check(site, "test", [], Order(stage="test"), lambda line: None)
    assert checks.played[-1].details == ["refused", "refused", "refused", "unreachable"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Who its parents are is read from /proc.")
@pytest.mark.parametrize("act", ["import os; os.mkfifo('../answer.json')", "open('../answer.json', 'w').truncate(200_000_000)"])
async def test_what_a_project_puts_in_the_place_of_the_answer_is_none(site: Site, act: str) -> None:
    (site.base / "tests.py").write_text(f"{act}\n{KILL_BENCH}")
    with pytest.raises(Failed, match="no result"):
        await asyncio.wait_for(check(site, "test", [], Order(stage="test"), lambda line: None), 60)
    await becomes_quiet(site)


async def test_what_ran_unsealed_says_so(site: Site) -> None:
    (site.base / "greet.ws.yaml").unlink()
    checks = await check(Site(site.root, "off"), "test", [], Order(stage="test"), lambda line: None)
    assert (checks.passed, "ran unsealed" in checks.note) == (True, True)
    sealed = await check(site, "test", [], Order(stage="test"), lambda line: None)
    assert ("ran unsealed" in sealed.note) == (site.seal == "off")
    assert [await Site(site.root, seal).is_sealed() for seal in ("required", "off")] == [True, False]


async def test_written_scenario_connects_to_the_projects_services_and_nothing_else(site: Site) -> None:
    """Not sealed, so that nothing but the bench keeps it from there."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    unsealed = Site(site.root, "off")
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        texts = {
            "step": f'steps: [{{request: "GET http://127.0.0.1:{port}/"}}]',
            "value": f'values: {{other: "http://127.0.0.1:{port}"}}\nsteps: [{{request: "GET {{other}}/"}}]',
            "socket": f'clients: {{me: {{url: "ws://127.0.0.1:{port}/"}}}}\nsteps: [{{connect: me}}]',
            "code": 'clients: {me: {app: "http.server:HTTPServer", url: /}}\nsteps: [{connect: me}]',
            "fine": 'addresses: {greeter: null}\nsteps: [{request: "GET {greeter}/", match: {said: hello}}]',
        }
        order = Order(stage="test", extra={name: f"name: {name}\n{text}\n" for name, text in texts.items()})
        checks = await check(unsealed, "test", [], order, lambda line: None)
    fates = {each.name: each for each in checks.played}
    assert [name for name, each in fates.items() if not each.passed] == ["step", "value", "socket", "code"]
    for name in ("step", "value", "socket"):
        assert f"127.0.0.1:{port}/ is none of the services" in fates[name].about
    assert "http.server:HTTPServer" in fates["code"].about
    assert asked == []


async def test_written_scenario_takes_the_place_of_none_of_the_projects(site: Site) -> None:
    order = Order(stage="test", extra={"greet.ws.yaml": "name: Nothing\nsteps: [{wait: 1}]\n"})
    with pytest.raises(BenchError, match=r"greet\.ws\.yaml is a scenario of the project"):
        await check(site, "test", [], order, lambda line: None)


async def test_patch_that_does_not_fit_the_copy_is_refused_before_anything_runs(site: Site) -> None:
    for diff in (FASTER.replace("time.sleep(0.02)", "time.sleep(9)"), FASTER.replace("server.py", "tests.py")):
        with pytest.raises(Refused):
            await check(site, "test", [diff], Order(stage="test"), lambda line: None)


async def test_measurings_go_one_at_a_time(site: Site) -> None:
    told: list[str] = []
    impatient = Site(site.root, site.seal, wait_s=0.3)
    async with my_turn(site.root.parent / LOCK, on_wait=told.append):
        with pytest.raises(Failed, match="Something else is being measured"):
            await measure(impatient, "measure", [], Order(stage="measure"), told.append)
    assert told == ["Waiting until another measuring has ended."]


def test_whole_change_leads_from_the_project_to_its_last_state(site: Site) -> None:
    second = '--- a/server.py\n+++ b/server.py\n@@ -10 +10 @@\n-print("mark", flush=True)\n+print("sign", flush=True)\n'
    whole = site.whole_diff([FASTER, second])
    folder = site.build("again", [whole])
    text = (folder / "project/server.py").read_text()
    assert ("time.sleep(0.0)" in text, 'print("sign"' in text, whole.count("--- a/")) == (True, True, 1)
    assert site.whole_diff([]) == ""
