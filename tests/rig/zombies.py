"""R32: a server stands still in the middle of a run, another takes over and finishes, the first comes back: nothing it writes is taken.

On PostgreSQL and Redis, where servers share their runs.
"""

import asyncio
import os
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.process.people import new_room
from tests.process.server import Data
from tests.rig.journal import count_lines, read_journal
from tests.rig.play import Play, RigServer, outline

MOMENTS = (
    "model 3 heard 1",
    "tool launch ends 1",
    "tool note begins 1",
    "model 1 asked 1",
    "tool launch begins 1",
    "model 1 heard 1",
    "tool look begins 1",
    "tool create_card ends 1",
    "model 2 asked 1",
    "model 3 asked 1",
)
"""Outside of every transaction, so that nobody waits for a lock the stopped server holds."""

_COME_BACK_S = 20.0


@dataclass(frozen=True)
class Return:
    """What came of the zombie's return: how many of its writes were refused, and what is wrong."""

    fenced: int
    problems: list[str]
    outline: str


async def play_stopped_at(migrated: Data, moment: str) -> Return:
    """Play a run on two servers, of which the one that drives it stands still at `moment` until the other is done."""
    with tempfile.TemporaryDirectory(prefix="workroom-rig-") as folder, migrated.copy(Path(folder) / "var") as data:
        servers = [RigServer(data, environ={"RIG_STOP": moment, "RIG_PACE_S": "0.05"}) for _ in range(2)]
        with servers[0], servers[1]:
            await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers))
            async with new_room(servers[0].url) as room:
                play = await Play.begin(data, room)
                zombie = await _until_stopped(play, servers)
                heir = servers[1 - servers.index(zombie)]
                room.alice.http.base_url = f"{heir.url}/api/"
                await play.follow(heir)
                os.kill(zombie.pid, signal.SIGCONT)
                fenced = await _until_fenced(data, zombie)
                problems = await play.problems()
                if await play.read_events() != play.events:
                    problems.append("there are events from after the end of the run")
                return Return(fenced, problems, outline(play))


async def _until_stopped(play: Play, servers: list[RigServer]) -> RigServer:
    """The server that stands still, once one does. Requests go to whichever answers."""
    async with asyncio.timeout(_COME_BACK_S):
        while not (stopped := [line["pid"] for line in read_journal(play.data.folder) if line["kind"] == "stopped"]):
            await asyncio.sleep(0.05)
            if not any(line["kind"] == "stopped" for line in read_journal(play.data.folder)):
                await _answer_in_time(play)
    return next(server for server in servers if server.pid == stopped[0])


async def _answer_in_time(play: Play) -> None:
    """Answer what the run asks, unless the server asked stands still by now."""
    try:
        async with asyncio.timeout(0.5):
            await play.look()
    except TimeoutError:
        return


async def _until_fenced(data: Data, zombie: RigServer) -> int:
    """How many writes of the zombie were refused, once it has noticed that it is one and is at rest."""
    seen = 0
    async with asyncio.timeout(_COME_BACK_S):
        while True:
            await asyncio.sleep(0.5)
            fenced = count_lines(read_journal(data.folder), kind="fenced", pid=zombie.pid)
            if fenced and fenced == seen:
                return fenced
            seen = fenced
