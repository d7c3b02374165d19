"""A TCP proxy in front of one service, for faults of the network: it can reset connections, hold everything back, and mend."""

import asyncio
import contextlib
import socket
import struct
from typing import Literal

from agents.bench.processes.ports import HOST

Cut = Literal["reset", "silence"]

_CHUNK = 65_536


class Proxy:
    """Listens on `port` and passes everything to `target`, both on this machine, unless it is cut."""

    def __init__(self, port: int, target: int) -> None:
        self._port = port
        self._target = target
        self._server: asyncio.Server | None = None
        self._passes = asyncio.Event()
        self._passes.set()
        self._is_refusing = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen. OSError: the port is taken."""
        self._server = self._server or await asyncio.start_server(self._serve, HOST, self._port)

    async def close(self) -> None:
        """End all connections and listen no more."""
        if self._server:
            self._server.close()
        await self.cut("reset")
        if self._server:
            await self._server.wait_closed()

    async def cut(self, how: Cut) -> None:
        """Reset what is open and what comes, or let nothing through: neither bytes nor ends of connections."""
        self._is_refusing = how == "reset"
        self._passes.clear()
        if self._is_refusing and self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def mend(self) -> None:
        """Let everything through again; what a silence held back goes on its way."""
        self._is_refusing = False
        self._passes.set()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: _reset(writer))  # of one that was cut before it began, too

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection until both sides have ended it, or it is reset."""
        other: asyncio.StreamWriter | None = None
        with contextlib.suppress(OSError, asyncio.CancelledError, ExceptionGroup):
            if self._is_refusing:
                return
            await self._passes.wait()
            answers, other = await asyncio.open_connection(HOST, self._target)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, other))
                both.create_task(self._pump(answers, writer))
            for each in (writer, other):
                each.close()
                await each.wait_closed()
        _reset(other)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            await self._passes.wait()
            writer.write(data)
            await writer.drain()
        await self._passes.wait()
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter | None) -> None:
    """Let the connection end with a reset, unless it has ended."""
    if writer and (connection := writer.get_extra_info("socket")):
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
