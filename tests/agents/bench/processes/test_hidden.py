"""What is hidden from sealed commands: folders and files, but for the folder a command works in."""

import sys
from pathlib import Path

import pytest

from agents.bench.processes import hidden as module
from agents.bench.processes.command import run_command, why_unsealed
from agents.bench.processes.hidden import hidden, hide

LOOK = """
import pathlib, sys
def show(path):
    return [each.name for each in sorted(path.rglob("*"))] if path.is_dir() else path.read_text()
print([show(pathlib.Path(each)) for each in sys.argv[1:]])
"""


@pytest.fixture(autouse=True)
def _nothing_stays_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_hidden", set())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, text in {
        "data/secret_key": "secret",
        "data/workspaces/1/x.py": "",
        "data/workspaces/2/y.py": "",
        "config.yaml": "key",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "data"


@pytest.mark.process
async def test_sealed_command_sees_its_own_folder_and_nothing_else_of_what_is_hidden(data: Path) -> None:
    if reason := await why_unsealed():
        pytest.skip(reason)
    config = data.parent / "config.yaml"
    hide([data, config, data / "gone"])
    work = data / "workspaces" / "1"
    looking = [sys.executable, "-c", LOOK, str(data), str(config)]
    sealed = await run_command(looking, folder=work)
    assert (sealed.exit_code, sealed.output.strip()) == (0, "[['workspaces', '1', 'x.py'], '']")
    writing = [sys.executable, "-c", f"open({str(work / 'z')!r}, 'w').close(); open({str(data / 'z')!r}, 'w').close()"]
    refused = await run_command(writing, folder=work)
    assert (refused.exit_code, "Read-only file system" in refused.output, (work / "z").exists()) == (1, True, True)


@pytest.mark.process
async def test_trusted_command_sees_everything(data: Path) -> None:
    hide([data])
    done = await run_command([sys.executable, "-c", LOOK, str(data)], folder=data, network="host")
    assert "secret_key" in done.output


def test_paths_are_hidden_by_their_real_names_outermost_first(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    hide([tmp_path / "a" / "b", tmp_path / "link"])
    assert hidden() == [str(tmp_path / "a"), str(tmp_path / "a/b")]
