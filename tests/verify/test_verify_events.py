"""`manage.py verify-events`: what it finds in recorded streams, in crowds, and how it says so."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from project.client import Account, Event, User
from project.client.frames import read_event
from project.verify.capture import Capture, Listener, Place
from project.verify.crowd import CheckedUser, UserResult, judge_user
from tests.process.fixtures import ServerFor
from tests.process.server import free_port
from tests.stranger.client import Person

ENVELOPES = json.loads((Path(__file__).parent.parent / "fixtures" / "session_log.json").read_text(encoding="utf-8"))["events"]
LOG = [read_event(envelope) for envelope in ENVELOPES]
SESSION = LOG[0].stream.removeprefix("session:")


def run(*arguments: str) -> tuple[str, int]:
    """Output and exit code."""
    out = StringIO()
    try:
        call_command("verify-events", *arguments, stdout=out)
    except SystemExit as left:
        return out.getvalue(), int(str(left.code))
    return out.getvalue(), 0


@pytest.fixture
def recording(tmp_path: Path) -> Callable[[list[Any]], str]:
    def write(events: list[Any]) -> str:
        path = tmp_path / "events.jsonl"
        path.write_text("\n".join(json.dumps(event) for event in events), encoding="utf-8")
        return str(path)

    return write


def test_good_recording_passes(recording: Callable[[list[Any]], str]) -> None:
    output, code = run("--file", recording(ENVELOPES))
    assert code == 0
    assert f"PASSED  {len(LOG)} events: 0 faults" in output
    assert "tool search_cards: 1 calls, 0 failed" in output
    assert "\x1b" not in output


def test_bad_recording_fails_and_names_the_line(recording: Callable[[list[Any]], str]) -> None:
    output, code = run("--file", recording([*ENVELOPES[:40], *ENVELOPES[41:]]))
    assert code == 1
    assert "line 41  missing: seq 41 is missing" in output
    assert "FAILED  115 events" in output


def test_colours_are_on_where_they_are_wanted(recording: Callable[[list[Any]], str]) -> None:
    assert "\x1b[32mPASSED" in run("--file", recording(ENVELOPES), "--force-color")[0]
    assert "\x1b[31mFAILED" in run("--file", recording(["nothing"]), "--force-color")[0]


def test_recording_as_json(recording: Callable[[list[Any]], str]) -> None:
    report = json.loads(run("--file", recording(ENVELOPES), "--json")[0])
    assert (report["ok"], report["events"], report["lacking"]) == (True, len(LOG), [])


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(CommandError, match="can't be read") as unreadable:
        run("--file", "/nowhere/at/all")
    with pytest.raises(CommandError, match="can't be reached") as unreachable:
        run("--users", "1", "--url", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CommandError, match="at least 1") as senseless:
        run("--users", "0")
    assert [error.value.returncode for error in (unreadable, unreachable, senseless)] == [2, 2, 2]


@pytest.mark.process
@pytest.mark.timeout(150)
def test_crowd_and_one_account_pass(server_for: ServerFor) -> None:
    server = server_for("serve")
    crowd = json.loads(run("--users", "3", "--url", server.url, "--json")[0])
    assert (crowd["faults"], crowd["missed"], crowd["mixed"], crowd["runs"]) == (0, 0, 0, 6)
    assert [(user["problem"], user["report"]["lacking"], len(user["rejoined_ms"])) for user in crowd["users"]] == [(None, [], 1)] * 3
    assert crowd["delivery"]["count"] > 30
    name = f"watch-{free_port()}"
    asyncio.run(sign_up(server.url, name))
    output = run("--users", "2", "--runs", "1", "--url", server.url, "--username", name, "--password", "mellon-and-said-it-7")[0]
    assert output.count(name) == 2
    assert "2 users, 2 runs" in output
    assert "0 faults, 0 missed, 0 mixed" in output
    left = asyncio.run(boards_of(server.url, name))
    assert left == [], "it takes away what it made"


async def sign_up(url: str, name: str) -> None:
    await (await Person.sign_up(url, name)).close()


async def boards_of(url: str, name: str) -> list[Any]:
    async with await Account.sign_in(url, name, "mellon-and-said-it-7") as account:
        return await account.list_all("boards/")


# -- what a crowd that fails looks like ----------------------------------------------------------------------------------------


def checked(came: list[Event], log: list[Event] | None = None, **fields: Any) -> UserResult:
    """The judgement on a user to whom these events came."""
    account = Account("http://127.0.0.1:1", "token", User(id="u", username="alice", kind="human"))
    listener = Listener(account.follow(f"sessions/{SESSION}"))
    listener.capture = Capture(events=came, arrivals={event.seq: event.timestamp + 0.05 for event in came})
    place = Place(board="b", session=SESSION, mark="mark-of-alice")
    return judge_user(CheckedUser(account, place, listener, log=LOG if log is None else log, **fields), ["mark-of-bob"])


async def test_run_that_ended_while_the_connection_came_back_is_over() -> None:
    """What came on the way back is captured already: waiting for it again took two minutes and failed."""
    account = Account("http://127.0.0.1:1", "token", User(id="u", username="alice", kind="human"))
    listener = Listener(account.follow(f"sessions/{SESSION}"))
    listener.capture.events = list(LOG)
    last = next(event for event in LOG if event.type == "run_completed")
    async with asyncio.timeout(5):
        assert await listener.run_end(last.data["run"]["id"]) is last


async def test_everything_that_came_is_good() -> None:
    result = checked(LOG)
    assert (result.ok, result.missed, result.mixed) == (True, 0, 0)
    assert result.report.figures.delivery is not None
    assert result.report.figures.delivery.p50 == 50.0


async def test_event_that_did_not_come_is_missed() -> None:
    result = checked([*LOG[:40], *LOG[41:]])
    assert (result.ok, result.missed, "missing" in result.report.fault_kinds) == (False, 1, True)


async def test_event_of_another_stream_is_mixed() -> None:
    strange = {**LOG[40].envelope, "stream": "session:another", "id": "another"}
    result = checked([*LOG[:41], read_event(strange), *LOG[41:]])
    assert (result.ok, result.mixed, result.report.fault_kinds) == (False, 1, {"foreign": 1})


async def test_words_of_another_are_mixed() -> None:
    place = next(at for at, event in enumerate(LOG) if event.type == "agent_thinking")
    spoilt = replace(LOG[place], envelope={**LOG[place].envelope, "data": {**LOG[place].data, "thought": "mark-of-bob has a card"}})
    result = checked([*LOG[:place], spoilt, *LOG[place + 1 :]])
    assert (result.ok, result.mixed, result.report.ok) == (False, 1, True)


async def test_open_door_and_missing_kinds_are_problems() -> None:
    assert checked(LOG, is_let_in_elsewhere=True).problem == "Was let in elsewhere."
    quiet = [event for event in LOG if event.type != "agent_thinking"]
    assert checked(quiet, quiet).problem == "Lacks agent_thinking."
    assert checked([], [], problem="The connection has ended.").ok is False
