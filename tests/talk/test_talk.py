"""`manage.py talk` against a real server: piped, on a terminal, and scripted."""

import asyncio
import json
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from websockets.asyncio.client import connect

from project.talk.script import difference
from tests.docs.try_it import Part, parts, socket_frames
from tests.process.server import ROOT, environ_for, free_port
from tests.talk.conftest import Demo, open_terminal, write

pytestmark = [pytest.mark.process, pytest.mark.timeout(150)]

# Longer at work than anybody needs to press Ctrl-C.
LONG = "Count the cards per column, find overdue cards, list cards without an assignee, and summarise this board"


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.example)
def test_example_shows_what_the_guide_says(demo: Demo, part: Part) -> None:
    done = demo.run("--script", f"examples/talk/{part.example}")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert re.search(r"· +\d+ steps passed in", done.stdout)
    lines = iter(done.stdout.splitlines())
    for wanted in part.shown:
        assert any(wanted.fullmatch(line) for line in lines), f"{wanted.pattern!r} is missing, or not in this place:\n{done.stdout}"


async def test_frames_of_the_guide_work_on_a_bare_socket(demo: Demo) -> None:
    to_send, wanted = socket_frames()
    address = f"{demo.server.url.replace('http', 'ws', 1)}/ws/sessions/"
    came: list[dict[str, Any]] = []
    async with connect(address, additional_headers={"Authorization": f"Bearer {demo.token}"}) as socket, asyncio.timeout(60):
        for frame in to_send:
            await socket.send(json.dumps(frame))
        while not any(frame["type"] == "run_completed" for frame in came):
            frame = json.loads(await socket.recv())
            came += frame["events"] if frame["type"] == "events" else [frame]
    rest = iter(came)
    for frame in wanted:
        assert any(difference(frame, each) is None for each in rest), f"{frame} is missing, or not in this place:\n{came}"


def test_message_from_a_pipe_is_answered_in_plain_lines(demo: Demo) -> None:
    done = demo.run("new", "--board", "Launch", stdin="What is overdue?\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    for part in ("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed", "3 cards are overdue"):
        assert part in done.stdout
    assert re.search(r"statistics +\d+ events: .*message_delta \d+", done.stdout)
    assert re.search(r"First event after \d\.\d\d s, first text after \d", done.stdout)
    assert re.search(r"Run 1 completed in \d+\.\d s: 2 model calls, 0 tokens, no cost, 1 tool call\.", done.stdout)


def test_answers_come_from_the_pipe_too(demo: Demo) -> None:
    done = demo.run("new", "--board", "Launch", stdin='Delete card #18\nmaybe\ne {"number": 20}\n')
    assert done.returncode == 0, done.stderr
    assert "a approve · e edit the arguments · d deny" in done.stdout
    assert "approved by alice" in done.stdout
    assert "Talk to the corner café about a shelf" not in demo.titles()
    assert "Price list for shops that resell" in demo.titles()


def test_terminal_runs_the_tools_it_declares(demo: Demo) -> None:
    said = 'Run read_thermometer with {"room": "lab"}\n{"celsius": "warm"}\n{"celsius": 21.5}\n'
    done = demo.run("new", "--board", "Launch", "--tools", "examples/talk/thermometer.json", stdin=said)
    assert done.returncode == 0, done.stderr
    assert "A client is asked to run read_thermometer: answered by alice" in done.stdout
    assert "result.celsius" in done.stdout + done.stderr
    assert re.search(r"run_completed +Run 1 · 2 model calls, 0 tokens, no cost, 1 tool call", done.stdout)


def test_tools_belong_to_a_new_session(demo: Demo, tmp_path: Path) -> None:
    demo.run("#12", "--board", "Launch", stdin="What is overdue?\n")
    late = demo.run("#12", "--board", "Launch", "--tools", "examples/talk/thermometer.json")
    assert (late.returncode, "this one is open already: give new" in late.stderr) == (1, True)
    for text, told in (("{}", "is no list of tools"), ("[", "neither JSON nor YAML"), (None, "can't be read: No such file")):
        file = tmp_path / "tools.json"
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        wrong = demo.run("new", "--tools", str(file))
        assert (wrong.returncode, told in wrong.stderr) == (2, True), wrong.stderr


def test_request_left_open_is_said_and_answered_in_a_later_talk(demo: Demo) -> None:
    first = demo.run("#19", "--board", "Launch", stdin="Delete this card\n")
    assert "1 request still open" in first.stdout
    second = demo.run("19", stdin="deny Not yet.\n")
    assert "request_opened   Tool approval required" in second.stdout
    assert "denied by alice: Not yet." in second.stdout
    assert second.returncode == 0


def test_reader_who_has_enough_is_no_error(demo: Demo) -> None:
    command = f"{shlex.join(demo.command('new'))} | head -n 2"
    env = environ_for(demo.server.data, **demo.environ)
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=env, input="What can you do?\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (2, "")


def test_json_mode_is_json_and_nothing_else(demo: Demo) -> None:
    done = demo.run("new", "--json", stdin="What can you do?\n")
    assert done.returncode == 0, done.stderr
    *events, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(events[0]["seq"], events[0]["seq"] + len(events)))
    assert last["type"] == "statistics"
    assert sum(last["data"]["events"].values()) == len(events)
    assert last["data"]["runs"][0]["status"] == "completed"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("#99", "--board", "Launch"), "There is no card #99 on this board."),
        (("#1", "--board", "Nowhere"), "Say which board with --board (name or id). Yours: Launch."),
        (("hello",), "'hello' is neither new, nor a number such as #12, nor the id of a session or card."),
        (("019a9d6e-0000-7000-8000-000000000001",), "(not_found)"),
        (("new", "--workflow", "magic"), "workflow"),
        ((), "Say with what"),
        (("--script", "nowhere.yaml"), "nowhere.yaml can't be read"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(demo: Demo, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str) -> None:
    monkeypatch.setenv("WORKROOM_TOKEN", demo.token)
    with pytest.raises(CommandError, match=re.escape(told)) as refused:
        call_command("talk", *arguments, "--url", demo.server.url)
    assert refused.value.returncode == (2 if "--script" in arguments else 1)


def test_wrong_sign_in_and_nobody_there_are_said(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="Say as whom"):
        call_command("talk", "new")
    with pytest.raises(CommandError, match="Username or password is wrong"):
        call_command("talk", "new", "--username", "bob", "--password", "wrong-password-1", "--url", demo.server.url)
    monkeypatch.setenv("WORKROOM_TOKEN", "nonsense")
    with pytest.raises(CommandError, match="not_authenticated"):
        call_command("talk", "new", "--url", demo.server.url)
    with pytest.raises(CommandError, match="can't be reached"):
        call_command("talk", "new", "--url", f"http://127.0.0.1:{free_port()}")


def test_step_that_does_not_happen_is_reported(demo: Demo, tmp_path: Path) -> None:
    steps = [
        "send: What is overdue?",
        "expect: agent_started",
        "{expect: tool_completed, data: {success: false}, within: 5}",
        "cancel: true",
    ]
    done = demo.run("new", "--board", "Launch", "--script", write(tmp_path, "".join(f"- {step}\n" for step in steps)))
    assert done.returncode == 1
    assert 'Step 3 of 4 failed: expect: tool_completed data: {"success": false} within: 5' in done.stderr
    assert "not within 5 s" in done.stderr
    assert "since the last step that was met: agent_thinking 2, tool_executing 1" in done.stderr
    assert re.search(r"tool_completed \d+: data\.success is true, not false", done.stderr)


def test_ctrl_c_stops_the_run_then_leaves(demo: Demo) -> None:
    with open_terminal(demo, "new", "--board", "Launch", "--workflow", "resolve") as talk:
        talk.until("Ctrl-C stops the run")
        talk.say(LONG)
        talk.until("plan_made")
        talk.process.send_signal(signal.SIGINT)
        talk.until("Stopping the run. Ctrl-C again leaves.")
        talk.until("run_cancelled")
        talk.process.send_signal(signal.SIGINT)
        assert talk.wait() == 0
        assert "\x1b[35m" in talk.shown, "a terminal shows colours"
        assert "Run 1 cancelled in" in talk.shown


def test_commands_steer_without_a_message(demo: Demo) -> None:
    with open_terminal(demo, "new", "--board", "Launch", "--workflow", "resolve") as talk:
        talk.say("/status")
        talk.until("No run yet; connected")
        talk.say("/cancel")
        talk.until("No run is under way.")
        talk.say("/dance")
        talk.until("There is no /dance. /help lists what there is.")
        talk.say(LONG)
        talk.until("plan_made")
        talk.say("/status")
        talk.until("Run 1: resolve by robo (rules, no language model): running")
        talk.say("How far are you?")
        talk.until("robo (status)")
        talk.say("/cancel")
        talk.until("run_cancelled")
        talk.say("/retry")
        talk.until("retry")
        talk.until("run_completed")
        talk.say("/stop")
        talk.until("session_stopped")
        talk.say("Hello?")
        talk.until("(conflict)")
        talk.say("/quit")
        assert talk.wait() == 0


def test_arguments_are_edited_in_the_editor(demo: Demo) -> None:
    change = "s/15/14/; s/Invite twenty test customers/Launch-day checklist/"
    with open_terminal(demo, "new", "--board", "Launch", EDITOR=f"sed -i '{change}'") as talk:
        talk.until("Ctrl-C stops the run")
        talk.say("Delete card #15")
        talk.until("e edit the arguments")
        talk.say("e")
        talk.until("run_completed")
        talk.say("/quit")
        assert talk.wait() == 0
    assert "Launch-day checklist" not in demo.titles()
    assert "Invite twenty test customers" in demo.titles()


def test_conversation_goes_on_over_a_restart_of_the_server(own_demo: Demo) -> None:
    server = own_demo.server
    with open_terminal(own_demo, "new", "--board", "Launch", "--workflow", "resolve") as talk:
        talk.until("Ctrl-C stops the run")
        talk.say(LONG)
        talk.until("plan_made")
        server.terminate()
        talk.until("The connection is lost (4001)")
        server.wait()
        server.start()
        talk.until("Connected again; nothing was missed.")
        talk.until("run_completed")
        talk.say("/quit")
        assert talk.wait() == 0
        assert "Connection lost:" in talk.shown
