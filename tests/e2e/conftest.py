"""A server with the demo board, and the run of one browser scenario (a Node script beside this file) against it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.process.fixtures import DEMO_PASSWORD
from tests.process.server import ROOT, Data, Server, manage
from tests.tools.services import find_chromium

_SCENARIO_S = 150

Scenario = Callable[..., None]


@pytest.fixture
def board(demo_data: Data, tmp_path: Path) -> Iterator[Data]:
    """The data of a fresh demo board."""
    with demo_data.copy(tmp_path / "var") as data:
        yield data


@pytest.fixture
def measured(board: Data) -> None:
    """Performance reports on the demo board; to be asked for before `scenario`, which starts the server."""
    done = manage(board, "shell", "-c", "from tests.tools.measured import fill; fill()")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def demo(board: Data) -> Iterator[Server]:
    """A server on a fresh demo board, at a pace at which things can be watched."""
    with Server(board, environ={"WORKROOM_RULES_PACE_MS": "15"}) as server:
        server.start()
        yield server


@pytest.fixture
def scenario(demo: Server, tmp_path: Path) -> Scenario:
    """`scenario("two_browsers")` runs tests/e2e/two_browsers.mjs; its own words are the failure's."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("Chromium isn't installed (in CI this fails)")

    def run(name: str) -> None:
        shots = Path(os.environ.get("WORKROOM_E2E_SHOTS", tmp_path))
        environ = os.environ | {"BASE_URL": demo.url, "PASSWORD": DEMO_PASSWORD, "CHROMIUM": chromium, "SHOTS": str(shots / name)}
        done = subprocess.run(
            ["node", f"tests/e2e/{name}.mjs"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=_SCENARIO_S, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\npictures in {shots / name}"

    return run
