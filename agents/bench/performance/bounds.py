"""Between which bounds a figure lies whatever is measured. A budget beyond them is decided before anything runs."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from agents.bench.performance.declared import Broadcast, Http, Measurement

Compare = Callable[[float, float], bool]


@dataclass(frozen=True)
class Bounds:
    """The least a figure can be, the most it is if all goes wrong, and the most it can be."""

    least: float
    worst: float
    most: float

    def decide(self, compare: Compare, limit: float) -> str:
        """How a budget with this limit ends whatever is measured; nothing if that is to be seen."""
        if compare is operator.eq:
            return "" if self.least <= limit <= self.most else "could not be met"
        if not (compare(self.least, limit) or compare(self.most, limit)):
            return "could not be met"
        return "could not fail" if compare(self.least, limit) and compare(self.worst, limit) else ""


def bounds_of(figure: str, unit: str, factor: float, plan: Measurement) -> Bounds:
    """Of a figure of this measurement, in a unit that is `factor` of what it is measured in.

    A failure counts as the time-out, so a higher limit on a time would be met by failures alone. More than that is measured only of
    a request that waits for a free client at its rate, or of a call.
    """
    match figure:
        case "memory growth":
            return Bounds(-math.inf, math.inf, math.inf)
        case "throughput":
            return Bounds(0, math.inf, math.inf)
        case "errors":
            most = 100 if unit == "%" else count_of(plan)
            return Bounds(0, most, most)
        case _:
            return Bounds(0, plan.timeout_s * 1000 / factor, math.inf)


def count_of(plan: Measurement) -> int:
    """How many samples the measurement takes."""
    if isinstance(plan, Broadcast):
        readers = plan.clients - plan.slow_clients
        at_once = readers if plan.senders == "all" else 1
        return math.ceil(plan.messages / at_once) * at_once * readers * plan.repeats
    return (plan.requests if isinstance(plan, Http) else plan.calls) * plan.repeats
