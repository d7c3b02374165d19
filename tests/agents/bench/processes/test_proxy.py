"""The network of a service cut and mended."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.bench.errors import Refused
from agents.bench.processes.ports import reserve
from agents.bench.processes.proxy import Proxy
from agents.bench.processes.supervisor import Supervisor
from tests.agents.bench.processes.kit import web

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Front:
    """A proxy before an echo server, and connections through it."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self.proxy = Proxy(port, target)
        self.writers: list[asyncio.StreamWriter] = []

    async def connect(self) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer

    async def echo(self, streams: Streams, text: bytes, within_s: float = 10) -> bytes:
        streams[1].write(text)
        async with asyncio.timeout(within_s):
            return await streams[0].readexactly(len(text))


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1_000):
                writer.write(data)
        except ConnectionError:
            pass
        writer.close()

    port = reserve()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        front = Front(port.number, server.sockets[0].getsockname()[1])
        await front.proxy.open()
        yield front
        for writer in front.writers:
            writer.close()
        await front.proxy.close()
    port.close()


async def test_bytes_and_ends_pass_both_ways(front: Front) -> None:
    reader, writer = streams = await front.connect()
    data = b"x" * 300_000
    assert await front.echo(streams, data) == data
    writer.write_eof()
    assert await reader.read() == b""


async def test_reset_ends_connections_and_new_ones_until_it_is_mended(front: Front) -> None:
    streams = await front.connect()
    assert await front.echo(streams, b"before") == b"before"
    await front.proxy.cut("reset")
    with pytest.raises(ConnectionResetError):
        await streams[0].readexactly(1)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await front.echo(await front.connect(), b"during")
    front.proxy.mend()
    assert await front.echo(await front.connect(), b"after") == b"after"


@pytest.mark.parametrize("turns", range(8))
async def test_reset_ends_a_connection_however_young(front: Front, turns: int) -> None:
    with socket.create_connection(("127.0.0.1", front.port)) as client:
        client.setblocking(False)
        for _ in range(turns):
            await asyncio.sleep(0)
        await front.proxy.cut("reset")
        async with asyncio.timeout(10):
            with pytest.raises(ConnectionResetError):
                await asyncio.get_running_loop().sock_recv(client, 1)


async def test_silence_holds_back_what_comes_until_it_is_mended(front: Front) -> None:
    old = await front.connect()
    assert await front.echo(old, b"before") == b"before"
    await front.proxy.cut("silence")
    new = await front.connect()
    for streams in (old, new):
        with pytest.raises(TimeoutError):
            await front.echo(streams, b"held", within_s=0.1)
    front.proxy.mend()
    for streams in (old, new):
        assert await streams[0].readexactly(4) == b"held"


async def test_service_that_is_away_looks_like_a_reset(front: Front) -> None:
    nobody, port = reserve(), reserve()
    proxy = Proxy(port.number, nobody.number)
    await proxy.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)
    writer.close()
    await proxy.close()
    nobody.close()
    port.close()


@pytest.mark.process
async def test_supervisor_cuts_the_network_of_a_running_service(tmp_path: Path) -> None:
    async with Supervisor({"web": web(proxied=True)}, tmp_path) as supervisor:
        with pytest.raises(Refused, match="once it has been started"):
            await supervisor.cut("web")
        await supervisor.start()
        port = supervisor.port("web")
        assert await first_line(port) == b"HTTP/1.0 200 OK\r\n"
        await supervisor.cut("web")
        with pytest.raises(ConnectionError):
            await first_line(port)
        assert supervisor.status()["web"]["state"] == "healthy"
        await supervisor.mend("web")
        await supervisor.restart("web")
        assert supervisor.port("web") == port
        assert await first_line(port) == b"HTTP/1.0 200 OK\r\n"


async def first_line(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        return await reader.readline()
    finally:
        writer.close()
