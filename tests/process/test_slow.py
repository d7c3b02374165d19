"""A client that takes its time: frames that don't fit on the line at once arrive whole and in order."""

import asyncio
import json
import socket

import pytest
from websockets.asyncio.client import connect

from tests.process.fixtures import ServerFor
from tests.process.people import Room, new_room

pytestmark = pytest.mark.process

# What was missed comes in frames of 200 KiB, what happens meanwhile one by one; twice as much as goes out unacknowledged.
MISSED = [f"{number}: {chr(97 + number) * 15_000}" for number in range(26)]
MORE = [text.upper() for text in MISSED]


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn"])
async def test_slow_reader_gets_everything_whole_and_in_order(server_for: ServerFor, way: str) -> None:
    server = server_for(way)
    async with new_room(server.url) as room:
        address = f"{server.url.replace('http', 'ws', 1)}/ws/{room.stream}/?after={await room.head()}"
        await comment(room, MISSED)
        line = narrow_line(server.port)
        async with connect(address, sock=line, additional_headers=room.alice.bearer, compression=None, max_queue=1) as slow:
            await comment(room, MORE)
            came: list[str] = []
            async with asyncio.timeout(60):
                while len(came) < len(MISSED + MORE):
                    frame = json.loads(await slow.recv())
                    events = frame.get("events", [frame])
                    came += [event["data"]["comment"]["content"] for event in events if event["type"] == "comment_added"]
                    if "seq" in events[-1]:
                        await slow.send(json.dumps({"type": "ack", "data": {"seq": events[-1]["seq"]}}))
    assert came == MISSED + MORE


async def comment(room: Room, texts: list[str]) -> None:
    for text in texts:
        await room.bob.post(f"cards/{room.card}/comments/", {"content": text})


def narrow_line(port: int) -> socket.socket:
    """A connection to the server that takes little at a time."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    line.setblocking(False)
    return line
