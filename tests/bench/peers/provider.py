"""A model provider for measurements: every answer begins with the moment at which its first byte left."""

import asyncio
import contextlib
import json
import random
import sys
import time

# Between these the answer begins, and then goes on in pieces: as long as fifty of them are under way at once.
FIRST_S = (0.5, 2.5)
PIECES, PAUSE_S = 40, 0.1


def _chunk(content: str, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish_reason}
    return (
        f"data: {json.dumps({'id': 'a', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm', 'choices': [choice]})}\n\n".encode()
    )


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request, one answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:")), 0)
    await reader.readexactly(length)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    if length:
        await asyncio.sleep(random.uniform(*FIRST_S))
        writer.write(_chunk(f"{time.monotonic():.6f} "))
        for _ in range(PIECES):
            await asyncio.sleep(PAUSE_S)
            writer.write(_chunk("and so on "))
        writer.write(_chunk("", "stop") + b"data: [DONE]\n\n")
    with contextlib.suppress(ConnectionError):
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def main(port: int) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
