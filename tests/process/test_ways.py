"""Each way of starting Workroom serves REST, a socket, and a move that two people see."""

import pytest

from tests.process.fixtures import ServerFor
from tests.process.people import new_room
from tests.process.server import WAYS

pytestmark = pytest.mark.process


@pytest.mark.parametrize("way", WAYS)
async def test_move_reaches_everybody(server_for: ServerFor, way: str) -> None:
    server = server_for(way)
    async with new_room(server.url) as room:
        async with await room.alice.follow(room.stream) as one, await room.bob.follow(room.stream) as two:
            moved = await one.do("move_card", card=room.card, column=room.columns[1])
            for follower in (one, two):
                event = await follower.event("card_moved")
                assert event["seq"] == moved["seq"]
                assert event["actor"] == room.alice.user
                assert event["data"]["card"] == room.card
                assert event["data"]["column"] == room.columns[1]
        shown = await room.bob.get(f"cards/{room.card}/")
        assert shown["column"] == room.columns[1]
    assert "Traceback" not in server.output
