"""The pytest plugin, in a pytest of its own: in this process, for a fifth of the time."""

import pytest

pytest_plugins = ["pytester"]

PASSING = """\
name: Passing
addresses: {server: null}
clients: {a: {url: "{server}/", app: null}}
steps:
- {connect: a}
- {send: a, json: 1}
- {expect: a, match: 1}
"""
CONFTEST = """\
import pytest

@pytest.fixture
def ws_addresses():
    return {"server": "asgi://tests.agents.bench.scripts.applications:echo"}
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = -p agents.bench.scripts.pytest_plugin -p no:cacheprovider\n")
    for name, text in {"passing.ws.yaml": PASSING, "board.part.yaml": PASSING, "conftest.py": CONFTEST}.items():
        (pytester.path / name).write_text(text)
    return pytester


def run(folder: pytest.Pytester, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a pytest in this folder."""
    done = folder.runpytest_inprocess("-v", *arguments)
    return int(done.ret), f"{done.stdout}\n{done.stderr}"


def test_scenarios_are_collected_and_parts_are_not(folder: pytest.Pytester) -> None:
    code, out = run(folder)
    assert code == 0, out
    assert "passing.ws.yaml::passing PASSED" in out
    assert "1 passed" in out


def test_failure_is_the_report_and_no_traceback(folder: pytest.Pytester) -> None:
    (folder.path / "failing.ws.yaml").write_text(PASSING.replace("match: 1", "match: 2, within: 50"))
    (folder.path / "wrong.ws.yaml").write_text(PASSING.replace("connect: a", "connect: b"))
    code, out = run(folder)
    assert code == 1
    assert "failing.ws.yaml:7: steps[2]: expect a 2" in out
    assert "    - $: 2\n    + $: 1\n" in out
    assert "wrong.ws.yaml:5:13: steps.0.connect: there is no client b; there are: a" in out
    assert "Traceback" not in out
    assert "2 failed, 1 passed" in out


def test_address_of_the_command_line_wins(folder: pytest.Pytester) -> None:
    code, out = run(folder, "--ws-address", "server=ws://127.0.0.1:9")
    assert code == 1
    assert "ws://127.0.0.1:9/ can't be reached" in out


def test_address_of_the_ini_file_will_do(folder: pytest.Pytester) -> None:
    (folder.path / "conftest.py").unlink()
    ini = (folder.path / "tox.ini").read_text()
    (folder.path / "tox.ini").write_text(f"{ini}\nws_addresses =\n    server = asgi://tests.agents.bench.scripts.applications:echo\n")
    assert run(folder)[0] == 0


def test_address_without_a_name_is_told(folder: pytest.Pytester) -> None:
    code, out = run(folder, "--ws-address", "ws://127.0.0.1:9")
    assert code != 0
    assert "ws://127.0.0.1:9: write an address as NAME=URL" in out
