"""R37: whoever joins a run at any moment, and however often the connection breaks, sees every event once and the same text."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fold_session import EMPTY, comparable, fold
from tests.process.history import History, Witness
from tests.process.people import Room
from tests.stranger.client import Follower, Person

WORK = "Count the cards per column, find overdue cards and list cards without an assignee"
RECONNECTS = 5
_LAST = {"run_completed", "run_failed", "run_cancelled"}
_COME_WITHIN_S = 3.0
_STAY_AWAY_S = 0.3
_RUN_S = 60.0


@dataclass
class Observer:
    """What somebody knew on coming, and what they applied since."""

    witness: Witness
    state: dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What is wrong with what everybody saw, and how many came while the run was under way."""

    problems: list[str]
    came_in_time: int


async def watch_from_everywhere(room: Room, *, observers: int, seed: int) -> Seen:
    """Have a run watched by one who is there from its start and by `observers` who come at random moments and lose their sockets."""
    session = (await room.alice.post("sessions/", {"card": room.card, "workflow": "resolve"}))["session"]["id"]
    path = f"sessions/{session}"
    first = asyncio.ensure_future(_stay(room.alice, path, Observer(Witness("the first", 0), EMPTY), random.Random(seed)))
    await room.alice.post(f"{path}/messages/", {"content": WORK})
    coming = [_come(room.bob, path, f"observer {number}", random.Random(f"{seed} {number}")) for number in range(observers)]
    seen = await asyncio.gather(first, *coming)
    log = await _read_log(room.alice, path)
    end = next(event["seq"] for event in log if event["type"] in _LAST)
    final = (await room.alice.get(f"{path}/snapshot/"))["state"]
    in_time = sum(1 for each in seen if each.witness.after < end)
    return Seen([*History(log, [each.witness for each in seen], []).problems(), *_wrong_states(seen, final)], in_time)


async def _come(person: Person, path: str, name: str, dice: random.Random) -> Observer:
    """At some moment, half of them by the snapshot, the others from the log's beginning."""
    await asyncio.sleep(dice.uniform(0, _COME_WITHIN_S))
    if dice.random() < 0.5:
        return await _stay(person, path, Observer(Witness(name, 0), EMPTY), dice)
    snapshot = await person.get(f"{path}/snapshot/")
    return await _stay(person, path, Observer(Witness(name, snapshot["seq"]), snapshot["state"]), dice)


async def _stay(person: Person, path: str, observer: Observer, dice: random.Random) -> Observer:
    """Follow, lose the socket and come back to where one was, several times; then stay until the log's head after the run."""
    witness = observer.witness
    for turn in range(RECONNECTS + 1):
        follower = await person.follow(path, after=witness.after + len(witness.applied))
        try:
            if turn < RECONNECTS:
                await asyncio.sleep(dice.uniform(0, _STAY_AWAY_S))
            else:
                await _until_over(person, path, follower)
        finally:
            await follower.close()
        witness.applied += follower.events
        await asyncio.sleep(dice.uniform(0, _STAY_AWAY_S))
    return observer


async def _until_over(person: Person, path: str, follower: Follower) -> None:
    async with asyncio.timeout(_RUN_S):
        while True:
            snapshot = await person.get(f"{path}/snapshot/")
            statuses = [run["status"] for run in snapshot["state"]["runs"]]
            if statuses and all(f"run_{status}" in _LAST for status in statuses):
                break
            await asyncio.sleep(0.5)
        await follower.until(lambda: follower.last is not None and follower.last >= snapshot["seq"])


def _wrong_states(seen: Sequence[Observer], final: dict[str, Any]) -> Iterator[str]:
    """The text, and all else, is equal for everybody, character by character."""
    for each in seen:
        if comparable(fold(each.state, each.witness.applied)) != comparable(final):
            yield f"{each.witness.name} has folded another state than the snapshot's"


async def _read_log(person: Person, path: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while page := (await person.get(f"{path}/events/", after=len(events)))["events"]:
        events += page
    return events
