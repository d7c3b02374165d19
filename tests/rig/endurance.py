"""L83, L124: one server under full use, round after round, and what it holds once everybody has left."""

import asyncio
from typing import Any

import httpx2
import psutil

from tests.process.people import Room, new_room, wait_until_left
from tests.process.server import WAYS, Server
from tests.rig.growth import Held
from tests.stranger.client import Person

WORK = "Count the cards per column, find overdue cards and list cards without an assignee"
MOVES, VISITS = 5, 3
ABREAST = 4
ENVIRON = {"WORKROOM_DB_THREADS": "4", "DJANGO_SETTINGS_MODULE": "tests.rig.settings"}
"""Little that fills slowly: few threads, and few pages of the database kept by each."""

_ENDED = {"run_completed", "run_failed", "run_cancelled"}
_RUN_S = 60.0


class HeldServer(Server):
    """`manage.py serve` that answers /held."""

    @property
    def arguments(self) -> list[str]:
        return ["-m", "tests.rig.held", *(part.format(port=self.port) for part in WAYS[self.way][2:])]


async def warm_up(server: HeldServer) -> None:
    """Several rounds at once: pools of threads, caches and imports are as large afterwards as they get."""
    async with asyncio.TaskGroup() as rounds:
        for _ in range(ABREAST):
            rounds.create_task(_use(server.url))


async def play_round(server: HeldServer) -> Held:
    """One round of full use; what the server holds after it."""
    await _use(server.url)
    return await measure(server)


async def _use(url: str) -> None:
    """New people on a new board: they move and comment, an agent works, sockets and event streams come and go, all at once."""
    async with new_room(url) as room, asyncio.TaskGroup() as parts:
        for part in (_edit, _work, _visit, _leave_unread):
            parts.create_task(part(room))


async def _edit(room: Room) -> None:
    async with await room.bob.follow(room.stream) as follower:
        for turn in range(MOVES):
            await follower.do("move_card", card=room.card, column=room.columns[turn % 4])
            await room.alice.post(f"cards/{room.card}/comments/", {"content": f"Comment {turn} says something of ordinary length."})


async def _work(room: Room) -> None:
    """A run that one follows by a socket and another by an event stream."""
    handed = await room.alice.post(f"cards/{room.card}/hand-over/", {"instructions": WORK})
    path = f"sessions/{handed['session']['id']}"
    await asyncio.gather(_follow_run(room.alice, path), _stream_run(room.bob, path))
    assert (await room.alice.get(f"runs/{handed['run']['id']}/"))["status"] == "completed"


async def _follow_run(person: Person, path: str) -> None:
    async with await person.follow(path, after=0) as follower:
        await follower.until(lambda: any(event["type"] in _ENDED for event in follower.events), timeout_s=_RUN_S)


async def _stream_run(person: Person, path: str) -> None:
    async with asyncio.timeout(_RUN_S), person.event_stream(f"{path}/stream/", after=0) as messages:
        async for message in messages:
            if message["data"].get("type") in _ENDED:
                break


async def _visit(room: Room) -> None:
    """Sockets that come, ask and leave in good order."""
    for _ in range(VISITS):
        async with await room.alice.follow(room.stream, after=0) as follower:
            await follower.do("move_card", card=room.card, column=room.columns[1])


async def _leave_unread(room: Room) -> None:
    """Sockets and event streams whose line is cut."""
    for _ in range(VISITS):
        async with await room.bob.follow(room.stream, after=0) as follower:
            follower.socket.transport.abort()
        async with room.bob.event_stream(f"{room.stream}/stream/", after=0):
            pass


async def measure(server: HeldServer) -> Held:
    """What the server holds once nobody is there, or has not left for long."""
    async with httpx2.AsyncClient(base_url=server.url, verify=False, timeout=30) as http:
        connections = await wait_until_left(http)
        kept: dict[str, Any] = (await http.get("/held")).json()
    process = psutil.Process(server.pid)
    with process.oneshot():
        return Held(process.memory_info().rss / 1024, process.num_threads(), process.num_fds(), kept["tasks"], kept["objects"], connections)
