"""The probe: what it is made of, what it does to a program, what it sees of PostgreSQL and of another loop."""

import ast
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.bench.performance.evidence import Told, read_told
from agents.bench.performance.probe.statements import shape_of
from agents.bench.performance.probing import PROBE, probed_command
from tests.agents.bench.performance.servers import started
from tests.tools.services import find_postgres

pytestmark = pytest.mark.process

PROGRAM = """
import json, os, sys
print(json.dumps({"argv": sys.argv, "name": __name__, "path": sys.path[0], "file": os.path.basename(__file__), "cwd": os.getcwd()}))
sys.exit(3)
"""


def test_probe_needs_nothing_but_the_standard_library() -> None:
    for path in PROBE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names, path.name


@pytest.mark.parametrize("program", [["server.py", "a", "-b"], ["-m", "package.server", "a"], ["-u", "-X", "utf8", "server.py"]])
def test_program_is_the_same_with_the_probe_as_without(tmp_path: Path, program: list[str]) -> None:
    (tmp_path / "package").mkdir()
    for name in ("server.py", "package/server.py"):
        (tmp_path / name).write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, *program]
    probed = probed_command(command, tmp_path / "out.json", tmp_path)
    assert probed is not None
    plain, watched = (subprocess.run(each, cwd=tmp_path, capture_output=True, text=True, check=False) for each in (command, probed))
    assert (plain.returncode, plain.stderr) == (3, "")
    assert (watched.returncode, watched.stderr) == (3, "")
    assert json.loads(watched.stdout) == json.loads(plain.stdout)


@pytest.mark.parametrize(
    ("command", "is_python"),
    [
        (["{python}", "server.py"], True),
        (["python3", "-m", "daphne", "x:y"], True),
        (["python3", "-c", "pass"], False),
        (["python3"], False),
        (["python3", "-m"], False),
        (["node", "server.js"], False),
        (["sh", "-c", "python3 server.py"], False),
    ],
)
def test_only_python_programs_get_a_probe(command: list[str], is_python: bool) -> None:
    assert (probed_command(command, Path("o"), Path("r")) is not None) == is_python


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("SELECT * FROM item WHERE id = 17", "SELECT * FROM item WHERE id = ?"),
        ("SELECT a::text FROM item WHERE id = %s AND b = :name", "SELECT a::text FROM item WHERE id = ? AND b = ?"),
        ("SELECT a FROM t2 WHERE n = 'it''s' AND p = $1", "SELECT a FROM t2 WHERE n = ? AND p = ?"),
        ("SELECT *\n FROM item\n WHERE id IN (1, 2,3)", "SELECT * FROM item WHERE id IN (?)"),
    ],
)
def test_statements_that_differ_by_their_values_have_one_shape(statement: str, shape: str) -> None:
    assert shape_of(statement) == shape


def seen_in(folder: Path, program: str, phases: list[str], **environ: str) -> Told:
    """What the probe tells of a program that runs through these phases and then ends."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    out = folder / "out.json"
    command = probed_command([sys.executable, "program.py", *environ.values()], out, folder)
    assert command is not None
    with started(command, folder):
        wait_until((folder / "ready").exists, "the program never began")
        for phase in phases:
            turn_to(out, phase)
            time.sleep(0.5)
        return turn_to(out, "idle")


def turn_to(out: Path, phase: str) -> Told:
    """What the probe has told once it has come to the phase."""
    Path(f"{out}.phase").write_text(phase, encoding="utf-8")
    wait_until(lambda: (told := read_told(out)) is not None and told.phase == phase, f"the probe never came to {phase}")
    told = read_told(out)
    assert told is not None
    return told


def wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < 20, otherwise
        time.sleep(0.02)


@pytest.mark.postgres
def test_statements_sent_to_postgresql_are_counted_by_who_sent_them(tmp_path: Path) -> None:
    program = """
import asyncio, sys, time
import psycopg

def read(connection, number):
    connection.execute("SELECT %s::int", (number,)).fetchone()

async def read_aside(connection, number):
    await connection.execute("SELECT %s::text", (str(number),))

async def main():
    plain = psycopg.connect(sys.argv[1])
    aside = await psycopg.AsyncConnection.connect(sys.argv[1])
    open("ready", "w").close()
    while True:
        read(plain, 1)
        await read_aside(aside, 2)
        await asyncio.sleep(0.01)

asyncio.run(main())
"""
    url = find_postgres()
    assert url
    told = seen_in(tmp_path, program, ["watch it"], url=url)
    found = {(each.shape, each.stack[0][2]) for each in told.seen["watch it"].statements}
    assert {("SELECT ?::int", "read"), ("SELECT ?::text", "read_aside")} <= found


LOOP = """
import asyncio, sys, time
{prepare}

def hold():
    time.sleep(0.05)

async def wait(gate):
    await gate.wait()

async def main():
    waiting = asyncio.create_task(wait(asyncio.Event()))
    open("ready", "w").close()
    while True:
        hold()
        await asyncio.sleep(0.01)

{run}
"""


@pytest.mark.parametrize(
    ("prepare", "run"),
    [
        ("", "asyncio.run(main())"),
        ("import uvloop", "uvloop.run(main())"),
        ("import threading", "threading.Thread(target=asyncio.run, args=[main()]).start()"),
    ],
    ids=["asyncio", "uvloop", "thread"],
)
def test_loop_that_is_held_up_and_tasks_that_wait_are_seen(tmp_path: Path, prepare: str, run: str) -> None:
    told = seen_in(tmp_path, LOOP.format(prepare=prepare, run=run), ["watch it"])
    seen = told.seen["watch it"]
    (stalls,) = [each for each in seen.stalls if each.stack[0][2] == "hold"]
    assert min(stalls.seconds) >= 0.02
    assert "wait" in {each.stack[0][2] for each in seen.waits}


FOREIGN = """
import asyncio, sys, time
sys.path.insert(0, sys.argv[1])
from foreign import blocks_itself

async def main():
    open("ready", "w").close()
    while True:
        await blocks_itself()
        asyncio.get_running_loop().call_soon(time.sleep, 0.05)
        await asyncio.sleep(0.01)

asyncio.run(main())
"""


def test_loop_that_others_hold_up_is_not_put_down_to_who_awaits_them_or_started_the_loop(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / "foreign.py").write_text("import time\n\nasync def blocks_itself():\n    time.sleep(0.05)\n", encoding="utf-8")
    told = seen_in(folder, FOREIGN, ["watch it"], path=str(elsewhere))
    assert told.seen["watch it"].looks > 0
    assert told.seen["watch it"].stalls == []


CALLS = """
import asyncio, random, time

STATE = [0]

def pure(rate):
    return [rate * number for number in range(2000)]

def changing():
    STATE[0] += 1
    return STATE[0]

def dicing(sides):
    return random.randint(sides, sides)

def recursing(depth):
    return 1 if depth == 0 else 1 + recursing(depth - 1)

async def main():
    open("ready", "w").close()
    while True:
        pure(3); changing(); dicing(6); recursing(5)
        pure(STATE[0])
        await asyncio.sleep(0.001)

asyncio.run(main())
"""


def test_functions_called_again_with_the_same_arguments_are_seen_unless_more_decides_what_they_give(tmp_path: Path) -> None:
    told = seen_in(tmp_path, CALLS, ["watch it", "calls it"])
    assert told.seen["watch it"].functions == []
    functions: dict[str, Any] = {each.place[2]: each for each in told.seen["calls it"].functions}
    assert set(functions) == {"pure", "recursing"}
    assert 0 < functions["pure"].again < functions["pure"].calls / 2 + 1
    assert 0 < functions["pure"].again_seconds < functions["pure"].seconds
    assert functions["recursing"].distinct == 6
    assert functions["recursing"].again > functions["recursing"].calls - 7
    assert functions["recursing"].again_seconds <= functions["recursing"].seconds
