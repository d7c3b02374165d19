"""`manage.py wsscript`: exit codes, addresses, services of its own, and the committed examples with their seeded faults."""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from tests.process.server import ROOT
from tests.scenarios.conftest import echo_server

EXAMPLES = ROOT / "examples" / "scenarios"


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    """The address option for an echo server of another process."""
    with echo_server() as address:
        yield f"--address=echo={address}"


def played(*arguments: str) -> int:
    """The exit code."""
    try:
        call_command("wsscript", *arguments)
    except CommandError as error:
        return error.returncode
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@pytest.mark.process
def test_exit_code_is_0_when_all_pass(echo: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert played(str(EXAMPLES / "echo.ws.yaml"), echo) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith(f"passed  An echo server sends everything back, in order ({EXAMPLES / 'echo.ws.yaml'}) – 6 steps, ")
    assert lines[-1].startswith("1 passed, 0 failed in ")


@pytest.mark.process
def test_seeded_fault_fails_at_its_step_with_exit_code_1(echo: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    junit, told = tmp_path / "junit.xml", tmp_path / "told.json"
    assert played(str(EXAMPLES / "faults" / "lost_message.ws.yaml"), echo, f"--junit={junit}", f"--json={told}") == 1
    out = capfd.readouterr().out
    assert "lost_message.ws.yaml:11: steps[2]: expect alice" in out
    assert '  alice got 1 of 2 messages within 300 ms\n    expected  JSON like {"type": "news", "n": 2}\n    came      nothing\n' in out
    assert '  alice  ← {"type":"news","n":1}\n' in out
    assert 'failures="1"' in junit.read_text()
    [outcome] = json.loads(told.read_text())
    assert [(step["path"], step["line"], step["status"]) for step in outcome["steps"]] == [
        ("steps[0]", 8, "passed"),
        ("steps[1]", 9, "passed"),
        ("steps[2]", 11, "failed"),
    ]


def test_exit_code_is_2_for_a_wrong_file_and_nothing_is_played(tmp_path: Path) -> None:
    (tmp_path / "wrong.ws.yaml").write_text("name: x\nsteps: [{wait: 1, for: 2}]\n")
    with pytest.raises(CommandError) as refused:
        call_command("wsscript", str(tmp_path), str(EXAMPLES / "echo.ws.yaml"), "--address=echo=ws://127.0.0.1:9")
    assert refused.value.returncode == 2
    assert str(refused.value) == f"{tmp_path}/wrong.ws.yaml:2:19: steps.0.for: there is no such key"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Say which scenarios: one or more files, or folders of them."),
        ([str(EXAMPLES / "echo.ws.yaml")], "give an address for echo (--address echo=URL)"),
        ([str(EXAMPLES / "echo.ws.yaml"), "--address=ecco=ws://x"], "No script has an address ecco; they have: echo"),
        ([str(EXAMPLES / "echo.ws.yaml"), f"--services={EXAMPLES / 'gone.yaml'}"], "gone.yaml can't be read"),
    ],
)
def test_exit_code_is_2_for_what_cant_be_played(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("wsscript", *arguments)
    assert refused.value.returncode == 2
    assert told in str(refused.value)


def test_address_is_a_name_and_a_url() -> None:
    with pytest.raises(CommandError, match="write NAME=URL, such as workroom="):
        call_command("wsscript", "x", "--address=127.0.0.1:8000")


def test_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("wsscript", "--schema")
    assert capsys.readouterr().out == (ROOT / "docs/schemas/wsscript.schema.json").read_text(encoding="utf-8")


@pytest.mark.process
def test_services_are_started_for_the_scenarios_and_ended_after(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """All scenarios of an echo server, which the command starts itself."""
    (tmp_path / "services.yaml").write_text('services:\n  echo: {command: ["{python}", echo_server.py, "{port}"], port: auto}\n')
    (tmp_path / "echo_server.py").write_text((EXAMPLES / "echo_server.py").read_text())
    before = psutil.Process().children(recursive=True)
    assert played(str(ROOT / "tests/scenarios/echo"), f"--services={tmp_path / 'services.yaml'}") == 0
    told = capfd.readouterr()
    assert told.err == ""
    assert told.out.splitlines()[-1].startswith("10 passed, 0 failed in ")
    assert psutil.Process().children(recursive=True) == before


@pytest.mark.process
def test_service_that_doesnt_start_is_told_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "services.yaml").write_text('services:\n  echo: {command: ["{python}", -c, \'raise SystemExit("no port")\'], port: auto}\n')
    with pytest.raises(CommandError) as failed:
        call_command("wsscript", str(EXAMPLES / "echo.ws.yaml"), f"--services={tmp_path / 'services.yaml'}")
    assert failed.value.returncode == 1
    assert "no port" in str(failed.value)
