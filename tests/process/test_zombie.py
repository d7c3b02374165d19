"""A server that stands still while another takes over its run (R32). `make rig` does it twenty times."""

import pytest

from tests.process.server import Data
from tests.rig.zombies import MOMENTS, play_stopped_at

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.timeout(120)]


async def test_server_that_comes_back_writes_nothing(migrated: Data) -> None:
    if not migrated.database_url:
        pytest.skip("two servers share runs on PostgreSQL only")
    returned = await play_stopped_at(migrated, MOMENTS[0])
    assert returned.problems == []
    assert returned.fenced >= 1
