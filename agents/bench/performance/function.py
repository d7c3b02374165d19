"""Timing a plain function of a project."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from agents.bench.errors import Failed
from agents.bench.performance import call
from agents.bench.performance.declared import Function
from agents.bench.performance.probing import Probes
from agents.bench.performance.samples import Samples
from agents.bench.performance.stats import stretches
from agents.bench.processes.command import run_command

_START_S = 30.0
_TAIL = 20


async def load_function(plan: Function, folder: Path, *, probes: Probes | None = None) -> Samples:
    """Time and memory of its calls, in a process of its own in `folder`, or time alone with a probe in it.

    Failed where it can't be called, or takes too long.
    """
    job = plan.model_dump(include={"function", "arguments", "warm_up", "calls", "repeats"}) | {"with_memory": probes is None}
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        out = Path(place, "calls.json")
        command = [sys.executable, call.__file__, str(out), json.dumps(job)]
        command = probes.put_before(command) if probes else command
        done = await run_command(command, folder=folder, timeout_s=_START_S + plan.timeout_s * (plan.repeats + 2), network="host")
        found = _read(out)
    if found is None:
        raise Failed(f"{plan.function} could not be measured: its process ended.", details=done.output.splitlines()[-_TAIL:])
    if "failed" in found:
        raise Failed(f"{plan.function} can't be called: {found['failed']}.")
    return _samples(found, plan)


def _read(out: Path) -> dict[str, Any] | None:
    if not out.exists():
        return None
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _samples(found: dict[str, Any], plan: Function) -> Samples:
    samples = Samples(growth_kb=found["growth_kb"], busy=0.0)
    for calls in found["rounds"]:
        before = len(samples.took)
        for seconds, problem in calls:
            samples.seconds += seconds
            if problem is None:
                samples.add(seconds, samples.seconds)
            else:
                samples.fail(problem, samples.seconds, plan.timeout_s)
        samples.blocks += map(len, stretches(samples.took[before:]))
    return samples
