"""A work session with everything in it, recorded by two people over sockets, REST and event streams."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from tests.process.people import Room, log_of, new_room
from tests.stranger.client import Follower, Person
from tests.stranger.contract import run_of

Event = dict[str, Any]

WORK = "Count the cards per column, find overdue cards and list cards without an assignee"
LAST = ("run_completed", "run_failed", "run_cancelled")
RUN_S = 60.0


@dataclass
class Story:
    """`seen` came over the asker's socket while it happened, `received` when (by seq); the others are other ways to the same log."""

    session: str
    resolve_run: str
    chat_run: str
    seen: list[Event] = field(default_factory=list)
    received: dict[int, float] = field(default_factory=dict)
    asked_at: float = 0.0
    seen_by_bob: list[Event] = field(default_factory=list)
    log: list[Event] = field(default_factory=list)
    by_event_stream: list[Event] = field(default_factory=list)
    on_board: list[Event] = field(default_factory=list)
    activity: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    types: list[dict[str, Any]] = field(default_factory=list)

    def receive(self, event: Event) -> None:
        self.received[event["seq"]] = time.time()

    def of_type(self, *names: str) -> list[Event]:
        return [event for event in self.seen if event["type"] in names]


async def run_end(follower: Follower, run: str) -> Event:
    """The last event of a run."""

    def found() -> list[Event]:
        return [event for event in follower.events if event["type"] in LAST and run_of(event) == run]

    await follower.until(lambda: bool(found()), timeout_s=RUN_S)
    return found()[0]


async def record(url: str) -> Story:
    """Let it happen: a plan with tools, a question meanwhile, an approval."""
    async with new_room(url) as room:
        path = f"sessions/{await new_session(room, workflow='resolve')}"
        async with (
            await room.bob.follow(room.stream) as board,
            await room.bob.follow(path, after=0) as bob,
            await room.alice.follow(path, after=0) as alice,
        ):
            story = Story(path.removeprefix("sessions/"), "", "")
            alice.on_event = story.receive
            await _work(room, story, alice)
            await _look(room, story, path)
            await bob.until(lambda: bob.last == len(story.log))
            await alice.until(lambda: alice.last == len(story.log))
            await board.until(lambda: _has_ended(board, story.chat_run))
            story.seen, story.seen_by_bob, story.on_board = alice.events, bob.events, board.events
            story.activity = [frame["data"] for frame in board.frames if frame["type"] == "agent_activity"]
    return story


async def _work(room: Room, story: Story, alice: Follower) -> None:
    story.asked_at = time.time()
    story.resolve_run = (await alice.do("send_user_message", content=WORK))["run"]["id"]
    await alice.event("tool_executing", timeout_s=RUN_S)
    await room.bob.post(f"sessions/{story.session}/messages/", {"content": "How far are you?"})
    await run_end(alice, story.resolve_run)
    sent = await alice.do("send_user_message", content="Delete card #1", workflow="chat")
    story.chat_run = sent["run"]["id"]
    request = (await alice.event("request_opened", timeout_s=RUN_S))["data"]["request"]
    await room.bob.post(f"requests/{request['id']}/answer/", {"decision": "approve", "hash": request["hash"]})
    await run_end(alice, story.chat_run)


async def _look(room: Room, story: Story, path: str) -> None:
    """The same log by other ways, once it rests."""
    while len(story.log) != (snapshot := await room.bob.get(f"{path}/snapshot/"))["seq"]:
        story.log = await log_of(room.bob, path)
    story.state = snapshot["state"]
    story.types = (await room.bob.get("event-types/", limit=200))["results"]
    async with asyncio.timeout(RUN_S), room.bob.event_stream(f"{path}/stream/", after=0) as messages:
        async for message in messages:
            if message["event"] == "message":
                story.by_event_stream.append(message["data"])
            if len(story.by_event_stream) == len(story.log):
                break


def _has_ended(board: Follower, run: str) -> bool:
    cards = [event["data"]["run"] for event in board.events if event["type"] == "run_changed" and event["data"]["run"]]
    activity = [frame["data"]["run"] for frame in board.frames if frame["type"] == "agent_activity"]
    return run in activity or any(each["id"] == run and each["finished"] for each in cards)


async def new_session(room: Room, person: Person | None = None, **fields: Any) -> str:
    """The id of a new session on the room's card."""
    body = {"card": room.card, **fields}
    session: str = (await (person or room.alice).post("sessions/", body))["session"]["id"]
    return session
