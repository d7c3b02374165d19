"""The examples work before and after what the recipes make of them, are slow before and quick after, and their files say what is needed."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.bench.errors import Refused
from agents.bench.inside import files_of
from agents.bench.patches import apply, replacing
from agents.bench.performance.broadcast import load_broadcast
from agents.bench.performance.budgets import bind_all
from agents.bench.performance.declared import Broadcast, Http
from agents.bench.performance.http import load_http
from agents.bench.performance.report import Finding
from agents.bench.processes.supervisor import Supervisor
from agents.bench.recipes import Proposal, propose
from agents.bench.spec import Spec, load_spec
from agents.bench.staged import run_checks
from agents.bench.stages import Order

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
BOARD, ORDERS = "slow_board", "slow_orders"
WANTED: dict[str, list[tuple[str, str, str]]] = {
    BOARD: [("slow_client", "board.py", "Board.broadcast")],
    ORDERS: [
        ("n_plus_one", "orders.py", "_with_details"),
        ("blocking_call", "quotes.py", "delivery_price"),
        ("missing_cache", "packing.py", "fewest_boxes"),
    ],
}


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    for name in WANTED:
        shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def proposals(folder: Path) -> list[Proposal]:
    """What is proposed round after round, each applied before the next."""
    found = []
    for kind, file, function in WANTED[folder.name]:
        spec = load_spec(folder)
        finding = Finding.model_validate(
            {"kind": kind, "measurement": "m", "evidence": "E.", "action": "A.", "file": file, "function": function}
        )
        proposal = propose(folder, files_of(folder, spec.change), [finding])
        assert proposal.patch is not None, proposal.reasons
        apply(proposal.patch, folder, allowed=spec.change)
        found.append(proposal)
    return found


def test_each_recipe_is_shown_by_an_example(copies: Path) -> None:
    found = [proposal.recipe for name in WANTED for proposal in proposals(copies / name)]
    assert found == ["gather_sends", "batch_queries", "unblock", "cache_pure"]


@pytest.mark.parametrize("name", WANTED)
def test_the_same_patches_are_proposed_every_time(copies: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(copies / name, tmp_path / "again" / name)
    assert proposals(copies / name) == proposals(tmp_path / "again" / name)


@pytest.mark.parametrize("name", WANTED)
def test_a_spec_has_scenarios_measurements_budgets_and_rounds_enough(name: str) -> None:
    spec = load_spec(EXAMPLES / name)
    assert len(files_of(spec.folder, spec.scenarios)) >= 3
    assert spec.rounds > len(WANTED[name])
    assert {each for _, names in bind_all(spec.budgets, spec.measure) for each in names} == set(spec.measure)
    assert spec.is_sandbox


@pytest.mark.parametrize(
    ("name", "given"), [(BOARD, "delivery.py"), (BOARD, "bench.yaml"), (ORDERS, "carrier.py"), (ORDERS, "shop_data.py")]
)
def test_what_is_given_may_not_be_changed(copies: Path, name: str, given: str) -> None:
    folder = copies / name
    with pytest.raises(Refused, match="may not be changed"):
        apply(replacing(folder, {given: "quick\n"}), folder, allowed=load_spec(folder).change)


@pytest.mark.process
@pytest.mark.parametrize("name", WANTED)
async def test_scenarios_pass_before_and_after(copies: Path, name: str) -> None:
    folder = copies / name
    for is_changed in (False, True):
        if is_changed:
            proposals(folder)
        checks = await run_checks(load_spec(folder), Order(stage="test"))
        assert [(each.name, each.about, each.details) for each in checks.played if not each.passed] == []


@pytest.mark.process
async def test_a_slow_client_makes_all_wait_before_and_nobody_after(copies: Path) -> None:
    folder = copies / BOARD
    before = await moves_ms(load_spec(folder))
    proposals(folder)
    after = await moves_ms(load_spec(folder))
    # Those who connected after the slow one got every move a second late: it says so itself, whatever the machine.
    assert max(before) >= 1_000
    assert median(after) < max(before) / 3


async def moves_ms(spec: Spec) -> Sequence[float]:
    """How long few moves take to reach each client."""
    async with Supervisor(spec.services, spec.folder) as supervisor:
        await supervisor.start()
        plan = spec.measure["moves"]
        assert isinstance(plan, Broadcast)
        few = plan.model_copy(update={"url": supervisor.fill(plan.url), "messages": 2, "repeats": 1, "warm_up": 0})
        samples = await load_broadcast(few, [])
    assert not samples.failed
    return [each * 1000 for each in samples.took]


@pytest.mark.process
async def test_orders_and_prices_wait_for_each_other_before_and_hardly_after(copies: Path) -> None:
    folder = copies / ORDERS
    before = await requests_ms(load_spec(folder))
    proposals(folder)
    after = await requests_ms(load_spec(folder))
    assert median(after["orders"]) < median(before["orders"]) / 2
    # Six at once, each of which blocks the server for the 0.2 s of the carrier.
    assert max(before["delivery"]) >= 1_000
    assert median(after["delivery"]) < max(before["delivery"]) / 2


async def requests_ms(spec: Spec) -> dict[str, Sequence[float]]:
    """How long few requests take, all at once, by measurement."""
    took: dict[str, Sequence[float]] = {}
    async with Supervisor(spec.services, spec.folder) as supervisor:
        await supervisor.start()
        for name, plan in spec.measure.items():
            if isinstance(plan, Http):
                few = {"url": supervisor.fill(plan.url), "requests": plan.concurrency, "repeats": 1, "warm_up": 1}
                samples = await load_http(plan.model_copy(update=few))
                assert not samples.failed
                took[name] = [each * 1000 for each in samples.took]
    return took


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
