"""Causes found in real servers with one fault each, and not found in the same servers without it."""

import asyncio
from typing import Any

import pytest
import yaml

from agents.bench.performance.arena import Arena
from agents.bench.performance.findings import Looked, look_for_causes
from agents.bench.performance.loaded import Loader
from agents.bench.processes.supervisor import Supervisor
from agents.bench.spec import Spec
from tests.agents.bench.performance.servers import PROJECTS
from tests.process.server import free_port

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

SERVICES = """
shop: {command: ["{python}", shop.py, "{port}"], port: auto, healthy: {http: /fine}}
board: {command: ["{python}", -u, board.py, "{port}"], port: auto}
"""
PATHS = ("blocking", "fine_charging", "rows", "fine_rows", "fine_writing", "repeated", "fine_repeated", "large", "fine")
WAYS = ("together", "sequential", "stepped", "whole", "queried")


def http(path: str) -> dict[str, Any]:
    return {"kind": "http", "url": f"http://{{shop.address}}/{path}", "requests": 10, "repeats": 1, "warm_up": 1, "concurrency": 2}


def broadcast(way: str, **changes: Any) -> dict[str, Any]:
    brief = {"clients": 6, "messages": 8, "repeats": 1, "warm_up": 1, "pace_ms": 5}
    sent = {"send": {"id": "{id}"}, "marker": '"id": "{id}"' if way == "whole" else '"id":"{id}"'}
    return {"kind": "broadcast", "url": f"ws://{{board.address}}/{way}"} | brief | sent | changes


MEASURE = {
    **{path: http(path) for path in PATHS},
    **{way: broadcast(way) for way in WAYS},
    "patient": broadcast("patient", slow_clients=1),
    "apart": broadcast("apart", slow_clients=1),
    **{
        name: {"kind": "function", "function": f"sums:{name}", "arguments": [17], "calls": 3, "repeats": 1}
        for name in ("ways", "fine_ways")
    },
}


@pytest.fixture(scope="module")
def looked() -> Looked:
    """Everything is measured and looked at once; the tests say what must have been found in it."""
    return asyncio.run(look(yaml.safe_load(SERVICES), MEASURE))


async def look(services: dict[str, Any], measure: dict[str, Any]) -> Looked:
    spec = Spec.model_validate({"name": "Projects", "services": services, "measure": measure})
    spec._folder = PROJECTS
    async with Supervisor(spec.services, spec.folder) as supervisor, Loader() as loader:
        arena = Arena(spec, supervisor, loader)
        await arena.begin()
        samples = {name: await arena.sample(plan, lambda _: None) for name, plan in spec.measure.items()}
        return await look_for_causes(arena, samples, lambda _: None)


@pytest.mark.parametrize(
    ("measurement", "kind", "place", "line", "evidence", "action"),
    [
        ("blocking", "blocking_call", "shop.py charge_card", "time.sleep(0.03)", "stood still", "asyncio.sleep"),
        ("rows", "n_plus_one", "shop.py price_of", "DATABASE.execute", "20 times for each", "one query"),
        ("repeated", "missing_cache", "shop.py tax_table", "def tax_table", "with 1 different arguments", "functools.cache"),
        ("ways", "missing_cache", "sums.py ways", "def ways", "with 18 different arguments", "functools.cache"),
        ("large", "payload_size", "shop.py catalogue", "json.dumps", "bytes, made by catalogue", "page"),
        ("sequential", "sequential_sends", "board.py sequential", "await deliver", "in the order they connected", "gather"),
        ("stepped", "slow_client", "board.py stepped", "await asyncio.sleep", "Clients after number 2", "time-out"),
        ("patient", "slow_client", "board.py patient", "await client.send", "With 1 of the clients reading nothing", "time-out"),
        ("whole", "payload_size", "board.py board_with", "json.dumps", "For a message of 45 bytes", "what changed"),
    ],
)
def test_fault_is_found_with_its_evidence_its_place_and_what_to_do(
    looked: Looked, measurement: str, kind: str, place: str, line: str, evidence: str, action: str
) -> None:
    (found,) = [each for each in looked.findings if each.measurement == measurement and each.kind == kind]
    assert f"{found.file} {found.function}" == place
    assert line in (PROJECTS / found.file).read_text(encoding="utf-8").splitlines()[(found.line or 0) - 1]
    assert evidence in found.evidence
    assert action in found.action


@pytest.mark.parametrize(
    ("measurement", "kind"),
    [
        ("fine_charging", "blocking_call"),
        ("fine_rows", "n_plus_one"),
        ("rows", "blocking_call"),
        ("fine_writing", "n_plus_one"),
        ("fine_repeated", "missing_cache"),
        ("fine", "payload_size"),
        ("fine_ways", "missing_cache"),
        ("queried", "n_plus_one"),
        ("together", "sequential_sends"),
        ("together", "slow_client"),
        ("together", "payload_size"),
        ("stepped", "sequential_sends"),
        ("sequential", "slow_client"),
        ("apart", "slow_client"),
    ],
)
def test_what_is_done_well_is_not_found(looked: Looked, measurement: str, kind: str) -> None:
    assert [each.evidence for each in looked.findings if each.measurement == measurement and each.kind == kind] == []


def test_everything_could_be_looked_at(looked: Looked) -> None:
    assert looked.notes == []


async def test_services_whose_ports_are_declared_are_looked_at_too() -> None:
    shop = {**yaml.safe_load(SERVICES)["shop"], "port": free_port()}
    looked = await look({"shop": shop}, {"blocking": MEASURE["blocking"]})
    assert looked.notes == []
    assert [(each.kind, each.function) for each in looked.findings] == [("blocking_call", "charge_card")]
