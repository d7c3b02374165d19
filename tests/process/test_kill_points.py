"""kill -9 of the server at chosen moments of a run (R30). `make rig` takes every moment there is, three times."""

import pytest

from tests.process.server import Data
from tests.rig.kills import play_killed_at

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

_PLAYS = 4

MOMENTS = [
    "after commit 1",  # claimed, nothing done yet
    "model 1 heard 1",
    "tool note begins 1",
    "tool note ends 1",  # it has had its effect, which nobody has written down
    "tool create_card ends 1",
    "tool launch ends 1",  # unsafe, and nobody knows
    "model 3 heard 1",  # a message is open
]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_run_ends_as_if_its_server_had_not_been_killed(migrated: Data, moment: str) -> None:
    outcome = await play_killed_at(migrated, moment)
    assert outcome.was_killed, f"the run never came to {moment!r}: the test has proved nothing"
    assert outcome.problems == []


async def test_run_ends_well_although_its_last_commit_was_cut_off(migrated: Data) -> None:
    undisturbed = await play_killed_at(migrated, "")
    assert undisturbed.problems == []
    assert len(undisturbed.passed) >= 30
    outcome = undisturbed
    # Chunks share commits, so that one run has a few more than another: until one comes as far as the one before it.
    for _ in range(_PLAYS):
        *_, last = [name for name in outcome.passed if name.startswith("before commit")]
        outcome = await play_killed_at(migrated, last)
        if outcome.was_killed:
            break
    assert outcome.was_killed
    assert outcome.problems == []
