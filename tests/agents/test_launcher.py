"""The launcher takes runs as soon as it is there: what drives them is loaded beside it, and takes a second."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from agents.launchers import driver, entrance
from agents.launchers.embedded import Launcher
from agents.lease import Claim, claim_next
from agents.models import Run
from tests.agents.conftest import Room
from tests.agents.driving import eventually, scripted

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
import agents.launchers.embedded
print(sorted({"langgraph", "openai"} & set(sys.modules)))
"""


class Loading:
    """The import of what drives runs, which ends when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_end = threading.Event()
        self.error: Exception | None = None
        self.times = 0
        monkeypatch.setattr(driver, "import_module", self)

    def __call__(self, name: str) -> Any:
        self.times += 1
        self.may_end.wait(20)
        if self.error:
            raise self.error
        return import_module(name)


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Loading:
    return Loading(monkeypatch)


async def ask(room: Room) -> dict[str, Any]:
    run: dict[str, Any] = (await sync_to_async(room.say)(await sync_to_async(room.session)(), "Look"))["run"]
    return run


def test_launcher_needs_neither_graphs_nor_clients_to_begin() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, check=True, timeout=50)
    assert done.stdout.strip() == "[]"


async def test_run_that_waits_is_claimed_before_what_drives_it_is_loaded(room: Room, loading: Loading) -> None:
    runs = [await ask(room) for _ in range(3)]
    with scripted({"chat": ["done"] * 3}):
        launcher = asyncio.create_task(Launcher().run())
        await eventually(lambda: Run.objects.filter(status="running").count() == 3)
        loading.may_end.set()
        await eventually(lambda: Run.objects.filter(status="completed").count() == 3)
        launcher.cancel()
        await asyncio.gather(launcher, return_exceptions=True)
    assert [(await sync_to_async(room.run)(run))["attempt"] for run in runs] == [1, 1, 1]
    assert loading.times == 1


async def test_run_claimed_before_the_end_of_the_server_is_given_back(room: Room, loading: Loading) -> None:
    run = await ask(room)
    launcher = asyncio.create_task(Launcher().run())
    await eventually(lambda: loading.times == 1)
    launcher.cancel()
    await asyncio.gather(launcher, return_exceptions=True)
    loading.may_end.set()
    row = await Run.objects.aget(id=run["id"])
    assert (row.status, row.lease_owner, row.crashes) == ("running", "", 0)


async def test_run_claimed_while_the_server_ends_is_given_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim is committed on a thread, after the launcher was told to end."""
    run = await ask(room)
    begun, may_end = threading.Event(), threading.Event()

    def claim_slowly(owner: str, *, besides: Collection[UUID] = ()) -> Claim | None:
        claim = claim_next(owner, besides=besides)
        begun.set()
        may_end.wait(20)
        return claim

    monkeypatch.setattr("agents.launchers.embedded.claim_next", claim_slowly)
    launcher = asyncio.create_task(Launcher().run())
    await eventually(begun.is_set)
    launcher.cancel()
    await asyncio.sleep(0.05)
    may_end.set()
    await asyncio.gather(launcher, return_exceptions=True)
    row = await Run.objects.aget(id=run["id"])
    assert (row.status, row.attempt, row.lease_owner, row.crashes) == ("running", 1, "", 0)


class Beginning:
    """Stands for what drives runs: a run is under way, and has ended, when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[Callable[[], None]] = []
        self.may_end = asyncio.Event()
        monkeypatch.setattr(driver, "import_module", lambda _: self)

    async def drive(self, run_id: UUID, number: int, begun: Callable[[], None]) -> None:
        self.begun.append(begun)
        await self.may_end.wait()


async def test_runs_begin_one_after_another(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "_LONGEST_S", 30)
    beginning = Beginning(monkeypatch)
    for _ in range(3):
        await ask(room)
    launcher = asyncio.create_task(Launcher().run())
    await eventually(lambda: Run.objects.filter(status="running").count() == 3 and len(beginning.begun) == 1)
    beginning.begun[0]()
    beginning.begun[0]()  # makes room once
    await eventually(lambda: len(beginning.begun) == 2)
    await asyncio.sleep(0.1)
    assert len(beginning.begun) == 2
    launcher.cancel()
    await asyncio.gather(launcher, return_exceptions=True)
    rows = [row async for row in Run.objects.values_list("status", "lease_owner", "crashes")]
    assert rows == [("running", "", 0)] * 3, "who waited is given back like the others"


async def test_who_ends_or_is_slow_to_begin_keeps_out_nobody(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "_LONGEST_S", 0.2)
    beginning = Beginning(monkeypatch)
    for _ in range(2):
        await ask(room)
    launcher = asyncio.create_task(Launcher().run())
    await eventually(lambda: len(beginning.begun) == 2)
    monkeypatch.setattr(entrance, "_LONGEST_S", 30)
    beginning.may_end.set()
    await ask(room)
    await ask(room)
    await eventually(lambda: len(beginning.begun) == 4)
    launcher.cancel()
    await asyncio.gather(launcher, return_exceptions=True)


async def test_what_cannot_be_loaded_leaves_runs_to_the_next_start(room: Room, loading: Loading, caplog: pytest.LogCaptureFixture) -> None:
    loading.error = ImportError("no such library")
    loading.may_end.set()
    run = await ask(room)
    launcher = asyncio.create_task(Launcher().run())
    await eventually(lambda: "wait until the next start" in caplog.text)
    await ask(room)  # wakes the launcher
    await asyncio.sleep(0.3)
    launcher.cancel()
    await asyncio.gather(launcher, return_exceptions=True)
    row = await Run.objects.aget(id=run["id"])
    assert (row.attempt, row.lease_owner, row.crashes) == (1, "", 0)
    assert await Run.objects.filter(status="queued").acount() == 1
    assert caplog.text.count("no such library") == 1
