"""Scenario steps before a measuring: what they save is known to it by name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.bench.errors import Failed
from agents.bench.performance.declared import Broadcast
from agents.bench.scripts.model import Script
from agents.bench.scripts.outcome import Outcome
from agents.bench.scripts.play import play
from agents.bench.scripts.steps import Step
from agents.bench.scripts.values import Values

_TIMEOUT_MS = 120_000.0


async def prepare(
    steps: Sequence[Step], *, addresses: Mapping[str, str], folder: Path, given: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """`given` and what the steps have saved. Failed, with the step that failed, where one does."""
    if not steps:
        return dict(given)
    script = Script(name=name, addresses=dict.fromkeys(addresses), values=dict(given), timeout=_TIMEOUT_MS, clients={}, steps=list(steps))
    values = Values({})
    outcome = await play(script, addresses=addresses, folder=folder, values=values)
    if not outcome.passed:
        raise _failed(name, outcome)
    return {**given, **{key: value for key, value in values.saved.items() if key not in addresses}}


async def prepare_clients(plan: Broadcast, *, addresses: Mapping[str, str], folder: Path, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The values of each client of a broadcast: what it is dealt, and what the steps save that it goes through before it connects."""
    found = []
    for number in range(1, plan.clients + 1):
        dealt = {name: Values(given).fill(values[(number - 1) % len(values)]) for name, values in plan.deal.items()}
        own = {**given, **dealt, "client": number}
        found.append(await prepare(plan.before, addresses=addresses, folder=folder, given=own, name=f"client {number}"))
    return found


def _failed(name: str, outcome: Outcome) -> Failed:
    if not outcome.failures:
        return Failed(f"Preparing failed ({name}).")
    failure = outcome.failures[0]
    details = [*([f"expected: {failure.expected}"] if failure.expected else []), *failure.difference, *failure.came, *failure.details]
    return Failed(f"Preparing failed ({name}): {failure.title}: {failure.message}", details=details)
