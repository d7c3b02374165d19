"""What these scenarios are played against."""

from collections.abc import Iterator, Mapping

import pytest

from tests.scenarios.conftest import echo_server


@pytest.fixture(scope="session")
def ws_addresses() -> Iterator[Mapping[str, str]]:
    """A bare echo server of another process, started for the first scenario and ended after the last."""
    with echo_server() as address:
        yield {"echo": address}
