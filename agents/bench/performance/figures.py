"""Figures made of samples."""

from agents.bench.performance.report import Figures, ToAll
from agents.bench.performance.samples import Samples
from agents.bench.performance.stats import interval, mean, quantile, thinned

_MOST_SAMPLES = 2_000


def make_figures(samples: Samples) -> Figures:
    """What a report tells of these samples: at least one."""
    took = samples.took
    low, high = interval(samples.in_blocks, 0.95)
    kept = thinned(len(took), _MOST_SAMPLES)
    return Figures(
        average_ms=_ms(mean(took)),
        p50_ms=_ms(quantile(took, 0.50)),
        p95_ms=_ms(quantile(took, 0.95)),
        p99_ms=_ms(quantile(took, 0.99)),
        max_ms=_ms(max(took)),
        interval_ms=(_ms(low), _ms(high)),
        throughput_per_s=round(samples.done / samples.seconds, 2) if samples.seconds else 0.0,
        count=len(took),
        errors=sum(samples.failed.values()),
        error_kinds=dict(sorted(samples.failed.items())),
        memory_growth_kb=None if samples.growth_kb is None else round(samples.growth_kb, 1),
        to_all=_to_all(samples.to_all),
        samples_ms=[_ms(took[place]) for place in kept],
        at_s=[round(samples.at[place], 4) for place in kept],
    )


def _to_all(took: list[float]) -> ToAll | None:
    if not took:
        return None
    return ToAll(p50_ms=_ms(quantile(took, 0.5)), p95_ms=_ms(quantile(took, 0.95)), max_ms=_ms(max(took)), count=len(took))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 4)
