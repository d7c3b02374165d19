"""Model providers for tests: a server that says exactly what it is told, byte by byte, and aimock as a process."""

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2

from tests.process.server import ROOT, free_port

Piece = bytes | float | None
"""What is sent, a pause in seconds, or the end of the connection."""


def event(**fields: Any) -> bytes:
    """A chunk of an answer as it is on the wire."""
    return f"data: {json.dumps({'id': 'a', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm', **fields})}\n\n".encode()


def says(finish_reason: str | None = None, /, **delta: Any) -> bytes:
    """A chunk with this delta."""
    return event(choices=[{"index": 0, "delta": delta, "finish_reason": finish_reason}])


def calls(index: int | None, arguments: str, **more: Any) -> bytes:
    """A chunk with a piece of a tool call."""
    function = {"arguments": arguments, **({"name": more.pop("name")} if "name" in more else {})}
    return says(tool_calls=[{"index": index, "type": "function", "function": function, **more}])


def usage(asked: int, answered: int, **more: Any) -> bytes:
    """The chunk that counts tokens."""
    return event(choices=[], usage={"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered, **more})


DONE = b"data: [DONE]\n\n"


def text(content: str) -> list[Piece]:
    """A whole answer of this text."""
    return [says(role="assistant", content=content), says("stop"), usage(10, 5), DONE]


class Provider:
    """Answers each request with the next of `answers`, the last one again and again; `asked` keeps the bodies."""

    def __init__(self, answers: Sequence[Sequence[Piece]]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[str] = []
        self.base_url = ""
        self._serving: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer on this connection."""
        self._serving.add(task := asyncio.create_task(self._serve(reader, writer)))
        task.add_done_callback(self._serving.discard)

    async def stop(self) -> None:
        """End every answer that is still being given."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:"))
            self.headers.append(head)
            self.asked.append(json.loads(await reader.readexactly(length)))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            await self._send(writer, answer)

    async def _send(self, writer: asyncio.StreamWriter, answer: Sequence[Piece]) -> None:
        for piece in answer:
            if piece is None:
                return
            if isinstance(piece, bytes):
                writer.write(piece)
                await writer.drain()
            else:
                await asyncio.sleep(piece)


@contextlib.asynccontextmanager
async def provider(*answers: Sequence[Piece]) -> AsyncIterator[Provider]:
    """A provider on a port of its own, in this event loop."""
    scripted = Provider(answers)
    server = await asyncio.start_server(scripted.accept, "127.0.0.1", 0)
    scripted.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield scripted
    finally:
        server.close()
        await scripted.stop()


@contextlib.contextmanager
def aimock(folder: Path, fixtures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The address of an aimock process that answers by these fixtures."""
    path, port = folder / "aimock.json", free_port()
    path.write_text(json.dumps({"fixtures": fixtures}))
    command = ["node", "node_modules/@copilotkit/aimock/dist/cli.js", "--port", str(port), "--fixtures", str(path), "--strict"]
    with (folder / "aimock.log").open("w+b") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()
            process.wait()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    began = time.monotonic()
    while process.poll() is None and time.monotonic() - began < 30:
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(url, timeout=5).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("aimock does not answer: see aimock.log")
