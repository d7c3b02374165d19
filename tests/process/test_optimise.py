"""kill -9 while a project is tested and measured: nothing of it is left running, and after a restart the run comes to its end."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.agents.bench.greeter import make_greeter, running_in
from tests.process.fixtures import ServerFor
from tests.process.people import new_room
from tests.process.server import Server
from tests.stranger.client import Person

pytestmark = [pytest.mark.process, pytest.mark.timeout(200)]

QUICK = '{"run_lease_s": 3, "run_renew_s": 1, "run_sweep_s": 1}'


async def test_killed_server_leaves_nothing_running_and_finishes_after_its_restart(server_for: ServerFor, tmp_path: Path) -> None:
    project = make_greeter(tmp_path / "greeter")
    workspaces = {"greeter": {"path": str(project), "users": ["*"], "sandbox": True, "seal": "preferred"}}
    server = server_for("serve", WORKROOM_LIMITS=QUICK, WORKROOM_WORKSPACES=json.dumps(workspaces))
    copies = server.data.folder / "workspaces"
    async with new_room(server.url) as room:
        body = {"instructions": "Workspace: greeter, rounds: 1", "workflow": "optimise"}
        handed = await room.alice.post(f"cards/{room.card}/hand-over/", body)
        path, run = f"sessions/{handed['session']['id']}", handed["run"]["id"]
        for words in ("Playing greet.ws.yaml", "what is measured"):
            await kill_amid(server, room.alice, path, words, copies)
        final = await room.alice.get(f"runs/{run}/")
        while final["finished"] is None:
            await asyncio.sleep(0.2)
            final = await room.alice.get(f"runs/{run}/")
        assert (final["status"], final["error"]) == ("completed", None)
        assert final["attempt"] == 3
        kinds = [output["kind"] for output in final["agent_outputs"]]
        assert kinds == ["subtask", "subtask", "performance", "critique", "report"]
        assert [each.name for each in copies.iterdir() if each.is_dir()] == []
        assert (project / "server.py").read_text().count("sleep") == 1


async def kill_amid(server: Server, alice: Person, path: str, words: str, copies: Path) -> None:
    """Kill the server once a thought of the run begins like this, see that nothing is left, and start it again."""
    async with await alice.follow(path, after=0) as follower:
        await follower.until(lambda: any(words in event["data"].get("thought", "") for event in follower.events), timeout_s=60)
    assert running_in(copies)
    await asyncio.to_thread(server.kill)
    for _ in range(100):
        if not running_in(copies):
            break
        await asyncio.sleep(0.1)
    assert running_in(copies) == []
    await asyncio.to_thread(server.start)
