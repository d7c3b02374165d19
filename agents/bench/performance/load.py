"""The process that measures: `python -m agents.bench.performance.load` reads jobs from standard input and writes JSON lines.

It is one of its own so that nothing else waits in its event loop, and the garbage collector rests while it measures. After the warm-up
it waits for a line, so that who started it can look at what is measured. It ends when they do: standard input closes.
"""

import asyncio
import gc
import json
import os
import queue
import sys
import threading
import time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agents.bench.errors import BenchError
from agents.bench.performance.broadcast import load_broadcast
from agents.bench.performance.declared import Broadcast, Http
from agents.bench.performance.http import load_http
from agents.bench.performance.samples import Samples

WARM, GO = "warm", "go"


class Job(BaseModel):
    """What to measure. `clients` are each client's values, of a broadcast."""

    model_config = ConfigDict(extra="forbid")

    plan: Http | Broadcast = Field(discriminator="kind")
    clients: list[dict[str, Any]] = Field(default_factory=list)

    def to_line(self) -> str:
        """As one line of JSON. Steps are told apart by what was said of them, so what wasn't said is left out."""
        plan = self.plan.model_dump(mode="json", exclude_unset=True, by_alias=True) | {"kind": self.plan.kind}
        return json.dumps({"plan": plan, "clients": self.clients})


class _Meter:
    """Tells how far it is, waits after the warm-up, and knows how much of a core was used since then."""

    def __init__(self, lines: "queue.Queue[str]") -> None:
        self._lines = lines
        self._began = (time.monotonic(), time.process_time())

    async def tell(self, line: str) -> None:
        _write({"tell": line})
        if line == WARM:
            await asyncio.to_thread(self._lines.get)
            self._began = (time.monotonic(), time.process_time())

    @property
    def busy(self) -> float:
        wall, used = time.monotonic() - self._began[0], time.process_time() - self._began[1]
        return used / wall if wall else 0.0


async def run_job(job: Job, lines: "queue.Queue[str]") -> Samples:
    """What came of it, while lines tell how far it is."""
    meter = _Meter(lines)
    if isinstance(job.plan, Http):
        samples = await load_http(job.plan, meter.tell)
    else:
        samples = await load_broadcast(job.plan, job.clients, meter.tell)
    samples.busy = round(meter.busy, 3)
    return samples


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _read_lines(lines: "queue.Queue[str]") -> None:
    """Pass lines on; the end of them is the end of this process, whatever it is doing."""
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def main() -> None:
    """Do one job after another, and tell what came of each."""
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read_lines, args=[lines], daemon=True).start()
    while True:
        job = Job.model_validate_json(lines.get())
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            _write({"samples": asyncio.run(run_job(job, lines)).model_dump()})
        except BenchError as error:
            _write({"failed": [error.message, *error.details]})
        gc.enable()


if __name__ == "__main__":
    main()
