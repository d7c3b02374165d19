"""What these scenarios are played against."""

from collections.abc import Iterator, Mapping

import pytest

from tests.process.server import Data, Server


@pytest.fixture(scope="session")
def ws_addresses(migrated: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A fresh Workroom, started for the first scenario and ended after the last."""
    with migrated.copy(tmp_path_factory.mktemp("workroom") / "var") as data, Server(data) as workroom:
        workroom.start()
        yield {"workroom": workroom.url}
