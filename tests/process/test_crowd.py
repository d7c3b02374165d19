"""Hundreds of sockets on one server (L82). `python -m tests.rig crowd` has three thousand."""

import pytest

from tests.process.fixtures import ServerFor, Tell
from tests.rig.crowd import ENVIRON, allow_files, gather_twice

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

SOCKETS = 300


async def test_crowd_hears_everything_once_and_leaves_nothing(server_for: ServerFor, tell: Tell) -> None:
    allow_files(SOCKETS)
    found = await gather_twice(server_for(**ENVIRON), SOCKETS)
    tell(f"{SOCKETS} sockets: all reached within {found.reached_s:.2f} s, slowest answer of /healthz {max(found.answers_s):.2f} s")
    assert found.problems == []
