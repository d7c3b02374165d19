"""A client that missed 1,000 events: from hello to the last of them, joined as Workroom does it and with a frame for each."""

import asyncio
import contextlib

import httpx2

from tests.bench.people import new_board
from tests.bench.report import Goal, Report, timed
from tests.bench.servers import Peer, migrated, workroom
from tests.bench.wire import Crowd

BENCH = "replay of 1,000 missed events"
MISSED = 1_000
TRIES = 40
_BY_FRAME = {"batch_events": 1}


async def replay(peer: Peer) -> list[float]:
    """Seconds from hello to the last event, for clients that come one after another."""
    board = await asyncio.to_thread(new_board, peer.url)
    async with contextlib.AsyncExitStack() as stack:
        keeper = Crowd()
        stack.callback(keeper.close)
        # Somebody else has the board open, so the newest 1,000 events are in memory, as they are after a short outage.
        await keeper.connect(1, f"{peer.ws_url}/ws/boards/{board.id}/", headers=board.bearers[0])
        keeper.expect(MISSED)
        await asyncio.to_thread(peer.emit, MISSED, board.id)
        await keeper.reached()
        url = f"{peer.ws_url}/ws/boards/{board.id}/?after={await _head(peer, board.id, board.bearers[0]) - MISSED}"
        return [await come_back(url, board.bearers[0]) for _ in range(TRIES)]


async def come_back(url: str, bearer: dict[str, str]) -> float:
    crowd = Crowd()
    crowd.expect(MISSED)
    try:
        await crowd.connect(1, url, headers=bearer)
        await crowd.reached()
        return crowd.arrivals[-1][0] - crowd.sockets[0].hello_at
    finally:
        crowd.close()
        await asyncio.sleep(0.05)


async def _head(peer: Peer, board: str, bearer: dict[str, str]) -> int:
    async with httpx2.AsyncClient(headers=bearer, timeout=30) as http:
        seq: int = (await http.get(f"{peer.url}/api/boards/{board}/snapshot/")).json()["seq"]
        return seq


_LIMIT_MS = {"daphne": 10.0, "uvicorn": 5.0}
_FASTER = 3.0


async def measure(report: Report) -> None:
    """Both servers, joined and by frame."""
    for kind in _LIMIT_MS:
        for way, limits in (("joined", None), ("a frame each", _BY_FRAME)):
            with migrated() as data, workroom(kind, data, name=f"Workroom on {kind}, {way}", limits=limits) as peer:
                report.add(timed(BENCH, peer.name, await replay(peer)))
        joined, single = report.find(BENCH, f"Workroom on {kind}, joined"), report.find(BENCH, f"Workroom on {kind}, a frame each")
        if joined and single and joined.p95 and single.p95 and joined.p50 and single.p50:
            report.goals.append(Goal(f"{kind}, replay of 1,000: p95", joined.p95, _LIMIT_MS[kind], "at most", "ms"))
            report.goals.append(Goal(f"{kind}, replay of 1,000: a frame each takes", single.p50 / joined.p50, _FASTER, "at least"))
