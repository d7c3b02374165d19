"""Clients that stop reading: what they cost the others, and the server."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.bench.fanout import Stage, burst, single_events
from tests.bench.memory import settled_kib
from tests.bench.people import new_board
from tests.bench.report import Goal, Report, Row, timed
from tests.bench.servers import Peer, migrated, workroom
from tests.bench.wire import Crowd

OTHERS = 100
STUCK = 10
PAIRS = 4
# 360 events: the window of who doesn't read ends at 256.
_BURSTS = 4
# Three megabytes of events for each of them, to come to less than half of that.
_EMITS, _EMITTED = 10, 1_000
_SLOWER = 1.2
# A mebibyte, and the window of half a mebibyte that each has been given.
_LARGER_KIB = 1024 + 512
# Nobody is sent away while it is measured.
_PATIENT = {"ack_timeout_s": 600}


async def measure(report: Report, limits: Mapping[str, int] = _PATIENT) -> None:
    """Both servers."""
    for kind in ("daphne", "uvicorn"):
        with migrated() as data, workroom(kind, data, limits=limits) as peer:
            stage = await board_on(peer)
            await compare_latencies(report, kind, stage)
            await measure_memory(report, kind, stage)


async def board_on(peer: Peer) -> Stage:
    board = await asyncio.to_thread(new_board, peer.url)
    return Stage(peer, f"{peer.ws_url}/ws/boards/{board.id}/", board.bearers[0], board.id)


async def compare_latencies(report: Report, kind: str, stage: Stage) -> None:
    """Single events to a hundred sockets, with one beside them that doesn't read and without, turn and turn about."""
    alone: list[float] = []
    beside: list[float] = []
    with crowd_closed_at_the_end() as others:
        await others.connect(OTHERS, stage.url, headers=stage.headers)
        await look(stage, others)  # the first time costs what no later one does
        for _ in range(PAIRS):
            alone += await look(stage, others)
            with crowd_closed_at_the_end() as stuck:
                await join_and_stop(stage, stuck, 1)
                beside += await look(stage, others)
        if others.lost:
            raise RuntimeError(f"{stage.peer.name} lost {others.lost} of {OTHERS} sockets")
    rows = [timed(f"one event to {OTHERS}, {who}", stage.peer.name, found) for who, found in (("all read", alone), ("one doesn't", beside))]
    report.add(*rows)
    if rows[0].p95 and rows[1].p95:
        ratio = rows[1].p95 / rows[0].p95
        report.goals.append(Goal(f"{kind}, p95 beside a client that doesn't read, of that without", ratio, _SLOWER, "at most"))


async def look(stage: Stage, others: Crowd) -> list[float]:
    """The seconds until each of the others has single events, after more events than a window holds."""
    for _ in range(_BURSTS):
        await burst(stage, others, OTHERS)
    return await single_events(stage, others, OTHERS)


async def measure_memory(report: Report, kind: str, stage: Stage) -> None:
    """What the server keeps for each of ten that don't read, beside one who does."""
    with crowd_closed_at_the_end() as reader, crowd_closed_at_the_end() as stuck:
        await reader.connect(1, stage.url, headers=stage.headers)
        before = await kib_after_events(stage, reader)
        await join_and_stop(stage, stuck, STUCK)
        each = (await kib_after_events(stage, reader) - before) / STUCK
    report.add(Row("a client that doesn't read", stage.peer.name, STUCK, kib=round(each, 1)))
    report.goals.append(Goal(f"{kind}, memory of a client that doesn't read", each, _LARGER_KIB, "at most", "KiB"))


async def kib_after_events(stage: Stage, reader: Crowd) -> float:
    for _ in range(_EMITS):
        reader.expect(_EMITTED)
        await asyncio.to_thread(stage.peer.emit, _EMITTED, stage.board)
        await reader.reached()
    return await settled_kib(stage.peer)


async def join_and_stop(stage: Stage, stuck: Crowd, count: int) -> None:
    await stuck.connect(count, stage.url, headers=stage.headers)
    for socket in stuck.sockets:
        socket.stop_reading()


@contextmanager
def crowd_closed_at_the_end() -> Iterator[Crowd]:
    crowd = Crowd()
    try:
        yield crowd
    finally:
        crowd.close()
