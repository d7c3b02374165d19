"""`make bench`: everything, one thing after another. `python -m tests.bench moves replay` measures only these."""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.bench import fanout, first_chunk, isolation, memory, moves, perf_agrees, replay, start
from tests.bench.report import Report
from tests.bench.servers import pin

FOLDER = Path("bench-results")

BENCHES: Mapping[str, Callable[[Report], Awaitable[None]]] = {
    "start": start.measure,
    "moves": moves.measure,
    "perf_agrees": perf_agrees.measure,
    "replay": replay.measure,
    "fanout": fanout.measure,
    "isolation": isolation.measure,
    "memory": memory.measure,
    "first_chunk": first_chunk.measure,
}


async def run(names: list[str]) -> Report:
    """Measure, print as it comes, and judge."""
    report = Report()
    gc.freeze()
    gc.disable()
    for name in names:
        if name != "start":
            pin(os.getpid(), 1)
        began = time.monotonic()
        print(f"\n{name}", flush=True)
        await BENCHES[name](report)
        gc.collect()
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return report


def main() -> int:
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(BENCHES)}.")
        return 2
    load = os.getloadavg()[0]
    report = asyncio.run(run(names))
    if load > 0.5:
        report.notes.append(f"The machine was busy before this run (load {load:.1f}): measure again when it is quiet.")
    report.print_goals()
    print(f"\nKept in {report.write(FOLDER)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
