"""What an idle socket costs the server, beside its competitors, and what a work session with a socket costs; do both grow evenly?"""

import asyncio
from dataclasses import dataclass

import httpx2
import psutil

from tests.bench.fanout import Stage, stages
from tests.bench.people import new_board
from tests.bench.report import Goal, Report, Row
from tests.bench.servers import Peer, migrated, workroom
from tests.bench.wire import Crowd

SOCKETS = 500
SESSIONS = 100
MESSAGES = 3
_WARM_UP = 100
_SETTLE_S = 2.0
_WIDE = {**dict.fromkeys(("sessions_per_user", "runs_per_user"), 5_000), "messages_per_min": 100_000}

_OF_BARE, _OF_SOCKETIO, _EVEN = 2.0, 1.3, 1.5
IDLE, SESSION = "idle socket", f"session with {MESSAGES} messages, a socket"


@dataclass(frozen=True)
class Growth:
    """KiB that each thing of the first and of the second lot took."""

    first: float
    second: float

    @property
    def each(self) -> float:
        return (self.first + self.second) / 2


async def measure(report: Report) -> None:
    """Idle sockets of every peer, then sessions of Workroom on both servers."""
    with stages() as found:
        for stage in found:
            add(report, IDLE, stage.peer.name, SOCKETS, await measure_sockets(stage))
    for kind in ("daphne", "uvicorn"):
        with migrated() as data, workroom(kind, data, limits=_WIDE) as peer:
            add(report, SESSION, peer.name, SESSIONS, await measure_sessions(peer))
    judge(report)


async def measure_sockets(stage: Stage) -> Growth:
    """Two lots of sockets that do nothing."""
    crowd = Crowd()
    try:
        seen = []
        for count in (_WARM_UP, SOCKETS, SOCKETS):
            await crowd.connect(count, stage.url, headers=stage.headers, is_socketio=stage.is_socketio)
            seen.append(await settled_kib(stage.peer))
        return Growth((seen[1] - seen[0]) / SOCKETS, (seen[2] - seen[1]) / SOCKETS)
    finally:
        crowd.close()


async def measure_sessions(peer: Peer) -> Growth:
    """Two lots of sessions in which something was said, each watched by one socket."""
    board = await asyncio.to_thread(new_board, peer.url)
    crowd = Crowd()
    try:
        async with httpx2.AsyncClient(base_url=f"{peer.url}/api/", headers=board.bearers[0], timeout=60) as http:
            seen = []
            for count in (_WARM_UP, SESSIONS, SESSIONS):
                for _ in range(count):
                    session = await new_session(http, board.id)
                    await crowd.connect(1, f"{peer.ws_url}/ws/sessions/{session}/?after=0", headers=board.bearers[0])
                seen.append(await settled_kib(peer))
        return Growth((seen[1] - seen[0]) / SESSIONS, (seen[2] - seen[1]) / SESSIONS)
    finally:
        crowd.close()


async def new_session(http: httpx2.AsyncClient, board: str) -> str:
    session: str = (await http.post("sessions/", json={"board": board, "workflow": "chat"})).raise_for_status().json()["session"]["id"]
    for number in range(MESSAGES):
        body = {"content": f"Message {number} says something of ordinary length about the launch.", "during_run": "queue"}
        (await http.post(f"sessions/{session}/messages/", json=body)).raise_for_status()
    return session


async def settled_kib(peer: Peer) -> float:
    """The process's resident memory, once it is at rest."""
    await asyncio.sleep(_SETTLE_S)
    return float(psutil.Process(peer.pid).memory_info().rss) / 1024


def add(report: Report, bench: str, peer: str, count: int, growth: Growth) -> None:
    report.add(Row(bench, peer, 2 * count, kib=round(growth.each, 1)))
    if peer.startswith("Workroom"):
        ratio = growth.second / growth.first if growth.first > 0 else float("inf")
        report.goals.append(Goal(f"{peer}, {bench}: the second {count} of the first {count}", ratio, _EVEN, "at most"))


def judge(report: Report) -> None:
    """Compare idle sockets with the competitors' of the same run."""
    for kind in ("daphne", "uvicorn"):
        own = report.find(IDLE, f"Workroom on {kind}")
        for peer, most in (("bare websockets", _OF_BARE), ("socket.io", _OF_SOCKETIO)):
            other = report.find(IDLE, peer)
            if own and other and own.kib and other.kib:
                report.goals.append(Goal(f"{kind}, {IDLE}, of {peer}'s", own.kib / other.kib, most, "at most"))
