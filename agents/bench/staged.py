"""One stage of a round, in a process of its own: `python -m agents.bench.staged FOLDER` (agents/bench/stages.py starts it).

Lines of JSON on standard output tell how far it is; the answer is a file in the folder, written when all services have ended.
"""

import asyncio
import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TypeVar

from agents.bench.errors import BenchError, Refused
from agents.bench.goals import with_goals
from agents.bench.inside import files_of
from agents.bench.loop import Checks, Played
from agents.bench.performance.budgets import bind, read_budget
from agents.bench.performance.measure import measure
from agents.bench.performance.report import Report
from agents.bench.processes.command import run_command
from agents.bench.processes.supervisor import Supervisor
from agents.bench.scripts.load import load_script, parse_script
from agents.bench.scripts.model import Script
from agents.bench.scripts.outcome import Outcome
from agents.bench.scripts.play import play
from agents.bench.scripts.reach import Reach, applications_of
from agents.bench.spec import Spec, load_spec
from agents.bench.stages import ANSWER, ORDER, PROJECT, Answer, Order

T = TypeVar("T")

_TESTS_S = 600
_TOLD_LINES = 40


def tell(progress: str) -> None:
    """Say how far it is."""
    sys.stdout.write(json.dumps({"progress": progress}) + "\n")
    sys.stdout.flush()


async def answer_order(order: Order, project: Path) -> Answer:
    """What the stage comes to; what the bench refuses is an answer, too."""
    try:
        spec = with_goals(load_spec(project))
        if order.stage == "test":
            return Answer(checks=await run_checks(spec, order))
        return Answer(report=await run_measurements(spec, order))
    except BenchError as error:
        return Answer(refused=error.message, details=list(error.details))


async def run_checks(spec: Spec, order: Order) -> Checks:
    """Play the scenarios, each against services of its own, then run the `tests` command."""
    played: list[Played] = []
    own = {str(path): load_script(spec.folder / path) for path in files_of(spec.folder, spec.scenarios)}
    applications = applications_of(own.values())
    scripts = _chosen({**own, **_extra(order, own)}, order.only)
    for place, (name, script) in enumerate(scripts.items(), start=1):
        tell(f"Playing {name} ({place} of {len(scripts)}).")
        played.append(await _play(spec, name, script, None if name in own else applications))
    if spec.tests and not order.only:
        tell(f"Running {' '.join(spec.tests)}.")
        played.append(await _run_tests(spec))
    return Checks(played=played, note="" if played else "The project has no scenarios and no tests: nothing shows that it still works.")


async def run_measurements(spec: Spec, order: Order) -> Report:
    """Measure all there is to measure, or the one that was named."""
    if not _chosen(spec.measure, order.only):
        raise Refused("The project's bench.yaml measures nothing: add a section `measure`.")
    spec = _only(spec, order.only) if order.only else spec
    async with Supervisor(spec.services, spec.folder) as supervisor:
        return await measure(spec, supervisor=supervisor, baseline=order.baseline, on_progress=tell)


def _extra(order: Order, own: Collection[str]) -> dict[str, Script]:
    """The scenarios that aren't the project's. Refused where one would take the place of one that is."""
    for name in order.extra:
        if name in own:
            raise Refused(f"{name} is a scenario of the project: give this one another name.")
    return {name: parse_script(text, name=name) for name, text in order.extra.items()}


async def _play(spec: Spec, name: str, script: Script, applications: frozenset[str] | None) -> Played:
    """One scenario against services that have just been started, so that none finds what another left.

    With `applications`, those of the project's scenarios, it isn't one of them and reaches these and the services, nothing else.
    """
    async with Supervisor(spec.services, spec.folder) as supervisor:
        await supervisor.start()
        urls = supervisor.urls
        served = frozenset(url.removeprefix("http://") for url in urls.values())
        reach = Reach(served, applications) if applications is not None else None
        outcome = await play(script, addresses=addresses_for(script, urls), folder=spec.folder, reach=reach)
    if outcome.passed:
        return Played(name=name, passed=True, about=f"{len(outcome.steps)} steps in {outcome.duration_ms:,.0f} ms")
    first = outcome.failures[0] if outcome.failures else None
    about = f"{first.path} {first.title}: {first.message}" if first else "It failed."
    return Played(name=name, passed=False, about=about, details=_details(outcome))


def addresses_for(script: Script, urls: Mapping[str, str]) -> dict[str, str]:
    """The services' `urls` by the names the scenario gives them: its own name, or any where only one service has a port."""
    only = next(iter(urls.values())) if len(urls) == 1 else None
    found = {}
    for wanted, default in script.places.items():
        if (url := urls.get(wanted, only)) is not None:
            found[wanted] = url
        elif default is None:
            raise Refused(
                f"{script.name} is played against {wanted}, and no service is called that. There is: {', '.join(urls) or 'none'}."
            )
    return found


def _details(outcome: Outcome) -> list[str]:
    lines = []
    for failure in outcome.failures:
        lines += [f"expected: {failure.expected}"] if failure.expected else []
        lines += [*failure.difference, *(f"came: {each}" for each in failure.came), *failure.details]
    return [line[:500] for line in lines[:_TOLD_LINES]]


async def _run_tests(spec: Spec) -> Played:
    """The spec's `tests` command, as part of this process's seal."""
    name = " ".join(spec.tests)
    argv = [sys.executable if word == "{python}" else word for word in spec.tests]
    try:
        completed = await run_command(argv, folder=spec.folder, timeout_s=_TESTS_S, network="host")
    except BenchError as error:
        return Played(name=name, passed=False, about=error.message, details=list(error.details))
    details = completed.output.splitlines()[-_TOLD_LINES:] if completed.exit_code else []
    about = f"in {completed.duration_s:.1f} s" if not completed.exit_code else f"It ended with status {completed.exit_code}."
    return Played(name=name, passed=not completed.exit_code, about=about, details=details)


def _chosen(found: Mapping[str, T], only: str) -> dict[str, T]:
    if not only:
        return dict(found)
    if only not in found:
        raise Refused(f"There is no {only}. There is: {', '.join(found) or 'nothing'}.")
    return {only: found[only]}


def _only(spec: Spec, name: str) -> Spec:
    """The spec with this measurement alone, and the budgets that are about it."""
    budgets = [each for each in spec.budgets if name in bind(read_budget(each), spec.measure)]
    return spec.model_copy(update={"measure": {name: spec.measure[name]}, "budgets": budgets})


def main() -> None:
    """Do what the folder's order says, and leave the answer there."""
    folder = Path(sys.argv[1])
    order = Order.model_validate_json((folder / ORDER).read_bytes())
    answer = asyncio.run(answer_order(order, folder / PROJECT))
    (folder / ANSWER).write_text(answer.model_dump_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
