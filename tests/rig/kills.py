"""R30: kill -9 before and after every commit and every outside call of a run. Every time the run ends as if nothing had happened."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.process.people import new_room
from tests.process.server import Data
from tests.rig.play import Play, RigServer, names_of_points, outline


@dataclass(frozen=True)
class Outcome:
    """What became of a run whose server was killed at `point`; `was_killed` says that the point was passed at all."""

    point: str
    was_killed: bool
    problems: list[str]
    outline: str
    passed: list[str]


async def play_killed_at(migrated: Data, point: str) -> Outcome:
    """Play the run once, on fresh data, with a kill at `point` ("": none)."""
    with (
        tempfile.TemporaryDirectory(prefix="workroom-rig-") as folder,
        migrated.copy(Path(folder) / "var") as data,
        RigServer(data, environ={"RIG_KILL": point} if point else {}) as server,
    ):
        await asyncio.to_thread(server.start)
        async with new_room(server.url) as room:
            play = await Play.begin(data, room)
            await play.follow(server)
            was_killed = bool(point) and "RIG_KILL" not in server.environ
            return Outcome(point, was_killed, await play.problems(), outline(play), names_of_points(data))
