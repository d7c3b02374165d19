"""One scripted run seen from outside: begun, answered where it asks, its server started anew whenever it is gone; then judged."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.process.people import Room
from tests.process.server import Data, Server
from tests.rig.journal import ANSWER, CARD, REQUEST, count_lines, effects, read_journal
from tests.stranger.client import Refused
from tests.stranger.contract import broken_promises

ENDED = ("completed", "failed", "cancelled")
_POLL_S = 0.05
_RUN_S = 90.0
_LIMITS = {"run_lease_s": 3, "run_renew_s": 0.5, "run_sweep_s": 0.5}


@dataclass
class RigServer(Server):
    """`tests.rig.serve`, with leases of three seconds. It keeps its journal in the data folder."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.environ = {"RIG_FOLDER": str(self.data.folder), "WORKROOM_LIMITS": json.dumps(_LIMITS), **self.environ}

    @property
    def arguments(self) -> list[str]:
        return ["-m", "tests.rig.serve", "--port", str(self.port)]

    @property
    def is_gone(self) -> bool:
        """Whether it was started and has ended."""
        return self._process is not None and self._process.poll() is not None


@dataclass
class Play:
    """A run and where it stands; `events` and `end` once it is over."""

    data: Data
    room: Room
    session: str
    run: str
    events: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def begin(cls, data: Data, room: Room) -> "Play":
        session = (await room.alice.post("sessions/", {"card": room.card, "workflow": "chat"}))["session"]["id"]
        run = (await room.alice.post(f"sessions/{session}/messages/", {"content": REQUEST}))["run"]["id"]
        return cls(data, room, session, run)

    async def follow(self, server: RigServer) -> None:
        """Look on until the run has ended, answer what it asks, and start the server anew when it has been killed."""
        async with asyncio.timeout(_RUN_S):
            while not self.end:
                try:
                    await self.look()
                except httpx2.TransportError:
                    if server.is_gone:
                        server.environ = {name: value for name, value in server.environ.items() if name != "RIG_KILL"}
                        await asyncio.to_thread(server.start)
                await asyncio.sleep(_POLL_S)
        self.events = await self.read_events()

    async def until(self, data: Data, point: str) -> None:
        """Look on until the run has passed this point."""
        async with asyncio.timeout(60):
            while not count_lines(read_journal(data.folder), kind="point", name=point):
                await self.look()
                await asyncio.sleep(0.05)

    async def look(self) -> None:
        run = await self.room.alice.get(f"runs/{self.run}/")
        if run["status"] in ENDED:
            self.end = run
        elif run["status"] == "waiting":
            await self.answer()

    async def answer(self) -> None:
        for request in (await self.room.alice.get("requests/", session=self.session, status="open"))["results"]:
            body = {"hash": request["hash"], "decision": "approve"}
            if request["kind"] == "question":
                body |= {"decision": "answer", "result": request["choices"][0]}
            try:
                await self.room.alice.post(f"requests/{request['id']}/answer/", body)
            except Refused as refused:
                if refused.code != "already_answered":
                    raise

    async def read_events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        while page := (await self.room.alice.get(f"sessions/{self.session}/events/", after=len(events)))["events"]:
            events += page
        return events

    async def problems(self) -> list[str]:
        """Everything that is not as it is without any fault."""
        state = (await self.room.alice.get(f"boards/{self.room.board}/snapshot/"))["state"]
        cards = sorted((card["title"], card["comment_count"]) for card in state["cards"])
        session = (await self.room.alice.get(f"sessions/{self.session}/snapshot/"))["state"]
        return [*broken_promises(self.events), *self._of_the_end(session, cards), *self._of_the_world()]

    def _of_the_end(self, session: dict[str, Any], cards: list[Any]) -> Iterator[str]:
        if self.end["status"] != "completed":
            yield f"the run is {self.end['status']}: {self.end['error']}"
        if cards != sorted([("Write the plan", 1), (CARD, 0)]):
            yield f"the board has the cards {cards}"
        said = [message["content"] for message in session["messages"] if message["role"] == "assistant" and not message["interrupted"]]
        if said[-1:] != [ANSWER]:
            yield f"the answer is {said[-1:]}"

    def _of_the_world(self) -> Iterator[str]:
        journal = read_journal(self.data.folder)
        launches = count_lines(journal, kind="tool", name="launch")
        doubts = [event for event in self.events if event["type"] == "request_opened" and event["data"]["request"]["kind"] == "question"]
        if launches > 1 or launches + len(doubts) < 1:
            yield f"the unsafe tool was called {launches} times, and its outcome asked for {len(doubts)} times"
        if len(effects(self.data.folder)) != 1:
            yield f"the idempotent tool had the effects {effects(self.data.folder)}"
        if len({line["call"] for line in journal if line["kind"] == "tool" and line["name"] == "note"}) != 1:
            yield "the idempotent tool was called under several keys"
        if (asked := count_lines(journal, kind="model")) > 4:
            yield f"the model was asked {asked} times for three answers"


def names_of_points(data: Data) -> list[str]:
    """The points that a run passed, in order."""
    return [str(line["name"]) for line in read_journal(data.folder) if line["kind"] == "point"]


def outline(play: Play) -> str:
    """The run in one line, for whoever reads what the rig prints."""
    resumed = [event["data"]["reason"] for event in play.events if event["type"] == "run_resumed"]
    return json.dumps({"status": play.end["status"], "attempts": play.end["attempt"], "resumed": resumed})
