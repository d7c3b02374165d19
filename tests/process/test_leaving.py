"""Clients that go away without a word, in the middle of things."""

import asyncio
import json
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect

from tests.process.fixtures import ServerFor
from tests.process.people import Room, new_room

pytestmark = pytest.mark.process

LEAVERS = 15
COMMANDS = 20
# What they asked for before is still done, in order, and only then is their leaving heard of.
GONE_S = 20.0


@pytest.mark.parametrize("way", ["serve", "serve on uvicorn", "daphne", "uvicorn"])
async def test_client_that_leaves_while_it_is_answered_is_no_defect(server_for: ServerFor, way: str) -> None:
    server = server_for(way)
    async with new_room(server.url) as room:
        async with await room.bob.follow(room.stream) as healthy:
            await asyncio.gather(*(leave_early(room, place) for place in range(LEAVERS)))
            await healthy.do("move_card", card=room.card, column=room.columns[3])
            assert healthy.closed is None
        async with asyncio.timeout(GONE_S):
            while (await room.bob.http.get(f"{server.url}/healthz")).json()["connections"]:
                await asyncio.sleep(0.1)
    assert "Traceback" not in server.output


async def leave_early(room: Room, place: int) -> None:
    """Ask for much, then go without reading: by a close in good order, or by cutting the line."""
    address = f"{room.alice.url.replace('http', 'ws', 1)}/ws/{room.stream}/"
    async with connect(address, additional_headers=room.alice.bearer, compression=None) as socket:
        for turn in range(COMMANDS):
            data = {"card": room.card, "column": room.columns[turn % 4]}
            await socket.send(json.dumps({"type": "move_card", "ref": str(uuid4()), "data": data}))
        await asyncio.sleep(0.003 * place)
        if place % 2:
            socket.transport.abort()
