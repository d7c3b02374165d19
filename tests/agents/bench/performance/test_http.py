"""Timing requests, against a real server."""

import time
from collections.abc import Iterator

import pytest

from agents.bench.performance.declared import Http
from agents.bench.performance.http import load_http
from agents.bench.performance.stats import median
from tests.agents.bench.performance.servers import Running, serving
from tests.process.server import free_port

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def shop() -> Iterator[Running]:
    with serving("shop.py") as running:
        yield running


async def test_requests_are_counted_without_the_warm_up_and_told_by_round(shop: Running) -> None:
    told: list[str] = []

    async def tell(line: str) -> None:
        told.append(line)

    samples = await load_http(Http(url=f"{shop.http}/fine", requests=30, repeats=2, warm_up=7), tell)
    assert told == ["warm", "round 1 of 2", "round 2 of 2"]
    assert (samples.done, len(samples.took), samples.failed) == (60, 60, {})
    assert sum(samples.blocks) == 60
    assert set(samples.sizes) == {len("fine")}
    assert samples.at == sorted(samples.at)
    assert 0 < samples.at[-1] <= samples.seconds + 0.01


async def test_as_many_are_under_way_as_there_are_clients(shop: Running) -> None:
    """Twenty answers of 50 ms take 1 s one by one, and 100 ms by ten clients."""
    samples = await load_http(Http(url=f"{shop.http}/slow", requests=20, repeats=1, warm_up=0, concurrency=10))
    assert min(samples.took) >= 0.045
    assert samples.seconds < 0.8


async def test_waiting_for_a_free_client_counts_at_a_rate(shop: Running) -> None:
    """One client can do 20 a second of these; asked for 100, the last has waited for most of a second."""
    paced = Http(url=f"{shop.http}/slow", requests=20, repeats=1, warm_up=0, concurrency=1, rate=100)
    at_rate = await load_http(paced)
    at_leisure = await load_http(paced.model_copy(update={"rate": None}))
    assert max(at_rate.took) > 0.7
    assert median(at_leisure.took) < 0.5 * max(at_rate.took)


async def test_rate_spaces_requests_out(shop: Running) -> None:
    samples = await load_http(Http(url=f"{shop.http}/fine", requests=20, repeats=1, warm_up=0, rate=50))
    assert samples.seconds >= 19 / 50
    assert median(samples.took) < 0.1


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [("broken", "status 500", "broken\\x1b[31m on purpose"), ("nowhere", "status 404", "nothing here"), ("hanging", "timeout", "")],
)
async def test_failure_is_counted_by_kind_and_takes_the_whole_timeout(shop: Running, path: str, kind: str, said: str) -> None:
    plan = Http(url=f"{shop.http}/{path}", requests=6, repeats=1, warm_up=1, concurrency=3, timeout_s=0.3)
    began = time.monotonic()
    samples = await load_http(plan)
    assert samples.failed == {kind: 6}
    assert samples.shown == {kind: said} if said else samples.shown == {}
    assert samples.done == 0
    assert samples.took == [0.3] * 6
    assert time.monotonic() - began < 20


async def test_failure_that_waited_for_a_free_client_took_longer_than_the_timeout(shop: Running) -> None:
    """Ten requests are due within 90 ms, and the one client takes 500 ms over them."""
    plan = Http(url=f"{shop.http}/hanging", requests=10, repeats=1, warm_up=0, concurrency=1, rate=100, timeout_s=0.05)
    samples = await load_http(plan)
    assert samples.failed == {"timeout": 10}
    assert min(samples.took) >= 0.05
    assert max(samples.took) > 0.3


async def test_nobody_there_is_no_connection() -> None:
    samples = await load_http(Http(url=f"http://127.0.0.1:{free_port()}/", requests=3, repeats=1, warm_up=0))
    assert samples.failed == {"no connection": 3}


async def test_address_that_is_none_is_told() -> None:
    samples = await load_http(Http(url="ftp://127.0.0.1/", requests=2, repeats=1, warm_up=0))
    assert samples.failed == {"bad address": 2}


@pytest.mark.parametrize("value", ["☃", "a\nb"])
async def test_header_that_http_cant_carry_is_told(shop: Running, value: str) -> None:
    samples = await load_http(Http(url=f"{shop.http}/fine", headers={"X-A": value}, requests=2, repeats=1, warm_up=0))
    assert samples.failed == {"bad header": 2}
