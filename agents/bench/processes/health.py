"""Whether a service is healthy: one look at a time, with what was found instead."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from agents.bench.errors import Failed
from agents.bench.processes.declared import Service
from agents.bench.processes.logs import Follower
from agents.bench.processes.ports import HOST
from agents.bench.regexes import search

Probe = Callable[[], Awaitable[str]]
"""Gives an empty text if all is well, else what is wrong. Failed: it can't be looked at."""

_ANSWER_WITHIN_S = 5.0
_PAUSES_S = (0.02, 0.05, 0.1, 0.2)


async def wait_until_healthy(probe: Probe, within_s: float) -> str:
    """Look again and again; returns the last problem if there still is one after `within_s`."""
    pauses = iter(_PAUSES_S)
    problem = ""
    try:
        async with asyncio.timeout(within_s):
            while True:
                problem = "it hasn't answered yet"  # whatever was wrong the last time: now it is silent
                problem = await probe()
                if not problem:
                    break
                await asyncio.sleep(next(pauses, _PAUSES_S[-1]))
    except TimeoutError:
        return problem
    except Failed as failed:  # looking again would be no use
        return failed.message
    return ""


def make_probe(service: Service, port: int | None, log: Path) -> Probe:
    """How this service is looked at."""
    health = service.healthy
    if health and health.log is not None:
        return _line_probe(re.compile(health.log), Follower(log))
    if health and health.http is not None and port:
        return _http_probe(port, health.http)
    return _port_probe(port) if port else _no_probe


async def _no_probe() -> str:
    return ""


def _port_probe(port: int) -> Probe:
    async def probe() -> str:
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                _, writer = await asyncio.open_connection(HOST, port)
        except OSError as error:  # TimeoutError included
            return f"port {port} isn't open ({_reason(error)})"
        writer.close()
        return ""

    return probe


def _http_probe(port: int, path: str) -> Probe:
    where = f"http://{HOST}:{port}{path}"
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nUser-Agent: bench\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode()

    async def probe() -> str:
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                line = await _first_line(port, request)
        except (OSError, ValueError) as error:
            return f"{where} doesn't answer ({_reason(error)})"
        status = re.match(r"HTTP/\d(?:\.\d)? (\d{3})", line)
        if not status:
            return f"{where} doesn't answer in HTTP"
        return "" if status[1].startswith("2") else f"{where} answers {status[1]}"

    return probe


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or "not in time"


async def _first_line(port: int, request: bytes) -> str:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        return (await reader.readline()).decode("latin-1")
    finally:
        writer.close()


def _line_probe(pattern: re.Pattern[str], follower: Follower) -> Probe:
    async def probe() -> str:
        if any(search(pattern, line) for line in [*follower.lines(), follower.rest]):
            return ""
        return f"no line of its output matches {pattern.pattern}"

    return probe
