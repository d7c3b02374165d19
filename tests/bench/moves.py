"""Ten clients move a card at once: how long until each of them has each move, stored and all."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

from tests.bench.people import Board, new_board
from tests.bench.report import Goal, Report, timed
from tests.bench.servers import Peer, migrated, socketio, workroom
from tests.bench.wire import Crowd, Socket, command
from tests.process.server import new_database
from tests.tools.services import find_postgres, find_redis

BENCH = "10 clients move at once"
CLIENTS = 10
ROUNDS = 40
_WARM_UP = 10
_REF = re.compile(rb'"ref":"([0-9a-f-]{36})"')
_PAUSE_S = 0.03

Moves = Callable[[int, int, str], str]
"""What client number n sends in round r under this ref."""


class Watch:
    """Knows when each move was sent and notes how long it took to each client."""

    def __init__(self, crowd: Crowd) -> None:
        self.sent: dict[bytes, float] = {}
        self.took: list[float] = []
        crowd.on_event = self._see

    def _see(self, socket: Socket, text: bytes, now: float) -> None:
        del socket
        for ref in _REF.findall(text):
            if ref in self.sent:
                self.took.append(now - self.sent[ref])


async def move_at_once(crowd: Crowd, moves: Moves) -> list[float]:
    """Seconds from each send to each arrival, own ones included."""
    watch = Watch(crowd)
    for turn in range(_WARM_UP + ROUNDS):
        if turn == _WARM_UP:
            watch.took.clear()
        crowd.expect(CLIENTS * CLIENTS)
        for number, socket in enumerate(crowd.sockets):
            ref = str(uuid4())
            text = moves(number, turn, ref)
            watch.sent[ref.encode()] = time.monotonic()
            socket.send(text)
        await crowd.reached(20)
        await asyncio.sleep(_PAUSE_S)
    return watch.took


async def measure_workroom(peer: Peer) -> list[float]:
    return await move_on(await asyncio.to_thread(new_board, peer.url, CLIENTS), peer.ws_url, rest_s=1.0)


async def move_on(board: Board, ws_url: str, *, rest_s: float = 0) -> list[float]:
    """Seconds that moves on the board take to clients of its people, who rest when they have connected."""
    crowd = Crowd()
    try:
        for bearer in board.bearers:
            await crowd.connect(1, f"{ws_url}/ws/boards/{board.id}/", headers=bearer)
        await asyncio.sleep(rest_s)
        return await move_at_once(crowd, moves_on(board))
    finally:
        crowd.close()


def moves_on(board: Board) -> Moves:
    """Each moves a card of its own, to another column every time."""
    return lambda number, turn, ref: command("move_card", ref, card=board.cards[number], column=board.columns[(turn + 1) % 4])


async def measure_socketio(peer: Peer) -> list[float]:
    crowd = Crowd()
    try:
        await crowd.connect(CLIENTS, f"{peer.ws_url}/socket.io/?EIO=4&transport=websocket", is_socketio=True)
        await asyncio.sleep(1.0)
        return await move_at_once(crowd, lambda number, turn, ref: f'42["move",{{"ref":"{ref}","card":{number},"place":{turn % 4}}}]')
    finally:
        crowd.close()


@contextlib.contextmanager
def scaled(postgres: str, redis: str, kind: str) -> Iterator[Peer]:
    """Workroom on PostgreSQL and Redis."""
    with new_database(postgres) as url, migrated(url, redis) as data, workroom(kind, data, name=f"Workroom on {kind}, PG + Redis") as peer:
        yield peer


async def measure(report: Report) -> None:
    """SQLite and, where they are, PostgreSQL with Redis, beside socket.io with PostgreSQL."""
    postgres, redis = find_postgres(), find_redis()
    if postgres:
        with new_database(postgres) as url, socketio(url) as peer:
            report.add(timed(BENCH, "socket.io + PostgreSQL", await measure_socketio(peer)))
    for kind in ("daphne", "uvicorn"):
        with migrated() as data, workroom(kind, data, name=f"Workroom on {kind}, SQLite") as peer:
            report.add(timed(BENCH, peer.name, await measure_workroom(peer)))
        if postgres and redis:
            with scaled(postgres, redis, kind) as peer:
                report.add(timed(BENCH, peer.name, await measure_workroom(peer)))
    if not (postgres and redis):
        report.notes.append("PostgreSQL or Redis was not found: the moves on them, and the competitor, were left out.")
    judge(report)


_LIMITS = {"daphne": {"SQLite": 1.0, "PG + Redis": 1.5}, "uvicorn": {"SQLite": 0.6, "PG + Redis": 1.2}}
_GUARD_MS = 20.0


def judge(report: Report) -> None:
    other = report.find(BENCH, "socket.io + PostgreSQL")
    for kind, limits in _LIMITS.items():
        for store, limit in limits.items():
            own = report.find(BENCH, f"Workroom on {kind}, {store}")
            if own is None or own.p95 is None:
                continue
            if other and other.p95:
                report.goals.append(
                    Goal(f"{kind}, {store}, 10 clients move: p95 of socket.io + PostgreSQL's", own.p95 / other.p95, limit, "at most")
                )
            report.goals.append(Goal(f"{kind}, {store}, 10 clients move: p95", own.p95, _GUARD_MS, "at most", "ms"))
