"""L82, M3: many sockets on one server: each gets an event once, the server answers meanwhile, and gets all memory back."""

import asyncio
import json
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2
import psutil

from tests.bench.people import Board, new_board
from tests.bench.servers import WIDE
from tests.bench.wire import Crowd, command
from tests.process.people import wait_until_left
from tests.process.server import Server

ENVIRON = {"WORKROOM_LIMITS": json.dumps(WIDE), "WORKROOM_LAUNCHER": "none"}
_SPARE_FILES = 500
_STRAY_S = 1.0
_COLLECTED_S = 9.0  # project/lifecycle.py looks every four, and frees at the second look
_ANSWER_S = 5.0
_EACH_KIB = 6.0  # of the 28 that a socket takes and leaves as garbage; a second crowd of 3,000 took 0.4 (daphne) and 2.7 (uvicorn) more


@dataclass
class Gathering:
    """What went wrong with some sockets, how long things took, and the resident memory once they had left."""

    problems: list[str] = field(default_factory=list)
    answers_s: list[float] = field(default_factory=list)
    reached_s: float = 0.0
    kib: float = 0.0


async def gather_twice(server: Server, sockets: int) -> Gathering:
    """A crowd, and another after it has left: the second finds the memory that the first has used."""
    board = await asyncio.to_thread(new_board, server.url)
    first = await _gather(server, board, sockets, to=1)
    second = await _gather(server, board, sockets, to=2)
    each = (second.kib - first.kib) / sockets
    if each > _EACH_KIB:
        second.problems.append(f"{each:.1f} KiB for each socket didn't come back, {_EACH_KIB:g} at most")
    second.problems += first.problems
    return second


async def _gather(server: Server, board: Board, sockets: int, *, to: int) -> Gathering:
    found = Gathering()
    crowd = Crowd()
    async with httpx2.AsyncClient(base_url=server.url, verify=False, timeout=_ANSWER_S) as http:
        try:
            async with _asking(http, found):
                await crowd.connect(sockets, f"{server.url.replace('http', 'ws', 1)}/ws/boards/{board.id}/", headers=board.bearers[0])
                await _move(crowd, board, found, to)
        finally:
            crowd.close()
        if count := await wait_until_left(http):
            found.problems.append(f"{count} connections are counted that have left")
        await asyncio.sleep(_COLLECTED_S)
    found.kib = psutil.Process(server.pid).memory_info().rss / 1024
    return found


async def _move(crowd: Crowd, board: Board, found: Gathering, to: int) -> None:
    """One card moves; who hears of it not once."""
    sockets = len(crowd.sockets)
    crowd.expect(sockets)
    began = time.monotonic()
    crowd.sockets[0].send(command("move_card", str(uuid4()), card=board.cards[0], column=board.columns[to]))
    await crowd.reached()
    found.reached_s = time.monotonic() - began
    await asyncio.sleep(_STRAY_S)
    heard = Counter(number for _, events, number in crowd.arrivals for _ in range(events))
    wrong = [number for number in range(sockets) if heard[number] != 1]
    if wrong or crowd.lost:
        found.problems.append(f"{len(wrong)} of {sockets} sockets didn't hear of the move once, {crowd.lost} were cut")


@asynccontextmanager
async def _asking(http: httpx2.AsyncClient, found: Gathering) -> AsyncIterator[None]:
    """Asks /healthz again and again as long as this lasts."""

    async def ask() -> None:
        while True:
            began = time.monotonic()
            (await http.get("/healthz")).raise_for_status()
            found.answers_s.append(time.monotonic() - began)
            await asyncio.sleep(0.1)

    asking = asyncio.create_task(ask())
    try:
        yield
    finally:
        asking.cancel()
        ended = (await asyncio.gather(asking, return_exceptions=True))[0]
    if not isinstance(ended, asyncio.CancelledError):
        found.problems.append(f"/healthz did not answer: {ended!r}")


def allow_files(sockets: int) -> None:
    """Let this process, and those it starts, open a file for each socket."""
    wanted = sockets + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
