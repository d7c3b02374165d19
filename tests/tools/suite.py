"""`make test`: every part of the suite in turn; all run, the exit status tells whether all passed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.tools.services import find_chromium, find_postgres, find_redis

# A file's tests on one worker, in the order of tests/conftest.py, and one worker more than the two cores asked for: tests of server
# processes wait for the most part.
PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"),
    *(("-p", "tests.tools.no_skips") if os.environ.get("CI") else ()),
)
# What looks the same on every database runs once, on the default one: pages, documents, clients of the wire, longer stories of server
# processes, who may what, what models say and tools read, settings, and what has no database. Kills, take-overs, drains, exhaustion and
# whatever is locked, ordered, searched, lost or repeated run on both.
ONCE = (
    *(f"tests/{part}" for part in ("client", "docs", "e2e", "fuzz", "scenarios", "stranger", "talk", "tools", "verify")),
    *("tests/test_permissions.py", "tests/test_shape.py", "tests/agents/bench", "tests/agents/web"),
    *(f"tests/process/test_{story}.py" for story in ("crowd", "endurance", "history", "joining", "kill_points", "leaving")),
    *(f"tests/process/test_{story}.py" for story in ("models", "optimise", "side_by_side", "slow", "start", "waiting")),
    *(f"tests/agents/test_{part}.py" for part in ("authority", "console", "event_check", "llm", "model_contract", "model_setup")),
    *(f"tests/agents/test_{part}.py" for part in ("obedience", "provider", "toolbox", "tools_table", "units", "validator")),
    *(f"tests/agents/test_{part}.py" for part in ("desk", "performance_page", "staff", "subjects", "together", "wake")),
    *(f"tests/agents/test_optimise_{part}.py" for part in ("alone", "choice", "progress", "safety", "tools")),
    *(f"tests/agents/test_rules_{part}.py" for part in ("bench", "demo", "planner", "reports", "tools")),
    *(f"tests/project/test_{part}.py" for part in ("config", "gate", "hostile_markdown", "schemas", "text", "vite")),
    *("tests/boards/test_ordering.py", "tests/realtime/test_ring.py", "tests/realtime/test_schema.py"),
)
# These run once too, on PostgreSQL where it is, so that the longer part is no longer than it has to be.
ONCE_ON_POSTGRES = ("tests/contract",)


@dataclass(frozen=True)
class Part:
    title: str
    command: tuple[str, ...]
    environ: dict[str, str] = field(default_factory=dict)


def plan_parts(*, postgres: str | None, redis: str | None) -> Iterator[Part]:
    """The parts this machine can run; SQLite is last, so the summary line of pytest closes the output."""
    yield Part("TypeScript", ("npm", "test", "--silent"))
    if postgres and redis:
        urls = {"WORKROOM_TEST_DATABASE_URL": postgres, "WORKROOM_TEST_REDIS_URL": redis}
        yield Part("Python on PostgreSQL and Redis", (*PYTEST, *_without(ONCE), "-m", "not sqlite"), urls)
    yield Part(
        "Python on SQLite, and Chromium",
        (*PYTEST, *_without(ONCE_ON_POSTGRES if postgres and redis else ()), "-m", "not postgres"),
        {"WORKROOM_TEST_DATABASE_URL": "", "WORKROOM_TEST_REDIS_URL": ""},
    )


def _without(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"--ignore={path}" for path in paths)


def run_part(part: Part) -> bool:
    """Whether the part passed."""
    print(f"\n== {part.title}", flush=True)
    # Where images are kept small nothing compiled is written: here each worker would rewrite every test anew, for four seconds.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(part.command, env=environ | part.environ, check=False).returncode == 0


def main() -> int:
    """0 when every part passed. In CI a missing service is a failure, elsewhere it is said and its tests are left out."""
    found = {"PostgreSQL": find_postgres(), "Redis": find_redis(), "Chromium": find_chromium()}
    missing = [name for name, place in found.items() if place is None]
    if missing:
        print(f"Not found, so left out: {', '.join(missing)}", flush=True)
    if missing and os.environ.get("CI"):
        return 1
    failed: list[str] = []
    for part in plan_parts(postgres=found["PostgreSQL"], redis=found["Redis"]):
        if failed:
            print(f"\nFailed so far: {', '.join(failed)}", flush=True)
        if not run_part(part):
            failed.append(part.title)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
