"""Checking events by REST and by the page: of a session one may see, and of lines from anywhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents import event_check, event_report
from agents.contract.validator import EventReport
from project.accounts.models import User
from project.realtime.models import Event
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

LOG = json.loads((Path(__file__).parent.parent / "fixtures" / "session_log.json").read_text(encoding="utf-8"))["events"]


@pytest.fixture
def browser(alice: User) -> Client:
    browser = Client()
    browser.force_login(alice)
    return browser


def lines_of(events: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(event) for event in events)


async def test_report_of_a_session_by_rest(room: Room) -> None:
    session = await sync_to_async(room.session)()
    await sync_to_async(room.say)(session, "How many cards are there?")
    await run_until_idle()
    report = EventReport(**await sync_to_async(room.api.ok)("get", f"/api/sessions/{session}/event-report/"))
    assert (report.ok, report.lacking, report.first_seq, report.is_whole) == (True, [], 1, True)
    assert report.last_seq == report.events == (await sync_to_async(room.snapshot)(session))["seq"]
    assert [run.ended for run in report.figures.runs] == ["completed"]


def test_report_names_what_the_log_has_lost(room: Room) -> None:
    session = room.session()
    room.say(session, "How many cards are there?")
    Event.objects.filter(stream_id=session, type="run_queued").delete()
    report = room.api.ok("get", f"/api/sessions/{session}/event-report/")
    assert (report["ok"], report["fault_kinds"]) == (False, {"missing": 1})
    Event.objects.filter(stream_id=session).delete()  # what is broken on purpose is not left for the look at all logs


def test_long_log_is_judged_from_its_newest_events(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    session = room.session()
    room.say(session, "How many cards are there?")
    monkeypatch.setattr(event_report, "MOST_EVENTS", 2)
    report = room.api.ok("get", f"/api/sessions/{session}/event-report/")
    assert (report["ok"], report["events"], report["is_whole"]) == (True, 2, False)


def test_stranger_gets_no_report(room: Room, charlie: User, api: Callable[[User | None], Api]) -> None:
    session = room.session()
    assert api(charlie).refused("get", f"/api/sessions/{session}/event-report/")[0] == 404
    browser = Client()
    browser.force_login(charlie)
    assert browser.get(f"/verify/?session={session}").status_code == 404
    assert session not in browser.get("/verify/").content.decode()


def test_page_offers_my_sessions_and_shows_the_report(room: Room, browser: Client) -> None:
    session = room.session(title="Look at this")
    room.say(session, "How many cards are there?")
    assert "Look at this" in browser.get("/verify/").content.decode()
    shown = browser.get(f"/verify/?session={session}").content.decode()
    assert "No faults in" in shown
    assert "Still under way: 1 run" in shown
    assert f'href="/console/?session={session}"' in shown
    assert 'href="/console/"' in browser.get("/verify/").content.decode()
    assert browser.get("/verify/?session=nonsense").status_code == 404


def test_page_checks_pasted_lines(browser: Client) -> None:
    good = browser.post("/verify/", {"lines": lines_of(LOG)})
    assert f"No faults in {len(LOG)} events" in good.content.decode()
    bad = browser.post("/verify/", {"lines": lines_of([*LOG[:40], *LOG[41:]])}).content.decode()
    assert "seq 41 is missing" in bad
    assert "seq_gap" in bad


def test_page_checks_a_file(browser: Client) -> None:
    upload = SimpleUploadedFile("log.jsonl", lines_of(LOG[1:]).encode() + b'\n{"type": "<b>bold</b>", "data": {}, "seq": 9}\n\xff')
    shown = browser.post("/verify/", {"file": upload}).content.decode()
    assert "isn&#x27;t judged" in shown or "isn't judged" in shown
    assert "&lt;b&gt;bold" in shown
    assert "<b>bold" not in shown
    assert "not_json" in shown


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({}, "Paste some lines"), ({"lines": " \n "}, "Paste some lines"), ({"lines": "{}\n" * 4}, "at most 3 lines")],
)
def test_page_refuses_nothing_and_too_much(browser: Client, monkeypatch: pytest.MonkeyPatch, sent: dict[str, str], sentence: str) -> None:
    monkeypatch.setattr(event_check, "MOST_LINES", 3)
    answer = browser.post("/verify/", sent)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_page_refuses_a_large_file(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_check, "MOST_BYTES", 2048)
    answer = browser.post("/verify/", {"file": SimpleUploadedFile("log", b"x" * 3000)})
    assert (answer.status_code, "too large: at most 2 KiB" in answer.content.decode()) == (400, True)


def test_page_needs_sign_in_and_token(room: Room, alice: User) -> None:
    assert Client().post("/verify/", {"lines": "{}"}).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post("/verify/", {"lines": "{}"}).status_code == 403


def test_reports_have_a_limit_of_their_own(
    room: Room, browser: Client, bob: User, api: Callable[[User | None], Api], settings: Any
) -> None:
    """A report reads a whole log: what a user may ask for is counted apart from other requests, over REST and on the page together."""
    settings.WORKROOM_LIMITS = {"event_reports_per_min": 3}
    session = room.session()
    path, page = f"/api/sessions/{session}/event-report/", f"/verify/?session={session}"
    room.api.ok("get", path)
    assert browser.get(page).status_code == 200
    assert browser.post("/verify/", {"lines": lines_of(LOG)}).status_code == 200
    status, error = room.api.refused("get", path)
    assert (status, error["code"]) == (429, "rate_limited")
    assert 0 < error["data"]["retry_after_s"] <= 20
    for answer in (browser.get(page), browser.post("/verify/", {"lines": lines_of(LOG)})):
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 20
        assert "Wait" in answer.content.decode()
    assert browser.get("/verify/").status_code == 200
    assert room.api.ok("get", "/api/me/")
    api(bob).ok("get", path)


def test_what_is_refused_counts_for_nothing(room: Room, charlie: User, api: Callable[[User | None], Api], settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"event_reports_per_min": 1}
    strangers = api(charlie)
    session = room.session()
    for _ in range(3):
        assert strangers.refused("get", f"/api/sessions/{session}/event-report/")[0] == 404
    browser = Client()
    browser.force_login(charlie)
    assert browser.post("/verify/", {"lines": " "}).status_code == 400
    assert browser.post("/verify/", {"lines": lines_of(LOG)}).status_code == 200


def test_page_offers_every_room_once(room: Room, browser: Client) -> None:
    """However many members the board has, and whoever's the rooms are."""
    titles = ["One", "Two"]
    for title in titles:
        room.session(title=title)
    alone = room.api.ok("post", "/api/sessions/", {"title": "Alone"})["session"]["id"]
    shown = browser.get("/verify/").content.decode()
    assert shown.count(f'value="{alone}"') == 1
    assert shown.count("<option") == 3
