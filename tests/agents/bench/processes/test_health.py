"""Looking whether a service is healthy, and what is told if it isn't."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.bench import regexes
from agents.bench.processes.health import make_probe, wait_until_healthy
from agents.bench.processes.ports import reserve
from tests.agents.bench.processes.kit import shell


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[int]:
    """The port of a server that gives these answers in turn, the last one for ever."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", ""),
        (b"HTTP/1.0 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 503 Not Yet\r\n\r\n", "http://127.0.0.1:{port}/up answers 503"),
        (b"HTTP/1.1 302 Found\r\n\r\n", "http://127.0.0.1:{port}/up answers 302"),
        (b"SSH-2.0-OpenSSH\r\n", "http://127.0.0.1:{port}/up doesn't answer in HTTP"),
        (b"", "http://127.0.0.1:{port}/up doesn't answer in HTTP"),
    ],
)
async def test_http_answer_decides(tmp_path: Path, answer: bytes, problem: str) -> None:
    async with answering(answer) as port:
        probe = make_probe(shell("x", port=port, healthy={"http": "/up"}), port, tmp_path / "log")
        assert await probe() == problem.format(port=port)


async def test_it_is_looked_at_until_it_is_healthy(tmp_path: Path) -> None:
    async with answering(b"HTTP/1.1 503 No\r\n\r\n", b"nothing", b"HTTP/1.1 200 OK\r\n\r\n") as port:
        probe = make_probe(shell("x", port=port, healthy={"http": "/"}), port, tmp_path / "log")
        assert await wait_until_healthy(probe, 20) == ""


@pytest.mark.parametrize("health", [{"http": "/"}, {"tcp": True}, None])
async def test_closed_port_is_told(tmp_path: Path, health: object) -> None:
    port = reserve()
    probe = make_probe(shell("x", port=port.number, healthy=health), port.number, tmp_path / "log")
    problem = await wait_until_healthy(probe, 0.1)
    assert str(port.number) in problem
    assert "Connect call failed" in problem
    port.close()


async def test_silent_server_is_given_up_in_time(tmp_path: Path) -> None:
    is_left = asyncio.Event()

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        is_left.set()

    async with await asyncio.start_server(keep_silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        probe = make_probe(shell("x", port=port, healthy={"http": "/"}), port, tmp_path / "log")
        assert await wait_until_healthy(probe, 0.1) == "it hasn't answered yet"
        await is_left.wait()


async def test_silence_is_told_rather_than_what_was_wrong_before() -> None:
    looks: list[str] = []

    async def probe() -> str:
        looks.append("looked")
        await asyncio.sleep(60 if len(looks) > 1 else 0)
        return "the port isn't open"

    assert await wait_until_healthy(probe, 0.3) == "it hasn't answered yet"
    assert len(looks) == 2


async def test_line_of_the_log_is_found_when_it_comes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    probe = make_probe(shell("x", healthy={"log": r"listening on \d+"}), None, log)
    assert await probe() == r"no line of its output matches listening on \d+"
    log.write_text("starting\nlistening ")
    assert await probe() != ""
    log.write_text("starting\nlistening on 80")
    assert await probe() == ""


async def test_pattern_without_an_end_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "_MOST_CPU_S", 0.05)
    log = tmp_path / "log"
    log.write_text("a" * 60 + "b\n")
    probe = make_probe(shell("x", healthy={"log": "(a+)+$"}), None, log)
    assert "was searched for 0.05 s" in await wait_until_healthy(probe, 60)
