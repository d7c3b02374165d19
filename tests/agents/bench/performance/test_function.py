"""Timing plain functions, in a process of their own."""

from typing import Any

import pytest

from agents.bench.errors import Failed
from agents.bench.performance.declared import Function
from agents.bench.performance.figures import make_figures
from agents.bench.performance.function import load_function
from agents.bench.performance.report import Figures
from agents.bench.performance.samples import Samples
from tests.agents.bench.performance.servers import PROJECTS

pytestmark = pytest.mark.process


async def load(function: str, *arguments: Any, **changes: Any) -> Samples:
    given = {"function": function, "arguments": list(arguments), "calls": 5, "repeats": 2, "warm_up": 1} | changes
    return await load_function(Function.model_validate(given), PROJECTS)


@pytest.mark.parametrize("name", ["nap", "nap_aside"])
async def test_function_is_timed_whether_it_is_awaited_or_not(name: str) -> None:
    samples = await load(f"sums:{name}", 0.01)
    assert (samples.done, len(samples.took), sum(samples.blocks)) == (10, 10, 10)
    assert 0.009 < min(samples.took) < 0.2
    assert samples.seconds == pytest.approx(sum(samples.took))


async def test_function_with_a_loop_of_its_own_is_timed() -> None:
    assert (await load("sums:run_aside")).failed == {}


async def test_what_is_held_is_seen_and_what_is_let_go_is_not() -> None:
    holding, letting_go = await load("sums:hold", 100_000), await load("sums:nap", 0)
    assert holding.growth_kb == pytest.approx(5 * 100_000 / 1024, rel=0.1)
    assert letting_go.growth_kb is not None
    assert abs(letting_go.growth_kb) < 20


async def test_errors_are_counted_by_kind() -> None:
    samples = await load("sums:odd", timeout_s=2)
    assert samples.failed == {"LookupError": 5}
    assert samples.done == 5


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("nowhere:nap", "ModuleNotFoundError: No module named 'nowhere'"),
        ("sums:nothing", "AttributeError"),
        ("sums:number", "sums:number is no function but a value of type int"),
    ],
)
async def test_function_that_is_none_is_told(function: str, told: str) -> None:
    with pytest.raises(Failed, match=told):
        await load(function)


async def test_process_that_ends_is_told_with_what_it_said() -> None:
    with pytest.raises(Failed, match="its process ended") as caught:
        await load("sums:leave")
    assert "leaving" in caught.value.details


def figures(took: list[float], **given: Any) -> Figures:
    return make_figures(Samples(took=took, at=[float(place) for place in range(len(took))], blocks=[len(took)], **given))


def test_figures_are_in_milliseconds_and_thinned() -> None:
    made = figures([place / 1000 for place in range(1, 5001)], seconds=2.0, done=4999, failed={"timeout": 1})
    assert (made.p50_ms, made.p95_ms, made.p99_ms, made.max_ms, made.count) == (2500, 4750, 4950, 5000, 5000)
    assert (made.throughput_per_s, made.errors, made.error_kinds) == (2499.5, 1, {"timeout": 1})
    assert len(made.samples_ms) == len(made.at_s) == 2000
    assert made.samples_ms == sorted(made.samples_ms)


def test_figures_of_broadcasts_tell_the_time_to_all() -> None:
    made = figures([0.01] * 4, seconds=1.0, done=4, to_all=[0.01, 0.03])
    assert made.to_all is not None
    assert (made.to_all.p50_ms, made.to_all.max_ms, made.to_all.count) == (10, 30, 2)
