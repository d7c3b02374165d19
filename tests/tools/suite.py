"""`make test`: every part of the suite in turn; all run, the exit status tells whether all passed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.tools.services import find_chromium, find_postgres, find_redis

# Two workers, a file's tests on one of them: the suite is processor time for the most part, and two cores are what is asked for.
PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"),
    *(("-p", "tests.tools.no_skips") if os.environ.get("CI") else ()),
)
# Browsers and documents look the same on every database: once is enough.
ELSEWHERE = ("--ignore=tests/e2e", "--ignore=tests/docs", "--ignore=tests/tools")


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
        yield Part("Python on PostgreSQL and Redis", (*PYTEST, *ELSEWHERE, "-m", "not sqlite"), urls)
    yield Part(
        "Python on SQLite, and Chromium", (*PYTEST, "-m", "not postgres"), {"WORKROOM_TEST_DATABASE_URL": "", "WORKROOM_TEST_REDIS_URL": ""}
    )


def run_part(part: Part) -> bool:
    """Whether the part passed."""
    print(f"\n== {part.title}", flush=True)
    return subprocess.run(part.command, env=os.environ | part.environ, check=False).returncode == 0


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
