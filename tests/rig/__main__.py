"""`make rig`: every long trial, one after another; `python -m tests.rig kills` makes only that one.

WORKROOM_TEST_SEED repeats what chance decided.
"""

import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.process.people import new_room
from tests.process.server import ROOT, Data, Server, manage, new_database
from tests.rig import crowd as crowds
from tests.rig import endurance as rounds
from tests.rig.growth import Held, find_growth
from tests.rig.joins import watch_from_everywhere
from tests.rig.kills import play_killed_at
from tests.rig.length import VARIABLE
from tests.rig.supervisors import cycle, kill_supervisor
from tests.rig.zombies import MOMENTS, play_stopped_at
from tests.tools.services import find_postgres, find_redis

ABREAST = 3
ZOMBIES = 20
OBSERVERS = 100
SUPERVISORS = 20
CYCLES = 100
ENDURE_S = 300.0
SOCKETS = 3_000
REPEATED = (
    "tests/agents/test_approvals.py",  # ten who press at once, two hundred times (R34a, R34b)
    "tests/agents/test_cancel_moments.py",  # R35
    "tests/agents/test_during_run.py",  # R36
    "tests/agents/test_provider.py",  # R39
    "tests/process/test_waiting.py",  # R34c
)
_SETTLED = 5  # cycles until imports and caches are made
WIDE = '{"sockets_per_user": 500, "rest_per_s": 1000, "rest_burst": 1000}'


@dataclass
class Tally:
    """How often something was tried, and what went wrong."""

    name: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    def add(self, what: str, problems: list[str]) -> None:
        self.tried += 1
        self.wrong += [f"{what}: {problem}" for problem in problems]
        print(f"  {'WRONG' if problems else 'good '}  {what}{''.join(f'; {problem}' for problem in problems)}", flush=True)


async def kills(tally: Tally) -> None:
    """Every moment there is, three times, the second time on PostgreSQL and Redis."""
    for number, name in enumerate(("SQLite", "PostgreSQL", "SQLite"), 1):
        with migrated(*places()[name]) as data:
            await _kill_everywhere(tally, data, f"{number}, {name}")


async def _kill_everywhere(tally: Tally, data: Data, name: str) -> None:
    """One kill at each moment that an undisturbed run on this data passes, some side by side: for the most part they wait for leases."""
    undisturbed = await play_killed_at(data, "")
    tally.add(f"{name}, undisturbed", undisturbed.problems)
    points, hits, places = undisturbed.passed, 0, asyncio.Semaphore(ABREAST)

    async def kill_at(point: str) -> None:
        nonlocal hits
        async with places:
            try:
                outcome = await play_killed_at(data, point)
            except Exception as error:  # one trial that breaks off went wrong, and the others go on
                tally.add(f"{name}, {point}", [f"broke off: {error!r}"])
                return
        hits += outcome.was_killed
        tally.add(f"{name}, {point} {outcome.outline}", outcome.problems)

    async with asyncio.TaskGroup() as plays:
        for point in points:
            plays.create_task(kill_at(point))
    tally.facts.append(f"{name}: {len(points)} moments, {hits} kills")
    if hits < len(points) * 0.95:
        tally.wrong.append(f"{name}: only {hits} kills hit")


async def zombies(tally: Tally) -> None:
    """A server that stands still, at every kind of moment."""
    fenced = 0
    with migrated(*places()["PostgreSQL"]) as data:
        for number in range(ZOMBIES):
            moment = MOMENTS[number % len(MOMENTS)]
            returned = await play_stopped_at(data, moment)
            fenced += returned.fenced
            tally.add(f"{moment} {returned.outline}, {returned.fenced} refused", returned.problems)
    tally.facts.append(f"{fenced} writes of zombies refused")


async def joins(tally: Tally) -> None:
    """A hundred observers of one run, on each database."""
    seed = int(os.environ.get("WORKROOM_TEST_SEED") or random.randrange(10**6))
    for name, urls in places().items():
        with migrated(*urls) as data, Server(data, environ={"WORKROOM_RULES_PACE_MS": "40", "WORKROOM_LIMITS": WIDE}) as server:
            await asyncio.to_thread(server.start)
            async with new_room(server.url) as room:
                seen = await watch_from_everywhere(room, observers=OBSERVERS, seed=seed)
        tally.add(f"{name}, {OBSERVERS} observers (WORKROOM_TEST_SEED={seed})", seen.problems)
        tally.facts.append(f"{name}: {seen.came_in_time} came while the run was under way")


async def repeats(tally: Tally) -> None:
    """Trials of the suite at full length, on each database."""
    for name, urls in places().items():
        environ = dict(zip(("WORKROOM_TEST_DATABASE_URL", "WORKROOM_TEST_REDIS_URL"), urls or ("", ""), strict=True))
        for path in REPEATED:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path]
            played = await asyncio.create_subprocess_exec(
                *command,
                env={**os.environ, VARIABLE: "1", **environ},
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            output = (await played.communicate())[0].decode(errors="replace")
            last = f"{name}, {path}: {output.strip().splitlines()[-1]}"
            if played.returncode:
                print(output)
            tally.add(last, [last] if played.returncode else [])


async def orphans(tally: Tally) -> None:
    """Supervisors of services killed: once all is up, and while it starts."""
    for number in range(SUPERVISORS):
        network = ("host", "none")[number % 2]
        after_s = None if number % 4 < 2 else random.uniform(0.3, 3)
        killed = await kill_supervisor(network=network, after_s=after_s)
        moment = "once up" if after_s is None else f"after {after_s:.2f} s"
        tally.add(f"network {network}, {moment}: {killed.processes} processes gone after {killed.gone_after_s:.2f} s", killed.problems)


async def cycles(tally: Tally) -> None:
    """Services started and stopped again and again."""
    counts = await cycle(CYCLES)
    for number in range(10, CYCLES + 1, 10):
        tally.add(f"after {number} cycles: {counts[number - 1]}", counts[number - 1].grown_since(counts[_SETTLED]))


async def endurance(tally: Tally) -> None:
    """Five minutes of full use on each server, judged from the second third on."""
    for way in ("serve", "serve on uvicorn"):
        with migrated() as data, rounds.HeldServer(data, way, environ=rounds.ENVIRON) as server:
            server.start()
            await rounds.warm_up(server)
            held: list[Held] = []
            began = time.monotonic()
            while len(held) < 3 or time.monotonic() - began < ENDURE_S:
                held.append(await rounds.play_round(server))
                print(f"    {way}, round {len(held)}: {held[-1]}", flush=True)
        tally.add(f"{way}: {len(held)} rounds, from {held[len(held) // 3]} to {held[-1]}", find_growth(held[len(held) // 3 :]))


async def crowd(tally: Tally) -> None:
    """Three thousand sockets on each server, twice."""
    crowds.allow_files(SOCKETS)
    for way in ("serve", "serve on uvicorn"):
        with migrated() as data, Server(data, way, environ=crowds.ENVIRON) as server:
            server.start()
            found = await crowds.gather_twice(server, SOCKETS)
        slowest = max(found.answers_s, default=0.0)
        tally.add(f"{way}: all {SOCKETS} reached within {found.reached_s:.2f} s, slowest /healthz {slowest:.2f} s", found.problems)


TRIALS: Mapping[str, Callable[[Tally], Coroutine[Any, Any, None]]] = {
    "joins": joins,
    "crowd": crowd,
    "endurance": endurance,
    "zombies": zombies,
    "repeats": repeats,
    "kills": kills,
    "orphans": orphans,
    "cycles": cycles,
}


def places() -> Mapping[str, tuple[str, ...]]:
    """The databases to try, by name: URLs of PostgreSQL and Redis, or none."""
    postgres, redis = find_postgres(), find_redis()
    if not (postgres and redis):
        raise RuntimeError("This needs PostgreSQL and Redis.")
    return {"SQLite": (), "PostgreSQL": (postgres, redis)}


@contextlib.contextmanager
def migrated(database_url: str = "", redis_url: str = "") -> Iterator[Data]:
    """Data with all tables and nothing in them, on SQLite or beside a PostgreSQL database."""
    with tempfile.TemporaryDirectory(prefix="workroom-rig-") as folder, contextlib.ExitStack() as stack:
        place = Path(folder) / "var"
        place.mkdir()
        data = Data(place, stack.enter_context(new_database(database_url)), redis_url) if database_url else Data(place)
        done = manage(data, "migrate", "--verbosity", "0")
        if done.returncode:
            raise RuntimeError(done.stderr)
        yield data


def main() -> int:
    names = sys.argv[1:] or list(TRIALS)
    unknown = [name for name in names if name not in TRIALS]
    if unknown:
        print(f"There is no trial {', '.join(unknown)}. There are: {', '.join(TRIALS)}.")
        return 2
    tallies = []
    for name in names:
        print(f"\n{name}", flush=True)
        began = time.monotonic()
        tallies.append(tally := Tally(name))
        asyncio.run(TRIALS[name](tally))
        tally.facts.append(f"{time.monotonic() - began:.0f} s")
    print()
    for tally in tallies:
        print(f"{tally.name}: {tally.tried} tried, {len(tally.wrong)} wrong; {', '.join(tally.facts)}")
        for problem in tally.wrong:
            print(f"  {problem}")
    return 1 if any(tally.wrong for tally in tallies) else 0


if __name__ == "__main__":
    raise SystemExit(main())
