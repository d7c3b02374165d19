"""Budgets: sentences such as "moves p95 < 100 ms", read, bound to what is measured, and judged. What can't be judged is refused."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents.bench.errors import BenchError
from agents.bench.performance.bounds import Compare, bounds_of
from agents.bench.performance.declared import Broadcast, Http, Measurement
from agents.bench.performance.report import Figures, Measured, Verdict

_OPERATORS: Mapping[str, Compare] = {
    "<=": operator.le, "≤": operator.le, "at most": operator.le, "within": operator.le,
    ">=": operator.ge, "≥": operator.ge, "at least": operator.ge,
    "<": operator.lt, "below": operator.lt, "under": operator.lt,
    ">": operator.gt, "above": operator.gt, "over": operator.gt,
    "=": operator.eq,
}  # fmt: skip
_TIMES: Mapping[str, float] = {"ms": 1, "s": 1000, "us": 0.001, "µs": 0.001}
_SIZES: Mapping[str, float] = {"kb": 1, "mb": 1024, "gb": 1024 * 1024}
_RATES: Mapping[str, str] = {"http": "requests/s", "broadcast": "deliveries/s", "function": "calls/s"}
_FIGURES: Mapping[str, str] = {
    "average": "average", "avg": "average", "mean": "average",
    "p50": "p50", "median": "p50", "p95": "p95", "p99": "p99", "max": "max", "worst": "max",
    "to all": "p95 to all", "p50 to all": "p50 to all", "p95 to all": "p95 to all", "max to all": "max to all",
    "throughput": "throughput", "errors": "errors", "memory growth": "memory growth",
}  # fmt: skip
_READ: Mapping[str, Callable[[Figures], float | None]] = {
    "average": lambda figures: figures.average_ms,
    "p50": lambda figures: figures.p50_ms,
    "p95": lambda figures: figures.p95_ms,
    "p99": lambda figures: figures.p99_ms,
    "max": lambda figures: figures.max_ms,
    "p50 to all": lambda figures: figures.to_all.p50_ms if figures.to_all else None,
    "p95 to all": lambda figures: figures.to_all.p95_ms if figures.to_all else None,
    "max to all": lambda figures: figures.to_all.max_ms if figures.to_all else None,
    "throughput": lambda figures: figures.throughput_per_s,
    "errors": lambda figures: figures.errors,
    "memory growth": lambda figures: figures.memory_growth_kb,
}
_EXAMPLES = "“p95 < 200 ms”, “broadcast to all < 100 ms with 10 clients”, “throughput > 500/s”, “errors = 0”, “memory growth < 5 MB”"
# A word as operator stands alone: there is one in the name "overview".
_OPERATOR = re.compile("|".join(rf"\s+({re.escape(each)})\s+" if each[0].isalpha() else rf"\s*({each})\s*" for each in _OPERATORS))
_AMOUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?|\.\d+)\s*(.*)")
_CONDITION = re.compile(r"\s+(?:with (?P<clients>\d+) clients?|at (?P<rate>[\d.]+)\s*(?:requests)?/s)$")


class UnreadableBudget(BenchError, ValueError):
    """A sentence that nothing can be judged by; says which words are known."""


@dataclass(frozen=True)
class Budget:
    """One sentence, read. `factor` makes what is measured from the limit's unit; `clients` and `rate` are conditions."""

    sentence: str
    subject: str
    figure: str
    compare: Compare
    limit: float
    unit: str
    factor: float = 1
    clients: int | None = None
    rate: float | None = None


def read_budget(sentence: str) -> Budget:
    """The sentence as a budget; UnreadableBudget says what isn't understood, and what would be."""
    text = " ".join(sentence.lower().split())
    conditions: dict[str, str] = {}
    while found := _CONDITION.search(text):
        conditions |= {name: value for name, value in found.groupdict().items() if value is not None}
        text = text[: found.start()]
    found = _OPERATOR.search(text)
    if found is None:
        raise UnreadableBudget(f"“{sentence}” compares nothing: write it as in {_EXAMPLES}.")
    sign = found[0].strip()
    subject, figure = _read_left(sentence, text[: found.start()])
    limit, unit, factor = _read_right(sentence, figure, text[found.end() :])
    if sign == "=" and figure != "errors":
        raise UnreadableBudget(f"“{sentence}”: no {figure} is ever exactly this. Write < or >.")
    clients, rate = conditions.get("clients"), conditions.get("rate")
    return Budget(
        sentence, subject, figure, _OPERATORS[sign], limit, unit, factor, int(clients) if clients else None, float(rate) if rate else None
    )


def _read_left(sentence: str, left: str) -> tuple[str, str]:
    """Subject and figure: the longest known figure at the end, and what is before it."""
    for words in sorted(_FIGURES, key=len, reverse=True):
        if left == words or left.endswith(f" {words}"):
            return left[: -len(words)].strip(), _FIGURES[words]
    raise UnreadableBudget(f"“{sentence}”: “{left}” ends with no figure that is measured. Known: {', '.join(_FIGURES)}.")


def _read_right(sentence: str, figure: str, right: str) -> tuple[float, str, float]:
    """Limit, unit, and the unit's size in what is measured."""
    found = _AMOUNT.fullmatch(right)
    if not found:
        raise UnreadableBudget(f"“{sentence}”: “{right}” is no amount. Write it as in {_EXAMPLES}.")
    units = _units(figure)
    unit = found[2].strip()
    if unit not in units:
        raise UnreadableBudget(f"“{sentence}”: “{unit}” is no unit of {figure}. Known: {', '.join(name or 'none' for name in units)}.")
    return float(found[1].replace(",", "")), unit.upper() if unit in _SIZES else unit, units[unit]


def _units(figure: str) -> Mapping[str, float]:
    if figure == "errors":
        return {"": 1, "%": 1}
    if figure == "throughput":
        return dict.fromkeys(("/s", "per second", *_RATES.values()), 1)
    return _SIZES if figure == "memory growth" else _TIMES


def bind(budget: Budget, measured: Mapping[str, Measurement], *, has_servers: bool = True) -> list[str]:
    """The measurements that the budget is about, by name: one at least, or UnreadableBudget.

    `has_servers`: whether the processes that serve are ours, so that their memory can be read.
    """
    found = {name: each for name, each in measured.items() if budget.subject in ("", name, each.kind)}
    if not found:
        known = ", ".join([*measured, *sorted({each.kind for each in measured.values()} - set(measured))]) or "nothing"
        raise UnreadableBudget(f"“{budget.sentence}”: “{budget.subject}” isn't measured. There is: {known}.")
    bound = [name for name, each in found.items() if _suits(budget, each, has_servers)]
    if not bound:
        shown = "; ".join(f"{name} ({_about(each)})" for name, each in found.items())
        raise UnreadableBudget(f"“{budget.sentence}”: {_why_not(budget)}. Measured: {shown}.")
    decided = [_why_decided(budget, found[name]) for name in bound]
    if all(decided):
        raise UnreadableBudget(f"“{budget.sentence}” {decided[0]}. Write another limit, or leave it out.")
    return bound


def _why_decided(budget: Budget, measurement: Measurement) -> str:
    """Why the budget is met or missed whatever is measured; nothing if that is to be seen."""
    bounds = bounds_of(budget.figure, budget.unit, budget.factor, measurement)
    fate = bounds.decide(budget.compare, budget.limit)
    if not fate:
        return ""
    if budget.limit <= bounds.least:
        return f"{fate}: {budget.figure} is never less than 0"
    if budget.figure == "errors":
        return f"{fate}: errors is never more than {bounds.most:,.0f} {budget.unit}".rstrip()
    return f"{fate}: a failure counts as the time-out, {bounds.worst:,g} {budget.unit}, and would meet it"


def _suits(budget: Budget, measurement: Measurement, has_servers: bool) -> bool:
    """Whether this measurement gives the figure, under the budget's conditions."""
    is_foreign = budget.unit in _RATES.values() and budget.unit != _RATES[measurement.kind]
    lacks_memory = budget.figure == "memory growth" and measurement.kind != "function" and not has_servers
    lacks_all = "to all" in budget.figure and measurement.kind != "broadcast"
    if is_foreign or lacks_memory or lacks_all:
        return False
    return budget.clients in (None, clients_of(measurement)) and budget.rate in (None, _rate_of(measurement))


def clients_of(measurement: Measurement) -> int | None:
    """How many clients a measurement has at once; None where it has none."""
    if isinstance(measurement, Broadcast):
        return measurement.clients
    return measurement.concurrency if isinstance(measurement, Http) else None


def _rate_of(measurement: Measurement) -> float | None:
    return measurement.rate if isinstance(measurement, Http) else None


def _about(measurement: Measurement) -> str:
    clients, given = clients_of(measurement), _rate_of(measurement)
    rate = f", at {given:g} requests/s" if given else ""
    return measurement.kind + (f" with {clients} clients" if clients else "") + rate


def _why_not(budget: Budget) -> str:
    if budget.clients is not None:
        return f"nothing gives {budget.figure} with {budget.clients} clients"
    if budget.rate is not None:
        return f"nothing gives {budget.figure} at {budget.rate:g} requests/s"
    if budget.figure == "memory growth":
        return "the memory of a server is known only where `services` starts it"
    return f"nothing gives {budget.figure}" + (f" in {budget.unit}" if budget.unit in _RATES.values() else "")


def bind_all(sentences: Sequence[str], measured: Mapping[str, Measurement], *, has_servers: bool = True) -> list[tuple[Budget, list[str]]]:
    """Every budget with what it is about; UnreadableBudget for the first that can't be judged."""
    budgets = [read_budget(sentence) for sentence in sentences]
    return [(budget, bind(budget, measured, has_servers=has_servers)) for budget in budgets]


def judge(bound: Sequence[tuple[Budget, Sequence[str]]], measured: Sequence[Measured]) -> list[Verdict]:
    """A verdict for each budget and measurement. A figure that is missing after all is missed."""
    by_name = {each.name: each for each in measured}
    return [verdict for budget, names in bound for verdict in _verdicts(budget, names, by_name)]


def _verdicts(budget: Budget, names: Sequence[str], measured: Mapping[str, Measured]) -> Iterator[Verdict]:
    for name in names:
        figures = measured[name].figures
        value = _value(budget, figures)
        yield Verdict(
            budget=budget.sentence,
            measurement=name,
            figure=budget.figure,
            measured=None if value is None else round(value, 3),
            limit=budget.limit,
            unit=budget.unit,
            passed=value is not None and budget.compare(value, budget.limit),
        )


def _value(budget: Budget, figures: Figures) -> float | None:
    value = _READ[budget.figure](figures)
    if value is None:
        return None
    if budget.unit == "%":
        return 100 * value / figures.count if figures.count else 100.0
    return value / budget.factor
