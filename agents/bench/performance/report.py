"""What a measuring gives: figures, verdicts and findings, as plain data that can be stored, shown and compared."""

from typing import Any, Literal

from pydantic import Field, field_serializer, model_validator

from agents.bench.plain import Plain

FORMAT = 1

_UNKNOWN = -1.0


class ToAll(Plain):
    """Of a broadcast: from a message's send to the receipt of its last client, in milliseconds."""

    p50_ms: float
    p95_ms: float
    max_ms: float
    count: int


class Figures(Plain):
    """Of one measurement. Times in milliseconds; `interval_ms` is the 95 % bootstrap interval of p95.

    A failure counts as the whole time-out: a fast error must not make figures better. `throughput_per_s` are requests, deliveries or
    calls that succeeded. `memory_growth_kb` is that of the serving processes over the measuring, or what tracemalloc found.
    `samples_ms` are at most 2,000 latencies in the order they happened, each with `at_s`, seconds since the measuring began.
    """

    average_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    interval_ms: tuple[float, float]
    throughput_per_s: float
    count: int
    errors: int
    error_kinds: dict[str, int] = Field(default_factory=dict)
    memory_growth_kb: float | None = None
    to_all: ToAll | None = None
    samples_ms: list[float] = Field(default_factory=list)
    at_s: list[float] = Field(default_factory=list)


class Verdict(Plain):
    """One budget held against what was measured, in the budget's unit; None, and missed, where the figure could not be had after all.

    As JSON that is -1, which reports that are kept, and pages, have for it (PROTOCOL §7).
    """

    budget: str
    measurement: str
    figure: str
    measured: float | None
    limit: float
    unit: str
    passed: bool

    @model_validator(mode="before")
    @classmethod
    def _read(cls, said: Any) -> Any:
        is_unknown = isinstance(said, dict) and said.get("measured") == _UNKNOWN and said.get("passed") is False
        return {**said, "measured": None} if is_unknown else said

    @field_serializer("measured")
    def _write(self, measured: float | None) -> float:
        return _UNKNOWN if measured is None else measured


class Finding(Plain):
    """A cause of slowness with its evidence. `file` is relative to the project's folder."""

    kind: Literal["sequential_sends", "blocking_call", "n_plus_one", "missing_cache", "slow_client", "payload_size"]
    measurement: str
    evidence: str
    action: str
    file: str = ""
    line: int | None = None
    function: str = ""


class Measured(Plain):
    """One measurement: what it was, its figures, and the ratio of its p95 to the baseline's, where there is one."""

    name: str
    kind: Literal["http", "broadcast", "function"]
    about: str
    figures: Figures
    ratio_to_baseline: float | None = None


class Report(Plain):
    """One run of a spec's measurements. `notes` say what a reader must know of the figures: a busy machine, no diagnosis."""

    format: int = FORMAT
    target: str
    created: str
    machine: str
    duration_s: float
    measured: list[Measured]
    verdicts: list[Verdict]
    findings: list[Finding]
    notes: list[str] = Field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every budget is met."""
        return all(verdict.passed for verdict in self.verdicts)
