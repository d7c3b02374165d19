"""Looking for causes: each measurement again, shorter, with services that are watched from inside."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from agents.bench.errors import BenchError
from agents.bench.performance.arena import Arena, Tell
from agents.bench.performance.case import Case
from agents.bench.performance.declared import Broadcast, Function, Http, Measurement
from agents.bench.performance.diagnose import diagnose
from agents.bench.performance.function import load_function
from agents.bench.performance.probing import Probes
from agents.bench.performance.report import Finding
from agents.bench.performance.samples import Samples
from agents.bench.performance.sources import Sources

_REQUESTS = 100
_MESSAGES = 40
_CALLS = 20
_IDLE = "idle"
_UNSEEN = "No service is started as a Python program: nothing was looked at from inside, and findings name no places."


@dataclass
class Looked:
    """What was found, and what a reader must know of it."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def look_for_causes(arena: Arena, samples: Mapping[str, Samples], tell: Tell) -> Looked:
    """The findings of every measurement. The arena's services are stopped for that. What can't be looked at is a note, no failure."""
    sources = Sources(arena.spec.folder)
    cases = {name: Case(name, arena.spec.measure[name], samples[name], sources) for name in samples}
    looked = Looked()
    try:
        await _without_slow_clients(arena, cases, tell)
        await _from_inside(arena, cases, looked, tell)
    except BenchError as error:
        looked.notes.append(f"Not everything could be looked at for causes: {error.message}")
    looked.findings = [finding for case in cases.values() for finding in diagnose(case)]
    return looked


async def _without_slow_clients(arena: Arena, cases: dict[str, Case], tell: Tell) -> None:
    """The same broadcasts with clients that all read, to be held against."""
    for name, case in cases.items():
        if isinstance(case.plan, Broadcast) and case.plan.slow_clients:
            tell(f"Measuring {name} without the clients that read nothing.")
            plan = shorter(case.plan).model_copy(update={"slow_clients": 0, "clients": case.plan.clients - case.plan.slow_clients})
            cases[name] = replace(case, healthy=await arena.sample(plan))


async def _from_inside(arena: Arena, cases: dict[str, Case], looked: Looked, tell: Tell) -> None:
    """What functions and services do meanwhile: once for loops and statements, once for calls, which slows them down."""
    for name, case in cases.items():
        if isinstance(case.plan, Function):
            tell(f"Looking for causes in {name}.")
            cases[name] = await _look_at_function(arena, case, case.plan)
    if not any(isinstance(case.plan, Http | Broadcast) for case in cases.values()):
        return
    await arena.supervisor.stop()
    with tempfile.TemporaryDirectory(prefix="bench-probe-") as place:
        probes = Probes(Path(place), arena.spec.folder)
        arena.supervisor.change(probes.put_into)
        if not probes.names:
            looked.notes.extend([_UNSEEN] if arena.spec.services else [])
            return
        try:
            await arena.begin()
            for name, case in cases.items():
                if isinstance(case.plan, Http | Broadcast):
                    tell(f"Looking for causes in {name}.")
                    cases[name] = await _look(arena, probes, case)
        finally:
            await arena.supervisor.stop()


async def _look_at_function(arena: Arena, case: Case, plan: Function) -> Case:
    phase = f"calls {case.name}"
    with tempfile.TemporaryDirectory(prefix="bench-probe-") as place:
        probes = Probes(Path(place), arena.spec.folder)
        probes.begin_with(phase)
        brief = plan.model_copy(update={"calls": min(plan.calls, _CALLS), "repeats": 1, "warm_up": 0})
        samples = await load_function(brief, arena.spec.folder, probes=probes)
        return replace(case, called=probes.seen(phase), called_samples=samples)


async def _look(arena: Arena, probes: Probes, case: Case) -> Case:
    """Watched while the messages or requests go out, not while clients come in: that is another thing."""
    plan = shorter(case.plan)
    watched = await arena.sample(plan, on_warm=lambda: probes.turn_to(f"watch {case.name}"))
    await probes.turn_to(_IDLE)
    called = await arena.sample(plan, on_warm=lambda: probes.turn_to(f"calls {case.name}"))
    await probes.turn_to(_IDLE)
    return replace(
        case,
        watched=probes.seen(f"watch {case.name}"),
        watched_samples=watched,
        called=probes.seen(f"calls {case.name}"),
        called_samples=called,
    )


def shorter(plan: Measurement) -> Measurement:
    """The same measurement in one short round: what is looked for shows soon."""
    brief: dict[str, int] = {"repeats": 1, "warm_up": 0}
    if isinstance(plan, Http):
        brief["requests"] = min(plan.requests, max(_REQUESTS, 2 * plan.concurrency))
    elif isinstance(plan, Broadcast):
        brief["messages"] = min(plan.messages, max(_MESSAGES, 4 * plan.clients) if plan.senders == "all" else _MESSAGES)
    return plan.model_copy(update=brief)
