"""A lease that is renewed late, but in time, is not taken (R33); one that is not renewed is."""

import asyncio
import random
import threading
import time
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from agents.launchers.embedded import Launcher
from agents.lease import claim_next, release, renew
from agents.models import Run
from project.clock import SQL_NOW
from project.limits import limits
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import OWNER, eventually, expire_lease, run_until_idle, scripted

pytestmark = pytest.mark.django_db(transaction=True)

LATE_S, LATENCY_S = 15.0, 2.0
MINUTES = 10


class Clock:
    """The database's clock, put forward by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._now, self.passed_s = monkeypatch, SQL_NOW[connection.vendor], 0.0

    def put_to(self, passed_s: float) -> None:
        self.passed_s = passed_s
        self._patch.setitem(SQL_NOW, connection.vendor, f"({self._now}) + {passed_s}")


def test_heartbeats_may_be_late_and_the_database_slow(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the product's limits: heartbeats due every 10 seconds come up to 17 seconds late, and another asks every 5."""
    clock, dice = Clock(monkeypatch), random.Random(33)
    room.say(room.session(), "Do it")
    taken = claim_next(OWNER)
    assert taken is not None
    beats = asked = 0
    while clock.passed_s < MINUTES * 60:
        beat_at = clock.passed_s + limits().run_renew_s + dice.uniform(0, LATE_S) + LATENCY_S
        while clock.passed_s + limits().run_sweep_s < beat_at:
            clock.put_to(clock.passed_s + limits().run_sweep_s)
            assert claim_next("another") is None
            asked += 1
        clock.put_to(beat_at)
        renew(OWNER, [taken.run_id])
        beats += 1
    assert (beats > 20, asked > 60) == (True, True)
    assert Run.objects.get(id=taken.run_id).attempt == 1
    clock.put_to(clock.passed_s + limits().run_lease_s + 0.1)
    lost_to = claim_next("another")
    assert lost_to is not None
    assert lost_to.attempt == 2


def test_who_lost_a_run_gives_back_nothing_of_who_took_it(room: Room) -> None:
    room.say(room.session(), "Do it")
    first = claim_next(OWNER)
    assert first is not None
    expire_lease(first)
    assert claim_next("another") is not None
    release([first])
    assert claim_next("a third") is None


def test_run_seen_free_just_before_another_of_its_session_began_is_not_taken(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session = room.session()
    room.say(session, "Do it")
    second = room.say(session, "Then that", during_run="queue")["run"]["id"]
    assert claim_next(OWNER) is not None
    monkeypatch.setattr("agents.lease._claimable", lambda besides: [UUID(second)])
    assert claim_next("another") is None
    assert (Run.objects.get(id=second).status, caplog.text) == ("queued", "")


def test_who_drives_a_run_does_not_take_it_again(room: Room) -> None:
    """Its lease may have run out while the process stood still."""
    room.say(room.session(), "Do it")
    taken = claim_next(OWNER)
    assert taken is not None
    expire_lease(taken)
    assert claim_next(OWNER, besides=[taken.run_id]) is None


async def test_launcher_whose_renewals_are_slow_keeps_its_run(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.WORKROOM_LIMITS = {"run_lease_s": 4, "run_renew_s": 0.5}
    may_go = threading.Event()

    def hook(name: str) -> None:
        may_go.wait(20)

    bench.hook = hook
    slow: list[float] = []

    def renew_slowly(owner: str, run_ids: Collection[UUID]) -> None:
        time.sleep(1.0)
        renew(owner, run_ids)
        slow.append(1.0)

    monkeypatch.setattr("agents.launchers.embedded.renew", renew_slowly)
    run = (await sync_to_async(room.say)(await sync_to_async(room.session)(), "Look"))["run"]
    with scripted({"chat": [[call("look")], "done"]}):
        launcher = asyncio.create_task(Launcher().run())
        await eventually(lambda: bool(bench.calls))
        while len(slow) < 4:  # longer than the lease
            assert await sync_to_async(claim_next)("another") is None
            await asyncio.sleep(0.1)
        may_go.set()
        await eventually(Run.objects.filter(status="completed").exists)
        launcher.cancel()
        await asyncio.gather(launcher, return_exceptions=True)
    assert (await sync_to_async(room.run)(run))["attempt"] == 1


async def test_launcher_drives_no_more_runs_than_its_number(room: Room, bench: Workbench, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"runs_per_process": 2}
    may_go = threading.Event()

    def hook(name: str) -> None:
        may_go.wait(20)

    bench.hook = hook
    for _ in range(3):
        await sync_to_async(room.say)(await sync_to_async(room.session)(), "Look")
    with scripted({"chat": [*[[call("look")]] * 3, *["done"] * 3]}):
        launcher = asyncio.create_task(Launcher().run())
        await eventually(lambda: len(bench.calls) == 2)
        assert await Run.objects.filter(status="queued").acount() == 1
        may_go.set()
        await eventually(lambda: Run.objects.filter(status="completed").count() == 3)
        launcher.cancel()
        await asyncio.gather(launcher, return_exceptions=True)


@pytest.mark.parametrize("is_given_back", [True, False])
async def test_time_in_which_nobody_drives_a_run_is_not_its_own(
    room: Room, bench: Workbench, monkeypatch: pytest.MonkeyPatch, is_given_back: bool
) -> None:
    """The server is away for a night, whether it was stopped or killed; the run may go on for as long as it could before."""
    clock = Clock(monkeypatch)
    run = (await sync_to_async(room.say)(await sync_to_async(room.session)(), "Look"))["run"]
    taken = await sync_to_async(claim_next)(OWNER)
    assert taken is not None
    clock.put_to(20)
    if is_given_back:
        await sync_to_async(release)([taken])
    clock.put_to(8 * 3600)
    with scripted({"chat": [[call("look")], "done"]}):
        await run_until_idle()
    ended = await sync_to_async(room.run)(run)
    assert (ended["status"], ended["error"], ended["attempt"]) == ("completed", None, 2)
    active_s = await sync_to_async(Run.objects.values_list("active_s", flat=True).get)(id=run["id"])
    assert active_s < limits().run_lease_s + 20
