"""What is to be reached: the budgets of a spec, or those that count where it states none."""

from agents.bench.performance.declared import Broadcast, Measurement
from agents.bench.spec import Spec

REQUEST_MS = 100
"""p95 of a request or call."""

BROADCAST_MS = 50
"""p95 from a message's send to its last receipt."""


def goals_of(spec: Spec) -> list[str]:
    """The budgets that hold for this project, as sentences."""
    return list(spec.budgets) or [_goal(name, measurement) for name, measurement in spec.measure.items()]


def with_goals(spec: Spec) -> Spec:
    """The same spec with its budgets written out."""
    return spec.model_copy(update={"budgets": goals_of(spec)})


def _goal(name: str, measurement: Measurement) -> str:
    if isinstance(measurement, Broadcast):
        return f"{name} to all < {BROADCAST_MS} ms"
    return f"{name} p95 < {REQUEST_MS} ms"
