"""Scenario files played one after the other: found, checked all together, played, reported."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from agents.bench.errors import BadFile
from agents.bench.files import check_writable, load
from agents.bench.processes.declared import Services
from agents.bench.processes.supervisor import Supervisor
from agents.bench.scripts.junit import to_junit
from agents.bench.scripts.load import SUFFIXES, load_script
from agents.bench.scripts.model import Script
from agents.bench.scripts.play import addresses_of, play
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
    _check_names(scripts, options.addresses)
    check_writable(options.junit, options.json)
    services = load(options.services, Services).services if options.services else {}
    paint = Paint(options.has_colour)
    outcomes = []
    async with Supervisor(services, options.services.resolve().parent if options.services else Path()) as supervisor:
        addresses = {**supervisor.urls, **options.addresses}
        for script in scripts.values():
            addresses_of(script, addresses)  # one that lacks an address is refused now, not after others
        await supervisor.start()
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


def _check_names(scripts: Mapping[Path, Script], given: Mapping[str, str]) -> None:
    """An address that no script asks for is a slip of the pen."""
    asked = {name for script in scripts.values() for name in script.places}
    for name in given:
        if name not in asked:
            raise BadFile(f"No script has an address {name}; they have: {', '.join(sorted(asked)) or 'none'}.")
