"""Scenario files played one after the other: found, checked all together, played, reported."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from agents.bench.errors import BadFile
from agents.bench.files import load
from agents.bench.processes.declared import Services
from agents.bench.processes.supervisor import Supervisor
from agents.bench.scripts.junit import to_junit
from agents.bench.scripts.load import SUFFIXES, load_script
from agents.bench.scripts.model import Script
from agents.bench.scripts.play import play
from agents.bench.scripts.text import Paint, report, summary


@dataclass(frozen=True)
class Options:
    """What is played, against what, and where it is told. `services` are started before and stopped after, `has_steps` tells all steps."""

    files: Sequence[Path]
    addresses: Mapping[str, str] = field(default_factory=dict)
    services: Path | None = None
    junit: Path | None = None
    json: Path | None = None
    has_colour: bool = False
    has_steps: bool = False


async def run(options: Options, out: TextIO) -> bool:
    """Whether all passed. BadFile, before anything is played, where a file is wrong; Failed where a service doesn't start."""
    scripts = load_all(options.files)
    _check_names(scripts, options)
    paint = Paint(options.has_colour)
    outcomes = []
    async with _addresses(options) as addresses:
        for path, script in scripts.items():
            outcome = await play(script, addresses=addresses, folder=path.parent)
            outcomes.append(outcome)
            print(report(outcome, paint=paint, with_steps=options.has_steps), file=out, flush=True)
    print(summary(outcomes, paint=paint), file=out, flush=True)
    if options.junit:
        options.junit.write_text(to_junit(outcomes), encoding="utf-8")
    if options.json:
        told = [outcome.model_dump(mode="json") for outcome in outcomes]
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return all(outcome.passed for outcome in outcomes)


def load_all(paths: Sequence[Path]) -> dict[Path, Script]:
    """The scripts of these files, and of the folders among them. BadFile tells the mistakes of all."""
    scripts, refusals = {}, []
    for path in _files(paths):
        try:
            scripts[path] = load_script(path)
        except BadFile as refused:
            refusals += [refused.message, *refused.details]
    if refusals:
        raise BadFile(refusals[0], details=refusals[1:])
    return scripts


def _files(paths: Sequence[Path]) -> list[Path]:
    """Every file once, a folder's in the order of their names."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(each for each in path.rglob("*") if each.name.endswith(SUFFIXES)) if path.is_dir() else [path]
        if not inside:
            raise BadFile(f"{path} has no file that ends in {' or '.join(SUFFIXES)}.")
        found |= dict.fromkeys(inside)
    return list(found)


def _check_names(scripts: Mapping[Path, Script], options: Options) -> None:
    """An address that no script asks for is a slip of the pen; a report that can't be written is told before the work."""
    asked = {name for script in scripts.values() for name in script.places}
    for name in options.addresses:
        if name not in asked:
            raise BadFile(f"No script has an address {name}; they have: {', '.join(sorted(asked)) or 'none'}.")
    for path in (options.junit, options.json):
        if path is not None and not path.parent.is_dir():
            raise BadFile(f"{path} can't be written: there is no folder {path.parent}.")


@contextlib.asynccontextmanager
async def _addresses(options: Options) -> AsyncIterator[Mapping[str, str]]:
    """The addresses that were given, and those of the services for as long as they run."""
    if options.services is None:
        yield options.addresses
        return
    declared = load(options.services, Services).services
    async with Supervisor(declared, options.services.resolve().parent) as supervisor:
        await supervisor.start()
        with_port = [name for name, service in declared.items() if service.port is not None]
        started = {name: f"http://{supervisor.address(name)}" for name in with_port}
        yield {**started, **options.addresses}
