"""A small shop over HTTP, with a fault behind each path but those called fine: `shop.py PORT`."""

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

DATABASE = sqlite3.connect(":memory:", check_same_thread=False)
DATABASE.executescript("CREATE TABLE item (id INTEGER PRIMARY KEY, price INTEGER);")
DATABASE.executemany("INSERT INTO item VALUES (?, ?)", [(number, number * 7 % 100) for number in range(40)])
HELD: list[bytearray] = []


async def fine() -> str:
    return "fine"


async def blocking() -> str:
    charge_card()
    return "charged"


def charge_card() -> None:
    time.sleep(0.03)


async def fine_charging() -> str:
    await asyncio.to_thread(charge_card)
    return "charged"


async def rows() -> str:
    return str(sum(price_of(number) for number in range(20)))


def price_of(number: int) -> int:
    price: int = DATABASE.execute("SELECT price FROM item WHERE id = ?", (number,)).fetchone()[0]
    return price


async def fine_rows() -> str:
    return str(DATABASE.execute("SELECT sum(price) FROM item WHERE id < ?", (20,)).fetchone()[0])


async def fine_writing() -> str:
    DATABASE.executemany("UPDATE item SET price = ? WHERE id = ?", [(number, number) for number in range(20)])
    return "written"


async def repeated() -> str:
    return str(sum(tax_table(19)[:5]))


def tax_table(rate: int) -> list[int]:
    return [amount * rate // 100 for amount in range(30_000)]


async def fine_repeated() -> str:
    return str(sum(kept_tax_table(19)[:5]))


@lru_cache
def kept_tax_table(rate: int) -> list[int]:
    return tax_table(rate)


async def large() -> str:
    return catalogue()


def catalogue() -> str:
    return json.dumps([{"id": number, "about": "x" * 200} for number in range(2_000)])


async def leaking() -> str:
    HELD.append(bytearray(200_000))
    return str(len(HELD))


async def hanging() -> str:
    await asyncio.sleep(60)
    return "late"


async def slow() -> str:
    await asyncio.sleep(0.05)
    return "slow"


async def broken() -> str:
    raise RuntimeError("broken on purpose")


def answer_query(path: str, query: str) -> tuple[int, str]:
    given = dict(parse_qsl(query))
    if path == "echo":
        return 200, json.dumps(given)
    if path == "greet":
        return (200, "hello") if given["name"] == "alice" and given["n"].isdigit() else (400, "who?")
    return 404, "nothing here"


async def application(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Answers with what the function named by the path returns; /echo and /greet with the query."""
    path = scope["path"].strip("/")
    work = globals().get(path)
    try:
        status, body = (200, await work()) if work else answer_query(path, scope["query_string"].decode())
    except RuntimeError:
        status, body = 500, "broken\x1b[31m on purpose"
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body.encode()})


if __name__ == "__main__":
    uvicorn.run(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", lifespan="off")
