"""R36: a message sent while a run is under way is asked, queued or interrupts, at whatever moment and however many send one at once."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from agents.drive import drive
from agents.llm.port import TextDelta
from agents.models import Run
from project.accounts.models import User
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import claim, run_until_idle, scripted
from tests.conftest import Api
from tests.rig.length import at_length

pytestmark = pytest.mark.django_db(transaction=True)

TRIALS = at_length(20, 300)
"""Of five pairs of ways: a hundred and more of each way."""
ACTIVE = list(Run.ACTIVE)


SLOW: list[Any] = [[TextDelta("I "), 0.1, TextDelta("am "), 0.1, call("look")], [TextDelta("at "), 0.1, TextDelta("work")]]


class Trial:
    """One session with a run under way, and two people who write while it is."""

    def __init__(self, room: Room, alice: Api, bob: Api) -> None:
        self.session = room.session()
        self.room = room
        self.people = (alice, bob)
        self.first: dict[str, Any] = room.say(self.session, "first")["run"]

    def say(self, person: Api, content: str, during_run: str) -> tuple[int, dict[str, Any]]:
        try:
            body = {"content": content, "during_run": during_run}
            response = person.call("post", f"/api/sessions/{self.session}/messages/", body)
            return response.status_code, response.json()
        finally:
            connection.close()

    def both_say(self, *during_run: str) -> list[tuple[int, dict[str, Any]]]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(self.say, self.people, ("second", "third"), during_run))

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.room.api.ok("get", f"/api/runs/?session={self.session}")["results"]
        return found[::-1]

    def check_one_at_a_time(self) -> None:
        """By the log: between a run's start and its end no other run of the session starts."""
        under_way: set[str] = set()
        for event in self.room.events(self.session):
            if event["type"] == "run_started":
                assert not under_way, "two runs at once"
                under_way.add(event["data"]["run"]["id"])
            elif event["type"] in ("run_completed", "run_failed", "run_cancelled"):
                under_way.discard(event["data"]["run"]["id"])
        assert Run.objects.filter(session__id=self.session, status__in=ACTIVE).count() <= 1


@pytest.fixture
def new_trial(room: Room, bob: User, api: Callable[[User], Api], settings: Any) -> Callable[[], Trial]:
    settings.WORKROOM_LIMITS = {"runs_per_user": 1000, "sessions_per_user": 1000, "messages_per_min": 10_000, "rest_burst": 10_000}
    bobs = api(bob)
    return lambda: Trial(room, room.api, bobs)


async def play(trial: Trial, dice: random.Random, *during_run: str) -> list[tuple[int, dict[str, Any]]]:
    """What both were answered who wrote at a random moment of the run; everything is driven to its end."""
    taken = await claim()
    task = asyncio.create_task(drive(taken.run_id, taken.attempt))
    await asyncio.sleep(dice.uniform(0, 0.4))
    replies = await sync_to_async(trial.both_say)(*during_run)
    await asyncio.wait_for(task, 20)
    await run_until_idle()
    await sync_to_async(trial.check_one_at_a_time)()
    return replies


@pytest.mark.timeout(at_length(60, 1200))
async def test_each_way_is_kept_at_any_moment(new_trial: Callable[[], Trial], bench: Workbench) -> None:
    """Two people at once: the statuses of all runs follow from the ways alone; nothing is lost, nothing runs twice."""
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    for number in range(TRIALS):
        ways = dice.choice([("queue", "queue"), ("queue", "interrupt"), ("interrupt", "interrupt"), ("ask", "queue"), ("ask", "interrupt")])
        trial = await sync_to_async(new_trial)()
        with scripted({"chat": [*SLOW, *["later"] * 4], "clarify": ["soon"] * 2}):
            replies = await play(trial, dice, *ways)
        told = f"seed {seed}, trial {number}: {ways}"
        assert [status for status, _ in replies] == [202, 202], told
        runs = await sync_to_async(trial.runs)()
        handled = Counter(body["handled_by"] for _, body in replies)
        # A question that comes after the run has ended is no question about it: it starts a run of its own.
        assert set(handled) <= {"queue", "interrupt", "clarifier", "run"}, told
        assert len(runs) == 3 - handled["clarifier"], told
        ended = Counter(run["status"] for run in runs)
        assert ended["completed"] + ended["cancelled"] == len(runs), told
        assert ended["cancelled"] <= handled["interrupt"], told
        assert runs[-1]["status"] == "completed", told


async def test_interrupting_keeps_what_was_done(new_trial: Callable[[], Trial], bench: Workbench, room: Room) -> None:
    """Steps that had ended stay, as do their effects; the new run comes next."""
    trial = await sync_to_async(new_trial)()
    with scripted({"chat": [[call("note", "kept")], [TextDelta("half "), 30.0], "instead"]}):
        taken = await claim()
        task = asyncio.create_task(drive(taken.run_id, taken.attempt))
        while "message_added" not in (await sync_to_async(room.types)(trial.session))[4:] or not bench.calls:
            await asyncio.sleep(0.05)
        status, body = await sync_to_async(trial.say)(trial.people[1], "instead", "interrupt")
        await asyncio.wait_for(task, 20)
        await run_until_idle()
    assert (status, body["handled_by"]) == (202, "interrupt")
    first, second = await sync_to_async(trial.runs)()
    assert (first["status"], second["status"]) == ("cancelled", "completed")
    whole = await sync_to_async(room.run)(first)
    assert [each["status"] for each in whole["tool_calls"]] == ["completed"]
    assert bench.names() == ["note"]


@pytest.mark.parametrize("way", ["queue", "interrupt"])
async def test_full_line_is_busy_for_both_however_many_send(new_trial: Callable[[], Trial], room: Room, settings: Any, way: str) -> None:
    settings.WORKROOM_LIMITS = {"queued_messages": 3, "runs_per_user": 1000, "messages_per_min": 10_000}
    trial = await sync_to_async(new_trial)()
    settings.WORKROOM_LIMITS = {"queued_messages": 3, "runs_per_user": 1000, "messages_per_min": 10_000}

    def send_all() -> Counter[str]:
        with ThreadPoolExecutor(8) as pool:
            people = [trial.people[number % 2] for number in range(8)]
            answers = list(pool.map(lambda person: trial.say(person, "more", way), people))
        return Counter("taken" if status == 202 else body["error"]["code"] for status, body in answers)

    # The first run is in line itself until somebody drives it.
    assert await sync_to_async(send_all)() == {"taken": 2, "busy": 6}
    assert await sync_to_async(Run.objects.filter(session__id=trial.session, status=Run.Status.QUEUED).count)() == 3
    with scripted({"chat": ["done"] * 3}):
        await run_until_idle()
    assert [run["status"] for run in await sync_to_async(trial.runs)()] == ["completed"] * 3
