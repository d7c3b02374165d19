"""The inbox: who finds which request in it, where it comes from, who may answer, and how long it stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Request
from project.accounts.models import User
from project.clock import db_now
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


async def ask(room: Room, session: str | None = None) -> str:
    """A session whose run wants to burn something."""
    session = session or await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Burn it")
    with scripted({"chat": [[call("burn", "the bridge")]]}):
        await run_until_idle()
    return session


def inbox(api: Api, state: str = "open") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.ok("get", f"/api/inbox/?state={state}")["results"]
    return rows


def waiting(api: Api) -> int:
    return int(api.ok("get", "/api/inbox/count/")["waiting"])


async def test_row_names_where_the_request_comes_from(room: Room, bench: Workbench) -> None:
    session = await ask(room)
    [row] = await sync_to_async(inbox)(room.api)
    assert row["request"] == await sync_to_async(room.request)(session)
    assert row["board"] == {"id": room.board, "name": "Launch"}
    assert (row["card"]["id"], row["card"]["number"], row["card"]["title"]) == (room.card, 1, "Prepare the launch")
    assert row["session"]["id"] == session
    assert (row["may_answer"], row["ended"]) == (True, None)


async def test_longest_waiting_comes_first_page_by_page(room: Room, bench: Workbench) -> None:
    sessions = [await ask(room), await ask(room)]
    first = await sync_to_async(room.api.ok)("get", "/api/inbox/?limit=1")
    second = await sync_to_async(room.api.ok)("get", f"/api/inbox/?limit=1&cursor={first['next']}")
    assert [page["results"][0]["session"]["id"] for page in (first, second)] == sessions
    assert second["next"] is None


async def test_viewer_sees_what_waits_for_others_and_strangers_nothing(
    room: Room, bench: Workbench, api: Callable[[User | None], Api], vera: User, bob: User, charlie: User, robo: User
) -> None:
    await ask(room)

    def check() -> None:
        assert [(row["may_answer"], waiting(client)) for client in [api(vera)] for row in inbox(client)] == [(False, 0)]
        assert [(row["may_answer"], waiting(client)) for client in [api(bob)] for row in inbox(client)] == [(True, 1)]
        assert (inbox(api(charlie)), waiting(api(charlie))) == ([], 0)
        room.api.ok("post", f"/api/boards/{room.board}/members/", {"username": "robo", "role": "editor"})
        assert [(row["may_answer"], waiting(client)) for client in [api(robo)] for row in inbox(client)] == [(False, 0)]

    await sync_to_async(check)()


async def test_session_without_a_board_waits_for_its_owner(
    room: Room, bench: Workbench, api: Callable[[User | None], Api], bob: User
) -> None:
    own = (await sync_to_async(room.api.ok)("post", "/api/sessions/", {}))["session"]["id"]
    await ask(room, own)
    [row] = await sync_to_async(inbox)(room.api)
    assert (row["board"], row["card"], row["may_answer"]) == (None, None, True)
    assert await sync_to_async(lambda: inbox(api(bob)))() == []


async def test_changed_arguments_are_told_to_everybody(room: Room, bench: Workbench) -> None:
    changed, same = await ask(room), await ask(room)

    def check() -> None:
        room.answer(room.request(changed), arguments={"text": "the toast"})
        room.answer(room.request(same), arguments={"text": "the bridge"})
        told = {row["session"]["id"]: row["with_changes"] for row in inbox(room.api, "ended")}
        assert told == {changed: True, same: False}
        approved = {row["session"]["id"]: row["request"]["answer"]["arguments"] for row in inbox(room.api, "ended")}
        assert approved == {changed: {"text": "the toast"}, same: None}
        for session, with_changes in told.items():
            [event] = [event for event in room.events(session) if event["type"] == "request_answered"]
            assert event["data"]["with_changes"] is with_changes

    await sync_to_async(check)()


async def test_ended_requests_stay_for_a_day(room: Room, bench: Workbench) -> None:
    sessions = [await ask(room), await ask(room)]

    def check() -> None:
        room.answer(room.request(sessions[0]))
        room.api.ok("post", f"/api/sessions/{sessions[1]}/stop/")
        assert (inbox(room.api), waiting(room.api)) == ([], 0)
        assert [row["request"]["status"] for row in inbox(room.api, "ended")] == ["cancelled", "approved"]
        assert all(row["ended"] for row in inbox(room.api, "ended"))
        Request.objects.filter(status="approved").update(ended=db_now() - timedelta(hours=25))
        assert [row["request"]["status"] for row in inbox(room.api, "ended")] == ["cancelled"]

    await sync_to_async(check)()


async def test_expired_request_is_over(room: Room, bench: Workbench) -> None:
    await ask(room)
    await sync_to_async(lambda: Request.objects.update(expires=db_now() - timedelta(seconds=1)))()
    with scripted({"chat": ["Nobody answered."]}):
        await run_until_idle()
    [row] = await sync_to_async(inbox)(room.api, "ended")
    assert (row["request"]["status"], row["request"]["answered_by"]) == ("expired", None)


async def test_row_of_a_deleted_card_names_none(room: Room, bench: Workbench) -> None:
    await ask(room)
    await sync_to_async(room.api.ok)("delete", f"/api/cards/{room.card}/")
    [row] = await sync_to_async(inbox)(room.api)
    assert (row["card"], row["request"]["card"]) == (None, room.card)


def test_unknown_state_is_refused(room: Room) -> None:
    status, error = room.api.refused("get", "/api/inbox/?state=all")
    assert (status, error["code"]) == (400, "invalid")


def test_rooms_without_a_card_count_in_the_list_of_boards(room: Room) -> None:
    """The list says what goes on on a board, whether a card shows it or not; what is over or elsewhere isn't counted."""

    def row() -> tuple[int, int]:
        [found] = room.api.ok("get", "/api/boards/")["results"]
        return found["active_runs"], found["open_requests"]

    assert row() == (0, 0)
    room.say(room.session(), "On the card")
    assert row() == (1, 0)
    free = room.api.ok("post", "/api/sessions/", {"board": room.board, "workflow": "chat"})["session"]["id"]
    run = room.say(free, "On the board")["run"]
    room.say(free, "And after that", during_run="queue")
    alone = room.api.ok("post", "/api/sessions/", {"workflow": "chat"})["session"]["id"]
    room.say(alone, "By myself")
    assert row() == (3, 0)
    room.api.ok("post", f"/api/runs/{run['id']}/cancel/")
    assert row() == (2, 0)


async def test_requests_of_rooms_without_a_card_count_in_the_list_of_boards(room: Room, bench: Workbench) -> None:
    session = (await sync_to_async(room.api.ok)("post", "/api/sessions/", {"board": room.board, "workflow": "chat"}))["session"]["id"]
    await sync_to_async(room.say)(session, "Burn it")
    with scripted({"chat": [[call("burn", "x")], "done"]}):
        await run_until_idle()
        [row] = (await sync_to_async(room.api.ok)("get", "/api/boards/"))["results"]
        assert (row["active_runs"], row["open_requests"]) == (1, 1)
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
    [row] = (await sync_to_async(room.api.ok)("get", "/api/boards/"))["results"]
    assert (row["active_runs"], row["open_requests"]) == (0, 0)
