"""One event to many sockets: how long until each has it, and how many deliveries a second a burst makes."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.people import new_board
from tests.bench.report import Goal, Report, Row, timed
from tests.bench.servers import Peer, bare_websockets, migrated, socketio, tutorial_channels, workroom
from tests.bench.wire import Crowd

SIZES = (10, 100, 1_000)
ROUNDS = {10: 100, 100: 60, 1_000: 15}
# The in-memory layer of the tutorial drops what goes beyond 100 waiting messages per socket.
BURST = {10: 90, 100: 90, 1_000: 15}
BURSTS = 3
_SETTLE_S = 1.5
_PAUSE_S = 0.02


@dataclass(frozen=True)
class Stage:
    """A peer and how one joins it."""

    peer: Peer
    url: str
    headers: dict[str, str]
    board: str = ""

    @property
    def is_socketio(self) -> bool:
        return self.peer.name == "socket.io"


@contextlib.contextmanager
def stages() -> Iterator[list[Stage]]:
    """All peers, started."""
    with contextlib.ExitStack() as stack:
        found = []
        for kind in ("daphne", "uvicorn"):
            peer = stack.enter_context(workroom(kind, stack.enter_context(migrated())))
            board = new_board(peer.url)
            found.append(Stage(peer, f"{peer.ws_url}/ws/boards/{board.id}/", board.bearers[0], board.id))
        found.append(Stage(peer := stack.enter_context(bare_websockets()), f"{peer.ws_url}/", {}))
        found.append(Stage(peer := stack.enter_context(tutorial_channels()), f"{peer.ws_url}/", {"Origin": peer.url}))
        found.append(Stage(peer := stack.enter_context(socketio()), f"{peer.ws_url}/socket.io/?EIO=4&transport=websocket", {}))
        yield found


async def measure(report: Report, sizes: tuple[int, ...] = SIZES) -> None:
    """Every peer at every number of sockets, one after another, then the marks."""
    with stages() as found:
        for sockets in sizes:
            for stage in found:
                report.add(*await measure_stage(stage, sockets))
    for sockets in sizes:
        judge(report, sockets)


async def measure_stage(stage: Stage, sockets: int) -> list[Row]:
    """Latency of single events and rate of bursts for one peer."""
    crowd = Crowd()
    try:
        await crowd.connect(sockets, stage.url, headers=stage.headers, is_socketio=stage.is_socketio)
        await asyncio.sleep(_SETTLE_S)
        latencies = await single_events(stage, crowd, sockets)
        rates = [await burst(stage, crowd, sockets) for _ in range(BURSTS)]
        if crowd.lost:
            raise RuntimeError(f"{stage.peer.name} lost {crowd.lost} of {sockets} sockets")
    finally:
        crowd.close()
    await asyncio.sleep(0.3)
    one = timed(f"one event to {sockets:,}", stage.peer.name, latencies)
    return [one, Row(f"burst to {sockets:,}", stage.peer.name, BURSTS * BURST[sockets] * sockets, rate=sorted(rates)[BURSTS // 2])]


async def single_events(stage: Stage, crowd: Crowd, sockets: int) -> list[float]:
    latencies: list[float] = []
    for _ in range(ROUNDS[sockets]):
        crowd.expect(sockets)
        at = await asyncio.to_thread(stage.peer.emit, 1, stage.board)
        await crowd.reached()
        latencies += [now - at for now, _, _ in crowd.arrivals]
        await asyncio.sleep(_PAUSE_S)
    return latencies


async def burst(stage: Stage, crowd: Crowd, sockets: int) -> float:
    """Deliveries a second, from the first event's leaving to the last one's arrival."""
    count = BURST[sockets]
    crowd.expect(count * sockets)
    at = await asyncio.to_thread(stage.peer.emit, count, stage.board)
    await crowd.reached()
    return crowd.total / (crowd.arrivals[-1][0] - at)


_LATENCY = {10: (2, 1.2), 100: (3, 1.5), 1_000: (3, 1.1)}
_OF_BARE = (0.15, 0.7)
_OF_TUTORIAL = (4.0, 15.0)


def judge(report: Report, sockets: int) -> None:
    """Compare with the competitors of the same run."""
    for place, kind in enumerate(("daphne", "uvicorn")):
        name = f"Workroom on {kind}"
        own, other = report.find(f"one event to {sockets:,}", name), report.find(f"one event to {sockets:,}", "socket.io")
        if own and other and own.p95 and other.p95:
            what = f"{kind}, one event to {sockets:,}: p95 of socket.io's"
            report.goals.append(Goal(what, own.p95 / other.p95, _LATENCY[sockets][place], "at most"))
        if sockets >= 100:
            for peer, limits in (("bare websockets", _OF_BARE), ("tutorial Channels on daphne", _OF_TUTORIAL)):
                own, other = report.find(f"burst to {sockets:,}", name), report.find(f"burst to {sockets:,}", peer)
                if own and other and own.rate and other.rate:
                    what = f"{kind}, deliveries/s to {sockets:,}, of {peer}"
                    report.goals.append(Goal(what, own.rate / other.rate, limits[place], "at least"))
