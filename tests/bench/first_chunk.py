"""From the first byte of a language model's answer to the socket of who watches, with fifty answers under way at once."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.people import Board, new_board
from tests.bench.report import Goal, Report, timed
from tests.bench.servers import WIDE, migrated, pin, running
from tests.process.server import Server, free_port

BENCH = "first chunk of 50 streams"
STREAMS, ROUNDS = 50, 2
_WORST_MS, _MEDIAN_MS = 200, 20
_PATIENCE_S = 60.0


@contextlib.contextmanager
def _provider() -> Iterator[str]:
    port = free_port()
    with running("the provider", [sys.executable, "-m", "tests.bench.peers.provider", str(port)], port) as peer:
        yield f"{peer.url}/v1"


async def measure(report: Report) -> None:
    """Both servers, each with the provider as its language model."""
    for way, name in (("serve", "Workroom on daphne"), ("serve on uvicorn", "Workroom on uvicorn")):
        with _provider() as url, migrated() as data:
            more = {"messages_per_min": 10_000, "runs_per_user": 1_000, "runs_per_process": STREAMS + 10, "sessions_per_user": 1_000}
            environ = {
                "WORKROOM_MODEL_BASE_URL": url,
                "WORKROOM_MODEL": "m",
                "WORKROOM_LIMITS": json.dumps({**WIDE, **more}),
                "PYTHONWARNINGS": "ignore",
            }
            with Server(data, way, environ=environ) as server:
                await asyncio.to_thread(server.start)
                pin(server.pid, 0)
                took = await _measure_server(server.url)
        report.add(timed(BENCH, name, took))
        report.goals.append(Goal(f"{name}, first chunk, worst of {len(took)}", max(took) * 1000, _WORST_MS, "at most", "ms"))
        report.goals.append(Goal(f"{name}, first chunk, p50", sorted(took)[len(took) // 2] * 1000, _MEDIAN_MS, "at most", "ms"))


async def _measure_server(url: str) -> list[float]:
    board = await asyncio.to_thread(new_board, url)
    async with (
        httpx2.AsyncClient(base_url=f"{url}/api/", headers=board.bearers[0], timeout=60) as http,
        contextlib.AsyncExitStack() as stack,
    ):
        viewers = [await _open(stack, http, url, board) for _ in range(STREAMS)]
        took: list[float] = []
        for _ in range(ROUNDS):
            took += await asyncio.gather(*(_watch(http, session, socket) for session, socket in viewers))
        return took


async def _open(stack: contextlib.AsyncExitStack, http: httpx2.AsyncClient, url: str, board: Board) -> tuple[str, ClientConnection]:
    """A work session and a socket on it."""
    made = await http.post("sessions/", json={"board": board.id, "workflow": "chat"})
    session = str(made.json()["session"]["id"])
    address = f"{url.replace('http', 'ws', 1)}/ws/sessions/{session}/"
    return session, await stack.enter_async_context(connect(address, additional_headers=board.bearers[0], compression=None))


async def _watch(http: httpx2.AsyncClient, session: str, socket: ClientConnection) -> float:
    """How long the first piece of the answer took from the provider to here; read on until the run is over."""
    sent = await http.post(f"sessions/{session}/messages/", json={"content": "Go on"})
    sent.raise_for_status()
    took = -1.0
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            text, now = await socket.recv(), time.monotonic()
            frame = json.loads(text)
            for event in frame["events"] if frame["type"] == "events" else [frame]:
                if event["type"] == "message_delta" and event["data"]["offset"] == 0:
                    took = now - float(event["data"]["text"].split()[0])
                if event["type"] == "run_failed":
                    raise RuntimeError(event["data"]["run"]["error"])
                if event["type"] == "run_completed":
                    return took
            if "seq" in frame or frame["type"] == "events":
                last = frame["events"][-1] if frame["type"] == "events" else frame
                await socket.send(json.dumps({"type": "ack", "data": {"seq": last["seq"]}}))
