"""Joining a run at any moment (R37). `make rig` has a hundred observers."""

import os
import random

import pytest

from tests.process.fixtures import ServerFor, Tell
from tests.process.people import new_room
from tests.rig.joins import watch_from_everywhere

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

OBSERVERS = 16


async def test_everybody_who_joins_sees_the_same_run(server_for: ServerFor, tell: Tell) -> None:
    seed = int(os.environ.get("WORKROOM_TEST_SEED") or random.randrange(10**6))
    tell(f"observers come by seed {seed} (repeat with WORKROOM_TEST_SEED={seed})")
    server = server_for(WORKROOM_RULES_PACE_MS="30")
    async with new_room(server.url) as room:
        seen = await watch_from_everywhere(room, observers=OBSERVERS, seed=seed)
    assert seen.problems == []
    tell(f"{seen.came_in_time} of {OBSERVERS + 1} observers came while the run was under way")
    assert seen.came_in_time > OBSERVERS / 4, "nobody joined a run under way: the test has proved nothing"
