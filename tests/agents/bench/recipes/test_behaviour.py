"""Code before and after a recipe does the same for whoever uses it, and the slow thing less often or beside others."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from agents.bench.recipes import batch_queries, cache_pure, gather_sends, unblock
from agents.bench.recipes.recipe import Place, Recipe


def both(recipe: Recipe, text: str) -> list[SimpleNamespace]:
    """The module as it was, and as the recipe makes it."""
    before = dedent(text)
    attempt = recipe.attempt(before, Place())
    assert attempt.done
    assert not attempt.refused
    return [_module(before), _module(attempt.text)]


def _module(text: str) -> SimpleNamespace:
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(text, "changed.py", "exec"), names)  # noqa: S102 - the test's own code
    return SimpleNamespace(**names)


# -- gather_sends ------------------------------------------------------------------------------------------------------------


class Gone(Exception):
    """What a client that has left raises."""


class Client:
    """Takes messages after some turns of the loop; counts how many sends are under way among its `peers`."""

    def __init__(self, name: str, peers: "Peers", *, turns: int = 3, fails: Exception | None = None) -> None:
        self.name, self.peers, self.turns, self.fails = name, peers, turns, fails
        self.got: list[str] = []

    async def send(self, text: str) -> None:
        with self.peers.sending():
            for _ in range(self.turns):
                await asyncio.sleep(0)
            if self.fails:
                raise self.fails
            self.got.append(text)


class Peers:
    def __init__(self) -> None:
        self.now = self.most = 0

    def sending(self) -> "Peers":
        return self

    def __enter__(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        self.now -= 1


HUB = """
    class Hub:
        def __init__(self, clients, gone):
            self.clients = clients
            self.gone = gone
            self.sent = 0

        async def tell(self, text):
            for client in list(self.clients):
                if client.name.startswith("-"):
                    continue
                try:
                    await client.send(f"{client.name}: {text}")
                except self.gone:
                    self.clients.remove(client)
                else:
                    self.sent += 1

        async def replay(self, texts):
            for text in texts:
                for client in self.clients:
                    await client.send(text)
"""


async def test_everybody_gets_the_same_messages_in_the_same_order_and_those_gone_are_dropped() -> None:
    results, most = [], []
    for module in both(gather_sends.RECIPE, HUB):
        peers = Peers()
        clients = [
            Client("a", peers),
            Client("b", peers, fails=Gone()),
            Client("-c", peers),
            Client("d", peers, turns=1),
            Client("e", peers, turns=9),
        ]
        hub = module.Hub(list(clients), Gone)
        await hub.tell("one")
        await hub.tell("two")
        await hub.replay(["x", "y"])
        results.append(([client.got for client in clients], [client.name for client in hub.clients], hub.sent))
        most.append(peers.most)
    assert results[0] == results[1]
    assert results[1][1] == ["a", "-c", "d", "e"]
    assert most == [1, 4]


async def test_a_failure_that_is_not_handled_is_raised_after_all_have_been_sent_to() -> None:
    for number, module in enumerate(both(gather_sends.RECIPE, HUB)):
        peers = Peers()
        clients = [
            Client("a", peers),
            Client("b", peers, fails=ValueError("first")),
            Client("c", peers, fails=KeyError()),
            Client("d", peers),
        ]
        with pytest.raises(ValueError, match="first"):
            await module.Hub(clients, Gone).tell("one")
        assert [client.got for client in clients] == [["a: one"], [], [], ["d: one"] if number else []]


async def test_a_client_that_never_takes_it_is_given_up_and_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    _, module = both(gather_sends.RECIPE, HUB)
    peers = Peers()
    clients = [Client("a", peers, turns=10**9), Client("b", peers)]
    with caplog.at_level(logging.WARNING):
        await asyncio.wait_for(module.Hub(clients, Gone).tell("one"), timeout=30)
    assert [client.got for client in clients] == [[], ["b: one"]]
    assert [record.getMessage() for record in caplog.records] == ["1 of 2 clients took longer than 0.5 s."]
    assert peers.now == 0


async def test_who_cancels_the_broadcast_cancels_the_sends() -> None:
    _, module = both(gather_sends.RECIPE, HUB)
    peers = Peers()
    telling = asyncio.create_task(module.Hub([Client("a", peers, turns=10**9), Client("b", peers, turns=10**9)], Gone).tell("one"))
    while peers.now < 2:
        await asyncio.sleep(0)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    assert peers.now == 0


# -- unblock -----------------------------------------------------------------------------------------------------------------


async def _with_ticks(work: Callable[[], Any]) -> tuple[Any, int]:
    """What a coroutine function gives, and how often another task got a turn meanwhile."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    task = asyncio.create_task(tick())
    await asyncio.sleep(0)
    try:
        return await work(), ticks
    finally:
        task.cancel()


async def test_a_sleep_lets_others_go_on() -> None:
    text = """
        import time

        async def wait(seconds):
            time.sleep(seconds)
            return "done"
    """
    before, after = both(unblock.RECIPE, text)
    assert await _with_ticks(partial(before.wait, 0.2)) == ("done", 0)
    done, ticks = await _with_ticks(partial(after.wait, 0.2))
    assert done == "done"
    assert ticks > 0


async def test_files_databases_and_functions_give_the_same_from_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.db"
    monkeypatch.setenv("SHOP", str(path))
    with sqlite3.connect(path) as shop:
        shop.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT)")
        shop.executemany("INSERT INTO orders VALUES (?, ?)", [(1, "a"), (2, "b"), (3, "a")])
    shop.close()
    text = """
        import os
        import sqlite3
        import time
        from contextlib import closing

        DB = os.environ["SHOP"]

        def count_orders(customer):
            time.sleep(0.05)
            with closing(sqlite3.connect(DB)) as shop:
                return shop.execute("SELECT count(*) FROM orders WHERE customer = ?", (customer,)).fetchone()[0]

        async def report(customer, path):
            with closing(sqlite3.connect(DB)) as shop:
                rows = shop.execute("SELECT id FROM orders WHERE customer = ? ORDER BY id", (customer,)).fetchall()
                first = shop.execute("SELECT id FROM orders").fetchone()[0]
            with open(path, "w") as file:
                file.write(f"{customer} was here")
            with open(path) as file:
                said = file.read()
            return rows, first, said, count_orders(customer)

        async def missing():
            with open("/nowhere/at/all") as file:
                return file.read()
    """
    results = []
    for module in both(unblock.RECIPE, text):
        results.append((await module.report("a", str(tmp_path / "out.txt")), await module.report("c", str(tmp_path / "out.txt"))))
        with pytest.raises(FileNotFoundError):
            await module.missing()
    assert results[0] == results[1] == (([(1,), (3,)], 1, "a was here", 2), ([], 1, "c was here", 0))


# -- cache_pure --------------------------------------------------------------------------------------------------------------


def test_a_kept_answer_is_the_same_one_and_costs_nothing_the_second_time() -> None:
    text = """
        SIZES = (1, 4, 9, 16, 25)

        def fewest_boxes(units: int) -> int:
            if units < 0:
                raise ValueError(units)
            if units == 0:
                return 0
            return 1 + min(fewest_boxes(units - size) for size in SIZES if size <= units)

        def shown(value: int | str | bool) -> str:
            return "".join(f"{value!r}" for _ in range(2))
    """
    before, after = both(cache_pure.RECIPE, text)
    assert [before.fewest_boxes(units) for units in range(22)] == [after.fewest_boxes(units) for units in range(22)]
    for value in (1, True, "1", 0, False, 1):
        assert before.shown(value) == after.shown(value)
    for module in (before, after):
        with pytest.raises(ValueError, match="-1"):
            module.fewest_boxes(-1)
    assert after.fewest_boxes(100) == 4
    assert after.fewest_boxes.cache_info().maxsize


# -- batch_queries -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[None, sqlite3.Row], ids=["tuples", "rows"])
def shop(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """Orders with customers, some of them unknown or none, and with no line up to three."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = request.param
    connection.executescript(
        """
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER);
        CREATE TABLE lines (order_id INTEGER, article TEXT);
        """
    )
    connection.executemany("INSERT INTO customers VALUES (?, ?)", [(number, f"C{number}") for number in range(1, 40)])
    connection.executemany(
        "INSERT INTO orders VALUES (?, ?)", [(number, None if number % 50 == 0 else number % 45) for number in range(1, 1200)]
    )
    connection.executemany("INSERT INTO lines VALUES (?, ?)", [(number % 1200, f"A{number % 7}") for number in range(1500)])
    yield connection
    connection.close()


LISTS = """
    import sqlite3

    def by_place(shop: sqlite3.Connection):
        found = []
        for order_id, customer_id in shop.execute("SELECT id, customer_id FROM orders ORDER BY id"):
            customer = shop.execute("SELECT name FROM customers WHERE id = ?", (customer_id,)).fetchone()
            lines = shop.execute("SELECT order_id, article FROM lines WHERE order_id = ? ORDER BY article DESC", (order_id,)).fetchall()
            lines.append(None)
            found.append((order_id, customer[0] if customer else None, [tuple(line) for line in lines if line]))
        return found

    def by_comprehension(shop: sqlite3.Connection):
        return [
            [line[1] for line in shop.execute("SELECT order_id, article FROM lines WHERE order_id = ?", (order[0],))]
            for order in shop.execute("SELECT id FROM orders ORDER BY id DESC").fetchall()
        ]
"""


def test_one_query_finds_what_many_found(shop: sqlite3.Connection) -> None:
    asked: list[str] = []
    results, counts = [], []
    for module in both(batch_queries.RECIPE, LISTS):
        asked.clear()
        shop.set_trace_callback(asked.append)
        results.append((module.by_place(shop), module.by_comprehension(shop)))
        shop.set_trace_callback(None)
        counts.append(len(asked))
    assert results[0] == results[1]
    # 1,199 orders: three queries for them and their lines, in parts of 500 keys; 45 customers at once.
    assert counts == [2 + 3 * 1199, 2 + 1 + 3 + 3]


def test_rows_by_name_and_missing_ones_are_the_same(shop: sqlite3.Connection) -> None:
    text = """
        import sqlite3

        def named(shop: sqlite3.Connection):
            rows = shop.execute("SELECT id, customer_id FROM orders WHERE id < 100 ORDER BY id").fetchall()
            found = {}
            for row in rows:
                found[row["id"]] = [line["article"] for line in shop.execute("SELECT article FROM lines WHERE order_id = ?", (row["id"],))]
            return found

        def nobody(shop: sqlite3.Connection):
            for row in shop.execute("SELECT id, customer_id FROM orders WHERE id = 50").fetchall():
                return shop.execute("SELECT name FROM customers WHERE id = ?", (row["customer_id"],)).fetchone()["name"]
    """
    shop.row_factory = sqlite3.Row
    before, after = both(batch_queries.RECIPE, text)
    assert before.named(shop) == after.named(shop)
    for module in (before, after):
        with pytest.raises(TypeError, match="not subscriptable"):
            module.nobody(shop)


def test_no_rows_no_queries(shop: sqlite3.Connection) -> None:
    shop.execute("DELETE FROM orders")
    asked: list[str] = []
    _, module = both(batch_queries.RECIPE, LISTS)
    shop.set_trace_callback(asked.append)
    assert (module.by_place(shop), module.by_comprehension(shop)) == ([], [])
    assert len(asked) == 2


def test_it_is_less_work_where_a_table_has_no_index(shop: sqlite3.Connection) -> None:
    """Counted in hundreds of the database's own steps: a time would be the machine's as much as the code's."""
    work: list[int] = []
    shop.set_progress_handler(lambda: work.append(work.pop() + 1), 100)
    for module in both(batch_queries.RECIPE, LISTS):
        work.append(0)
        module.by_place(shop)
    before, after = work
    assert after < before / 2
