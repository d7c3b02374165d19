"""Measuring what a spec asks for: against its services, each measurement by itself, then the report."""

import os
import platform
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from agents.bench.errors import Refused
from agents.bench.performance.arena import Arena, Tell
from agents.bench.performance.budgets import bind_all, judge
from agents.bench.performance.declared import Broadcast, Http, Measurement
from agents.bench.performance.figures import make_figures
from agents.bench.performance.findings import Looked, look_for_causes
from agents.bench.performance.loaded import Loader
from agents.bench.performance.report import Measured, Report
from agents.bench.performance.samples import Samples
from agents.bench.processes.supervisor import Supervisor
from agents.bench.spec import Spec

_BUSY = 0.8
_HOST = re.compile(r"^(?:\w+://[^/]+|\{\w+\})")


async def measure(
    spec: Spec,
    *,
    supervisor: Supervisor,
    baseline: Report | None = None,
    on_progress: Tell = lambda _: None,
    is_diagnosed: bool = True,
) -> Report:
    """The report of a spec's measurements, by an entered supervisor of its services, which are started unless they run.

    Where causes are looked for (`is_diagnosed`), that is done afterwards with the services started anew and watched from inside; they
    are stopped then. Budgets that can't be judged are refused before anything is started.
    """
    if not spec.measure:
        raise Refused(f"{spec.name} measures nothing: its file needs a section `measure`.")
    bound = bind_all(spec.budgets, spec.measure, has_servers=bool(spec.services))
    began, load = time.monotonic(), os.getloadavg()[0]
    on_progress("Starting what is measured.")
    async with Loader() as loader:
        arena = Arena(spec, supervisor, loader)
        await arena.begin()
        samples: dict[str, Samples] = {}
        for name, plan in spec.measure.items():
            on_progress(f"Measuring {name}: {about(plan)}.")
            samples[name] = await arena.sample(plan, _teller(name, on_progress))
        looked = await look_for_causes(arena, samples, on_progress) if is_diagnosed else Looked()
    measured = [_measured(name, spec.measure[name], samples[name], baseline) for name in samples]
    return Report(
        target=spec.name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine(),
        duration_s=round(time.monotonic() - began, 2),
        measured=measured,
        verdicts=judge(bound, measured),
        findings=looked.findings,
        notes=[*_notes(load, samples), *looked.notes],
    )


def _teller(name: str, on_progress: Tell) -> Tell:
    return lambda line: on_progress(f"{name}: {line}")


def _measured(name: str, plan: Measurement, samples: Samples, baseline: Report | None) -> Measured:
    figures = make_figures(samples)
    before = next((each.figures.p95_ms for each in baseline.measured if each.name == name), None) if baseline else None
    ratio = round(figures.p95_ms / before, 4) if before else None
    return Measured(name=name, kind=plan.kind, about=about(plan), figures=figures, ratio_to_baseline=ratio)


def about(plan: Measurement) -> str:
    """What is measured, in words."""
    rounds = f"{plan.repeats} rounds of" if plan.repeats > 1 else "one round of"
    if isinstance(plan, Http):
        pace = f"at {plan.rate:g} requests/s" if plan.rate else f"by {plan.concurrency} clients at once"
        return f"{plan.method} {_path(plan.url)}, {rounds} {plan.requests} {pace}"
    if isinstance(plan, Broadcast):
        senders = {"one": "from one client", "each": "from each client in turn", "all": "from all clients at once"}[plan.senders]
        slow = f", {plan.slow_clients} of which read nothing" if plan.slow_clients else ""
        return f"{plan.clients} clients{slow}, {rounds} {plan.messages} messages {senders}"
    return f"{plan.function}, {rounds} {plan.calls} calls"


def _path(url: str) -> str:
    """An address without the host, whose port is another each time."""
    return _HOST.sub("", url) or "/"


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _notes(load: float, samples: Mapping[str, Samples]) -> Iterator[str]:
    if load > (os.cpu_count() or 1) / 2:
        yield f"The machine was busy before (load {load:.1f}): measure again when it is quiet."
    for name, each in samples.items():
        for kind, said in each.shown.items():
            yield f"{name} failed first with {kind}: {' '.join(said.split())}"
        if each.busy > _BUSY:
            yield f"While {name} was measured the measuring itself took {each.busy:.0%} of a core: some of these times are its own."
