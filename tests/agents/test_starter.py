"""A run has the rights of its agent and of who began it, at every moment: without them it ends, and no tool of it begins."""

from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async

from project.accounts.models import User
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("lost", ["removed", "viewer", "deactivated"])
async def test_run_of_somebody_without_the_right_ends_before_it_acts(
    room: Room, bench: Workbench, api: Callable[[User | None], Api], bob: User, lost: str
) -> None:
    session = await sync_to_async(room.session)()
    client = await sync_to_async(api)(bob)
    run = (await sync_to_async(client.ok)("post", f"/api/sessions/{session}/messages/", {"content": "Look around"}))["run"]
    member = f"/api/boards/{room.board}/members/{bob.id}/"
    if lost == "removed":
        await sync_to_async(room.api.ok)("delete", member)
    elif lost == "viewer":
        await sync_to_async(room.api.ok)("patch", member, {"role": "viewer"})
    else:
        await sync_to_async(User.objects.filter(id=bob.id).update)(is_active=False)
    with scripted({"chat": [[call("look")], "done"]}):
        await run_until_idle()
    ended = await sync_to_async(room.run)(run)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "forbidden")
    assert bench.names() == []


async def test_run_of_a_deactivated_agent_ends_before_it_acts_further(room: Room, bench: Workbench, robo: User) -> None:
    def deactivate(name: str) -> None:
        User.objects.filter(id=robo.id).update(is_active=False)

    bench.hook = deactivate
    run = (await sync_to_async(room.say)(await sync_to_async(room.session)(), "Look around"))["run"]
    with scripted({"chat": [[call("look")], [call("note")], "done"]}) as model:
        await run_until_idle()
    ended = await sync_to_async(room.run)(run)
    assert (ended["status"], ended["error"]["code"], ended["error"]["message"]) == ("failed", "forbidden", "robo was deactivated.")
    assert (bench.names(), len(model.asked)) == (["look"], 1)
