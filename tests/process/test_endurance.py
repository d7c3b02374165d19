"""A server in full use keeps nothing of who has left (L83, L84, L124). `python -m tests.rig endurance` does it for ten minutes."""

import pytest

from tests.process.fixtures import Tell
from tests.process.server import Data
from tests.rig.endurance import ENVIRON, HeldServer, play_round, warm_up
from tests.rig.growth import MOST, find_growth

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

ROUNDS = 8
# In so few rounds the allocator hasn't settled, and what a run of the last minute left still waits for its timers: some of ten objects.
# A work session kept with its sockets is some dozens.
MOST_HERE = {**MOST, "kib": 2048.0, "objects": 8.0}


async def test_rounds_of_full_use_leave_nothing_behind(data: Data, tell: Tell) -> None:
    with HeldServer(data, environ=ENVIRON) as server:
        server.start()
        await warm_up(server)
        rounds = [await play_round(server) for _ in range(ROUNDS)]
    tell(f"after the first of {ROUNDS} rounds {rounds[0]}; after the last {rounds[-1]}")
    assert find_growth(rounds, MOST_HERE) == []
