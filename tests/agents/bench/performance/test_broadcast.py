"""Timing messages to all clients, against a real server."""

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.bench.errors import Failed
from agents.bench.performance.audience import slow_places
from agents.bench.performance.broadcast import load_broadcast, marker_pattern
from agents.bench.performance.declared import Broadcast
from agents.bench.performance.samples import Samples
from agents.bench.performance.setup import set_up
from agents.bench.performance.sockets import Socket
from agents.bench.performance.stats import median
from agents.bench.scripts.steps import Expect
from agents.bench.scripts.values import Values
from tests.agents.bench.performance.servers import Running, serving
from tests.process.server import free_port

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def board() -> Iterator[Running]:
    with serving("board.py") as running:
        yield running


def plan(server: Running, way: str, **changes: Any) -> Broadcast:
    given: dict[str, Any] = {
        "url": f"{server.ws}/{way}",
        "send": {"move": "{id}", "by": "{client}"},
        "marker": '"move":"{id}"',
        "clients": 4,
        "messages": 6,
        "repeats": 1,
        "warm_up": 2,
        "pace_ms": 0,
    }
    return Broadcast.model_validate(given | changes)


async def load(server: Running, way: str, **changes: Any) -> Samples:
    return await load_broadcast(plan(server, way, **changes), [])


async def test_every_client_gets_every_message_and_each_receipt_is_a_sample(board: Running) -> None:
    samples = await load(board, "together", repeats=2)
    assert (samples.done, samples.failed) == (2 * 6 * 4, {})
    assert samples.blocks == [4] * 12
    assert len(samples.to_all) == len(samples.deliveries) == 12
    for to_all, row in zip(samples.to_all, samples.deliveries, strict=True):
        assert to_all == max(each for each in row if each is not None)
    assert sorted(samples.took) == sorted(each for row in samples.deliveries for each in row if each is not None)


@pytest.mark.parametrize(("senders", "messages", "deliveries", "turns"), [("one", 6, 24, 6), ("each", 6, 24, 6), ("all", 6, 32, 2)])
async def test_senders_take_turns_or_send_at_once_in_whole_turns(
    board: Running, senders: str, messages: int, deliveries: int, turns: int
) -> None:
    samples = await load(board, "together", senders=senders, messages=messages)
    assert (samples.done, len(samples.blocks), samples.failed) == (deliveries, turns, {})


async def test_one_after_another_is_seen_in_the_order_of_connecting(board: Running) -> None:
    samples = await load(board, "sequential", clients=6)
    by_client = [median([row[place] or 0 for row in samples.deliveries]) for place in range(6)]
    assert by_client == sorted(by_client)
    assert by_client[-1] - by_client[0] > 5 * 0.003


async def test_pace_lets_time_pass_between_turns(board: Running) -> None:
    samples = await load(board, "together", messages=5, pace_ms=50)
    assert samples.seconds >= 4 * 0.05


async def test_message_that_reaches_nobody_fails_and_the_rest_is_given_up(board: Running) -> None:
    began = time.monotonic()
    samples = await load(board, "silent", messages=50, timeout_s=0.2, warm_up=0)
    assert samples.failed == {"not delivered": 3 * 4, "given up": 47 * 4}
    assert set(samples.took) == {0.2}
    assert samples.done == 0
    assert time.monotonic() - began < 15


async def test_client_that_is_cut_off_is_a_failure_and_not_waited_for(board: Running) -> None:
    began = time.monotonic()
    samples = await load(board, "losing", warm_up=0, messages=2, clients=5, timeout_s=20)
    assert samples.failed["connection lost"] >= 1
    assert time.monotonic() - began < 15


async def test_sender_that_is_cut_off_is_not_waited_for(board: Running) -> None:
    async with asyncio.timeout(60):
        samples = await load(board, "losing", warm_up=0, messages=12, clients=2, timeout_s=600)
    assert samples.failed["connection lost"] >= 2
    assert len(samples.took) == 12 * 2


async def test_client_that_reads_nothing_is_not_timed_but_delays_a_patient_server(board: Running) -> None:
    """The server waits 60 ms for it before it goes on to those who connected after."""
    samples = await load(board, "patient", clients=5, slow_clients=1, messages=30, warm_up=0)
    assert {len(row) for row in samples.deliveries} == {4}
    assert samples.failed == {}
    newest = samples.deliveries[-5:]
    before, after = ([each for row in newest for each in row[side] if each is not None] for side in (slice(0, 2), slice(2, 4)))
    assert median(after) - median(before) > 0.04


async def test_clients_acknowledge_as_asked(board: Running) -> None:
    """This server sends nothing more to a client that owes it four acknowledgements."""
    acknowledge = {"pattern": '"count": (\\d+)', "send": {"seen": "{found}"}, "every": 2}
    acknowledged = await load(board, "strict", acknowledge=acknowledge, messages=8)
    assert (acknowledged.failed, acknowledged.done) == ({}, 8 * 4)
    owed = await load(board, "strict", messages=8, timeout_s=0.2)
    assert owed.failed.keys() == {"not delivered", "given up"}


async def test_values_of_clients_and_cycles_are_put_in(board: Running) -> None:
    send = {"move": "{id}", "card": "{card}", "to": "{column}"}
    mine = plan(board, "together", send=send, cycle={"column": ["a", "b"]}, only='"card":7,"to":"b"', messages=2, warm_up=0, timeout_s=0.3)
    samples = await load_broadcast(mine, [{"card": 7}] * 4)
    assert (samples.failed, samples.done) == ({"not delivered": 4}, 4)


async def test_steps_after_connecting_are_gone_through_before_anything_is_timed(board: Running) -> None:
    setup = [
        {"expect": "me", "match": {"type": "hello"}, "save": {"place": "you"}},
        {"send": "me", "json": {"echo": "{place}"}},
        {"expect": "me", "match": {"echo": "{place}"}},
    ]
    samples = await load(board, "together", setup=setup, send={"move": "{id}", "by": "{place}"}, only='"by":1', messages=1, warm_up=0)
    assert (samples.failed, samples.done) == ({}, 4)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"expect": "me", "match": {"type": "welcome"}, "within": 200}, "Client 1 got nothing like .*welcome.* within 200 ms"),
        ({"expect": "me", "text": {"$regex": "^{nobody}"}}, "no value is called nobody"),
    ],
)
async def test_step_that_does_not_come_true_is_told_with_its_client(board: Running, step: dict[str, Any], told: str) -> None:
    with pytest.raises(Failed, match=told):
        await load(board, "together", setup=[step])


@pytest.mark.parametrize("step", [{"expect": "you", "text": "x"}, {"wait": 5}, {"send": "me", "binary": "eA=="}])
def test_steps_after_connecting_are_sends_and_expectations_of_me(step: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="send and expect"):
        Broadcast.model_validate({"url": "ws://x/", "send": "{n}", "marker": "{n}", "setup": [step]})


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("marker", "{n}:{id}", "{n} or {id} once"),
        ("marker", "{n}-{n}", "{n} or {id} once"),
        ("acknowledge", {"pattern": '"(seq|at)":(\\d+)', "send": 1}, "has 2 groups"),
        ("acknowledge", {"pattern": "\\N{BULLET}", "send": 1}, "no regular expression for bytes"),
    ],
)
def test_what_could_never_be_told_in_a_message_is_refused(key: str, value: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(told)):
        plan(Running(1, 1), "together", **{key: value})


async def test_server_that_is_not_there_or_says_no_is_told() -> None:
    with pytest.raises(Failed, match="Client 1 was not let in"):
        await load(Running(free_port(), 0), "together")
    with serving("shop.py") as shop, pytest.raises(Failed, match="Client 1 was not let in"):
        await load(shop, "together")
    with pytest.raises(Failed, match="no WebSocket address"):
        await Socket.open(0, "nonsense", {}, timeout_s=1)


async def test_nobody_is_left_connected_after_a_cancelled_measuring(board: Running) -> None:
    measuring = asyncio.create_task(load(board, "silent", timeout_s=30))
    await asyncio.sleep(0.5)
    measuring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await measuring
    probe = await Socket.open(0, f"{board.ws}/silent", {}, timeout_s=5)
    await set_up(probe, [Expect.model_validate({"expect": "me", "match": {"you": 1}})], Values({}))
    probe.close()


@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 10**9))
def test_marker_finds_its_number_whatever_stands_around_it(before: str, after: str, number: int) -> None:
    before, after = before.replace("{", "("), after.replace("{", "(")
    name, pattern = marker_pattern(f"{before} {{n}} {after}")
    found = pattern.findall(f"frame: {before} {number} {after}".encode())
    assert (name, str(number).encode() in found) == ("n", True)


@given(st.integers(2, 50), st.integers(0, 20))
def test_slow_clients_stand_between_those_that_read(clients: int, slow: int) -> None:
    slow = min(slow, clients - 2)
    places = slow_places(Broadcast(url="ws://x/", send="{n}", marker="{n}", clients=clients, slow_clients=slow))
    assert len(places) == slow
    assert all(0 < place < clients - 1 for place in places)
