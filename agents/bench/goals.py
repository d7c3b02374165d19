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
    """A failure counts as the time-out, so the goal is no longer than that."""
    figure, limit_ms = ("to all", BROADCAST_MS) if isinstance(measurement, Broadcast) else ("p95", REQUEST_MS)
    return f"{name} {figure} < {min(limit_ms, measurement.timeout_s * 1000):.12g} ms"
