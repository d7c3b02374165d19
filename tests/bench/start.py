"""Cold start: installed and migrated, from the command to an answer of /healthz."""

import asyncio

from tests.bench.report import Goal, Report, timed
from tests.bench.servers import migrated
from tests.process.server import Server

BENCH = "cold start to /healthz"
TRIES = 5
_LIMIT_MS = 2_000.0


async def measure(report: Report) -> None:
    """`manage.py serve` on both servers."""
    for way in ("serve", "serve on uvicorn"):
        with migrated() as data:
            took = [await asyncio.to_thread(_start_once, Server(data, way)) for _ in range(TRIES)]
        row = timed(BENCH, way, took)
        report.add(row)
        report.goals.append(Goal(f"{way}, cold start: p50", row.p50 or 0.0, _LIMIT_MS, "at most", "ms"))


def _start_once(server: Server) -> float:
    with server:
        return server.start()
