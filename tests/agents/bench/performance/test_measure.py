"""Measuring a spec: services started, prepared, measured, judged, ended."""

from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from agents.bench.errors import Failed, Refused
from agents.bench.performance.measure import measure
from agents.bench.performance.report import Measured, Report
from agents.bench.processes.supervisor import Supervisor
from agents.bench.spec import Spec, load_spec
from tests.agents.bench.performance.servers import PROJECTS

pytestmark = pytest.mark.process

SHOP: dict[str, Any] = {
    "name": "Shop",
    "services": {
        "shop": {"command": ["{python}", "shop.py", "{port}"], "port": "auto", "healthy": {"http": "/fine"}},
        "the-board": {"command": ["{python}", "board.py", "{port}"], "port": "auto", "healthy": {"tcp": True}},
    },
}
BRIEF = {"repeats": 2, "warm_up": 2}


def spec_of(tmp_path: Path, **sections: Any) -> Spec:
    """A spec over the projects of these tests, as if its file lay among them."""
    (tmp_path / "bench.yaml").write_text(yaml.safe_dump(SHOP | sections, sort_keys=False), encoding="utf-8")
    spec = load_spec(tmp_path)
    spec._folder = PROJECTS
    return spec


async def report_of(spec: Spec, **options: Any) -> Report:
    async with Supervisor(spec.services, spec.folder) as supervisor:
        return await measure(spec, supervisor=supervisor, is_diagnosed=False, **options)


def named(report: Report, name: str) -> Measured:
    return next(each for each in report.measured if each.name == name)


async def test_every_kind_is_measured_and_every_budget_judged(tmp_path: Path) -> None:
    told: list[str] = []
    measurements = {
        "fine": {"kind": "http", "url": "http://{shop.address}/fine", "requests": 20, **BRIEF},
        "moves": {
            "kind": "broadcast", "url": "ws://{the-board.address}/together", "send": {"id": "{id}"}, "marker": '"id":"{id}"',
            "clients": 3, "messages": 5, **BRIEF,
        },
        "hold": {"kind": "function", "function": "sums:hold", "arguments": [50_000], "calls": 10, **BRIEF},
    }  # fmt: skip
    budgets = ["p95 < 30 s", "fine throughput > 1/s", "moves to all < 30 s with 3 clients", "errors = 0", "hold memory growth < 10 kB"]
    report = await report_of(spec_of(tmp_path, measure=measurements, budgets=budgets), on_progress=told.append)
    assert [(each.name, each.kind, each.figures.count, each.figures.errors) for each in report.measured] == [
        ("fine", "http", 40, 0), ("moves", "broadcast", 30, 0), ("hold", "function", 20, 0)
    ]  # fmt: skip
    assert [(verdict.budget, verdict.measurement, verdict.passed) for verdict in report.verdicts] == [
        *[("p95 < 30 s", name, True) for name in measurements],
        ("fine throughput > 1/s", "fine", True),
        ("moves to all < 30 s with 3 clients", "moves", True),
        *[("errors = 0", name, True) for name in measurements],
        ("hold memory growth < 10 kB", "hold", False),
    ]
    assert not report.passed
    assert "fine: round 2 of 2" in told
    assert Report.model_validate_json(report.model_dump_json()) == report


async def test_memory_that_a_server_keeps_is_seen_beside_one_that_does_not(tmp_path: Path) -> None:
    measurements = {
        path: {"kind": "http", "url": f"http://{{shop.address}}/{path}", "requests": 60, "concurrency": 2, "repeats": 1, "warm_up": 5}
        for path in ("fine", "leaking")
    }
    report = await report_of(spec_of(tmp_path, measure=measurements, budgets=["leaking memory growth < 5 MB"]))
    grown = named(report, "leaking").figures.memory_growth_kb or 0
    assert grown > 60 * 200_000 / 1024 * 0.8
    assert (named(report, "fine").figures.memory_growth_kb or 0) < grown / 2
    assert [verdict.passed for verdict in report.verdicts] == [False]


async def test_what_was_prepared_is_known_to_measurements_and_to_each_client(tmp_path: Path) -> None:
    prepare = [{"request": "GET {shop}/echo?name=alice", "save": {"name": "name"}}]
    measurements = {
        "greet": {"kind": "http", "url": "{shop}/greet?name={name}&n={n}", "requests": 3, **BRIEF},
        "moves": {
            "kind": "broadcast", "url": "{the_board}/together", "send": {"id": "{id}", "by": "{mine}"}, "marker": '"id":"{id}"',
            "only": '"by":"alice-', "clients": 3, "messages": 3, "senders": "all", **BRIEF,
            "before": [{"request": "GET {shop}/echo?name={name}-{client}", "save": {"mine": "name"}}],
        },
    }  # fmt: skip
    report = await report_of(spec_of(tmp_path, prepare=prepare, measure=measurements))
    assert [(each.name, each.figures.errors, each.figures.count) for each in report.measured] == [("greet", 0, 6), ("moves", 0, 18)]


async def test_step_that_fails_is_told_and_nothing_is_left_running(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        prepare=[{"request": "GET {shop}/nowhere"}],
        measure={"fine": {"kind": "http", "url": "http://{shop.address}/fine", "requests": 3}},
    )
    async with Supervisor(spec.services, spec.folder) as supervisor:
        with pytest.raises(Failed, match=r"Preparing failed \(prepare\): .*nowhere.*404"):
            await measure(spec, supervisor=supervisor, is_diagnosed=False)
        pids = [status["pid"] for status in supervisor.status().values()]
    assert all(pids)
    assert not any(pid and psutil.pid_exists(pid) for pid in pids)


async def test_ratio_to_a_baseline_is_of_the_same_measurement(tmp_path: Path) -> None:
    measurements = {"nap": {"kind": "function", "function": "sums:nap", "arguments": [0.002], "calls": 3, **BRIEF}}
    before = await report_of(spec_of(tmp_path, services={}, measure=measurements))
    measurements["nap"]["arguments"] = [0.02]
    after = await report_of(spec_of(tmp_path, services={}, measure=measurements), baseline=before)
    assert before.measured[0].ratio_to_baseline is None
    ratio = after.measured[0].figures.p95_ms / before.measured[0].figures.p95_ms
    assert after.measured[0].ratio_to_baseline == pytest.approx(ratio, rel=0.001)
    assert ratio > 1.5


async def test_nothing_to_measure_is_refused(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    async with Supervisor(spec.services, spec.folder) as supervisor:
        with pytest.raises(Refused, match="measures nothing"):
            await measure(spec, supervisor=supervisor)
        assert {status["state"] for status in supervisor.status().values()} == {"stopped"}
