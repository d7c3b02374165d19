"""Approvals: one decision however many decide at once (R34a), of what was shown and by who may (R34b, S17), and written down."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import Client

from agents.commands import ANSWER_REQUEST
from agents.models import Request
from agents.payloads import AnswerRequest
from agents.services.requests import hash_shown
from project.accounts.models import User
from project.clock import db_now
from project.errors import Forbidden
from project.realtime.commands import perform
from tests.agents.conftest import Room, Workbench, call
from tests.agents.driving import run_until_idle, scripted
from tests.conftest import Api, ConnectAs, make_user
from tests.rig.length import at_length

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(at_length(60, 1200))]

PEOPLE = 10
ROUNDS = at_length(8, 200)
TRIES = 20
RUNS = at_length(6, 20)

DECEPTIVE = [
    each.get("text") or f"delete #1{' ' * each['spaces']}and #2"
    for each in json.loads((Path(__file__).parents[1] / "fixtures" / "deceptive_arguments.json").read_text(encoding="utf-8"))
]


async def ask_for(room: Room, *texts: str, session: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A run that wants to burn something: the run, the open request."""
    session = session or await sync_to_async(room.session)()
    run = (await sync_to_async(room.say)(session, "Burn it", workflow="chat"))["run"]
    with scripted({"chat": [[call("burn", text) for text in texts]]}):
        await run_until_idle()
    return run, await sync_to_async(room.request)(session)


async def go_on() -> None:
    with scripted({"chat": ["done"]}):
        await run_until_idle()


def answer_path(request: dict[str, Any]) -> str:
    return f"/api/requests/{request['id']}/answer/"


@pytest.fixture(autouse=True)
def _may_be_quick(settings: Any) -> None:
    """One person begins more runs here than people do."""
    settings.WORKROOM_LIMITS = {"messages_per_min": 10_000, "rest_burst": 10_000}


async def refused(client: Api, request: dict[str, Any], **more: Any) -> str:
    """The code with which an approval is refused."""
    body = {"decision": "approve", "hash": request["hash"], **more}
    return str((await sync_to_async(client.refused)("post", answer_path(request), body))[1]["code"])


# -- R34a ------------------------------------------------------------------------------------------------------------------


def crowd(room: Room) -> list[Api]:
    """Ten editors of the board."""
    people = []
    for number in range(PEOPLE):
        user = make_user(f"p{number}")
        room.api.ok("post", f"/api/boards/{room.board}/members/", {"username": user.username, "role": "editor"})
        people.append(Api(user))
    return people


def press_at_once(people: list[Api], request: dict[str, Any]) -> tuple[Counter[int], set[str]]:
    """The statuses of ten decisions, half of them denials, and who is named as the first."""
    start = Barrier(len(people))

    def press(place: int) -> tuple[int, Any]:
        body = {"decision": "deny" if place % 2 else "approve", "hash": request["hash"]}
        start.wait(20)
        try:
            response = people[place].call("post", answer_path(request), body)
            return int(response.status_code), response.json()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(press, range(len(people))))
    winners = [body["request"] if status == 200 else body["error"]["data"]["request"] for status, body in answers]
    return Counter(status for status, _ in answers), {f"{each['answered_by']['username']} {each['status']}" for each in winners}


async def test_of_ten_who_press_at_once_one_decides(room: Room, bench: Workbench) -> None:
    """R34a: one decision, nine refusals that name it, at most one execution; round after round."""
    people = await sync_to_async(crowd)(room)
    session = await sync_to_async(room.session)()
    approved = 0
    for number in range(ROUNDS):
        run, request = await ask_for(room, f"round {number}", session=session)
        statuses, winners = await sync_to_async(press_at_once)(people, request)
        assert statuses == {200: 1, 409: PEOPLE - 1}
        assert len(winners) == 1
        approved += winners.pop().endswith("approved")
        await go_on()
        assert len(bench.calls) == approved
        events = [event["data"] for event in await sync_to_async(room.events)(session) if event["type"] == "request_answered"]
        assert [each["request"]["run"] for each in events].count(run["id"]) == 1


# -- R34b ------------------------------------------------------------------------------------------------------------------


async def test_nothing_else_than_what_was_shown_is_approved(room: Room, bench: Workbench) -> None:
    """R34b: the arguments change after they were shown, before and after the approval."""
    session = await sync_to_async(room.session)()
    for number in range(RUNS):
        _, request = await ask_for(room, "the toast", session=session)
        row = Request.objects.filter(id=request["id"])
        if number % 2:
            await sync_to_async(room.answer)(request)
            await sync_to_async(row.update)(parameters={"text": "everything"})
        else:
            await sync_to_async(row.update)(parameters={"text": "everything"}, hash="1" * 64)
            assert await refused(room.api, request) == "request_changed"
            await sync_to_async(row.update)(hash=request["hash"])
            await sync_to_async(room.answer)(request)
        await go_on()
    assert bench.calls == []


async def test_who_lost_the_right_approves_nothing(room: Room, bench: Workbench, bob: User, api: Callable[[User], Api]) -> None:
    """R34b: shown to an editor, who is a viewer, or nobody here, or deactivated, when they press."""
    _, request = await ask_for(room, "the toast")
    bobs = await sync_to_async(api)(bob)
    member = f"/api/boards/{room.board}/members/{bob.id}/"
    for number in range(TRIES):
        role = ("viewer", None)[number % 2]
        if role:
            await sync_to_async(room.api.ok)("patch", member, {"role": role})
        else:
            await sync_to_async(room.api.ok)("delete", member)
        assert await refused(bobs, request) == ("forbidden" if role else "not_found")
        if not role:
            await sync_to_async(room.api.ok)("post", f"/api/boards/{room.board}/members/", {"username": "bob", "role": "editor"})
    await sync_to_async(User.objects.filter(id=bob.id).update)(is_active=False)
    assert await refused(bobs, request) == "not_authenticated"
    await go_on()
    assert bench.calls == []


async def test_what_has_expired_is_approved_by_nobody(room: Room, bench: Workbench) -> None:
    """R34b: before anybody has swept it, and after."""
    session = await sync_to_async(room.session)()
    for _ in range(RUNS):
        _, request = await ask_for(room, "the toast", session=session)
        await sync_to_async(Request.objects.filter(id=request["id"]).update)(expires=await sync_to_async(db_now)() - timedelta(seconds=1))
        assert [await refused(room.api, request) for _ in range(2)] == ["conflict"] * 2
        await go_on()
        assert [await refused(room.api, request) for _ in range(2)] == ["conflict"] * 2
    assert bench.calls == []


async def test_agent_approves_nothing(room: Room, bench: Workbench, robo: User, alice: User, api: Callable[[User], Api]) -> None:
    """R34b: with a key of its own, as an owner of the board, and in the name of the human it works for."""
    await sync_to_async(room.api.ok)("post", f"/api/boards/{room.board}/members/", {"username": "robo", "role": "owner"})
    _, request = await ask_for(room, "the toast")
    robos = await sync_to_async(api)(robo)
    payload = AnswerRequest.model_validate({"request": request["id"], "decision": "approve", "hash": request["hash"]}, strict=False)
    for _ in range(TRIES):
        assert await refused(robos, request) == "forbidden"
        with pytest.raises(Forbidden):
            await sync_to_async(perform)(ANSWER_REQUEST, actor=robo, acts_for=alice, payload=payload)
    await go_on()
    assert bench.calls == []


async def test_approval_of_another_run_approves_nothing_here(room: Room, bench: Workbench, connect_as: ConnectAs, alice: User) -> None:
    """R34b: the hash shown for one run, sent for another's request with the very same arguments."""
    _, mine = await ask_for(room, "the toast")
    _, other = await ask_for(room, "the toast")
    assert mine["hash"] != other["hash"]
    elsewhere = await connect_as(alice, f"/ws/sessions/{other['session']}/")
    for _ in range(TRIES):
        assert await refused(room.api, mine, hash=other["hash"]) == "request_changed"
        reply = await elsewhere.command("answer_request", request=mine["id"], decision="approve", hash=mine["hash"])
        assert reply["error"]["code"] == "not_found"
    await go_on()
    assert bench.calls == []


# -- S17, and what is written down -----------------------------------------------------------------------------------------


async def test_what_is_shown_is_what_is_executed(room: Room, bench: Workbench) -> None:
    """S17: to the last character, through database, event, snapshot and REST; the page's half is tests/js/deceptive.test.ts."""
    session = await sync_to_async(room.session)()
    for text in DECEPTIVE:
        run, request = await ask_for(room, text, session=session)
        shown = (await sync_to_async(room.snapshot)(session))["state"]["requests"][-1]
        opened = [event["data"]["request"] for event in await sync_to_async(room.events)(session) if event["type"] == "request_opened"][-1]
        assert request["parameters"] == shown["parameters"] == opened["parameters"] == {"text": text}
        assert hash_shown(await sync_to_async(Request.objects.get)(id=request["id"])) == request["hash"] == opened["hash"]
        await sync_to_async(room.answer)(request)
        await go_on()
        assert bench.calls[-1][1] == text
        [done] = (await sync_to_async(room.run)(run))["tool_calls"]
        assert done["parameters"] == {"text": text}
    assert len(bench.calls) == len(DECEPTIVE) >= 20


async def test_arguments_that_do_not_fit_ask_nobody(room: Room, bench: Workbench) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "Burn it")
    wrong = call("burn")
    with scripted({"chat": [[type(wrong)("c1", "burn", {"text": 7, "force": True})], "then not"]}) as model:
        await run_until_idle()
    assert "text: Input should be a valid string" in model.asked[1].messages[-1].content
    assert "request_opened" not in await sync_to_async(room.types)(session)
    assert bench.calls == []


async def test_decision_is_written_down_and_found_in_admin_and_log(room: Room, bench: Workbench, alice: User) -> None:
    """Who, when, what was decided, with which arguments and note."""
    _, request = await ask_for(room, "the bridge")
    before = await sync_to_async(db_now)()
    await sync_to_async(room.answer)(request, arguments={"text": "the toast"}, note="Only that.")
    row = await sync_to_async(Request.objects.select_related("answered_by").get)(id=request["id"])
    assert (row.status, row.answered_by, row.note) == ("approved", alice, "Only that.")
    assert row.answer["arguments"] == {"text": "the toast"}
    assert row.ended is not None
    assert row.ended >= before
    event = next(each for each in await sync_to_async(room.events)(request["session"]) if each["type"] == "request_answered")
    assert (event["actor"]["username"], event["timestamp"]) == ("alice", pytest.approx(row.ended.timestamp(), abs=0.001))

    await sync_to_async(User.objects.filter(id=alice.id).update)(is_staff=True, is_superuser=True)
    browser = Client()
    await sync_to_async(browser.force_login)(await sync_to_async(User.objects.get)(id=alice.id))
    page = (await sync_to_async(browser.get)(f"/admin/agents/request/{row.id}/change/")).content.decode()
    for told in ("the toast", "Only that.", "alice", "approved"):
        assert told.casefold() in page.casefold()
    listed = (await sync_to_async(browser.get)("/admin/agents/request/")).content.decode()
    assert "column-ended" in listed
