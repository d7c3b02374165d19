"""`make bench`: everything, one thing after another. `python -m tests.bench moves replay` measures only these.

`python -m tests.bench regression [REF]` measures this program beside an earlier one.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from tests.bench import fanout, first_chunk, isolation, memory, moves, perf_agrees, regression, replay, start, stuck
from tests.bench.report import Report
from tests.bench.servers import pin

FOLDER = Path("bench-results")

Bench = Callable[[Report], Awaitable[None]]

BENCHES: Mapping[str, Bench] = {
    "start": start.measure,
    "moves": moves.measure,
    "perf_agrees": perf_agrees.measure,
    "replay": replay.measure,
    "fanout": fanout.measure,
    "stuck": stuck.measure,
    "isolation": isolation.measure,
    "memory": memory.measure,
    "first_chunk": first_chunk.measure,
}


async def run(benches: Mapping[str, Bench]) -> Report:
    """Measure, print as it comes, and judge."""
    report = Report()
    gc.freeze()
    gc.disable()
    for name, measure in benches.items():
        if name != "start":
            pin(os.getpid(), 1)
        began = time.monotonic()
        print(f"\n{name}", flush=True)
        await measure(report)
        gc.collect()
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return report


def choose(arguments: list[str]) -> Mapping[str, Bench]:
    """What the command line asks for. SystemExit when there is no such thing."""
    if arguments[:1] == ["regression"] and len(arguments) <= 2:
        return {"regression": partial(regression.measure, ref=regression.find_commit(*arguments[1:]))}
    names = arguments or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(BENCHES)}; or by itself: regression [REF].")
        raise SystemExit(2)
    return {name: BENCHES[name] for name in names}


def main() -> int:
    benches = choose(sys.argv[1:])
    load = os.getloadavg()[0]
    report = asyncio.run(run(benches))
    if load > 0.5:
        report.notes.append(f"The machine was busy before this run (load {load:.1f}): measure again when it is quiet.")
    report.print_goals()
    print(f"\nKept in {report.write(FOLDER)}")
    # Before a deployment this one decides; the others tell.
    return int("regression" in benches and not all(goal.is_met for goal in report.goals))


if __name__ == "__main__":
    raise SystemExit(main())
