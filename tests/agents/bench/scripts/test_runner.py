"""Files and folders of scenarios: found, checked before anything is played, played, and told on paper."""

import io
import json
from pathlib import Path

import pytest

from agents.bench.errors import BadFile
from agents.bench.scripts.runner import Options, load_all, run
from tests.agents.bench.scripts.conftest import echo, serving

GOOD = """\
name: Good
addresses: {server: null}
clients: {a: {url: "{server}"}}
steps: [{connect: a}, {send: a, json: 1}, {expect: a, match: 1}]
"""
FAULTY = GOOD.replace("Good", "Faulty").replace("match: 1", "match: 2, within: 50")
WRONG = GOOD.replace("connect: a", "connect: b")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.ws.yaml").write_text(GOOD)
    (tmp_path / "deep" / "a.ws.json").write_text(json.dumps({"name": "Wait", "steps": [{"wait": 1}]}))
    (tmp_path / "shared.part.yaml").write_text(GOOD)
    return tmp_path


def test_folder_gives_its_scenarios_once_in_order(folder: Path) -> None:
    found = load_all([folder / "deep", folder])
    assert [str(path.relative_to(folder)) for path in found] == ["deep/a.ws.json", "b.ws.yaml"]


def test_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"has no file that ends in \.ws\.yaml or \.ws\.yml or \.ws\.json"):
        load_all([tmp_path])


def test_mistakes_of_all_files_are_told(folder: Path) -> None:
    (folder / "c.ws.yaml").write_text(WRONG)
    with pytest.raises(BadFile) as refused:
        load_all([folder, folder / "gone.ws.yaml"])
    told = [refused.value.message, *refused.value.details]
    assert told[0] == f"{folder}/c.ws.yaml:4:19: steps.0.connect: there is no client b; there are: a"
    assert "gone.ws.yaml can't be read" in told[-1]


async def test_run_tells_each_and_all(folder: Path) -> None:
    out = io.StringIO()
    junit, told = folder / "junit.xml", folder / "told.json"
    async with serving(echo) as url:
        options = Options([folder], addresses={"server": url}, junit=junit, json=told)
        assert await run(options, out) is True
    assert out.getvalue().splitlines()[-1].startswith("2 passed, 0 failed in ")
    assert 'tests="2" failures="0"' in junit.read_text()
    assert [outcome["name"] for outcome in json.loads(told.read_text())] == ["Good", "Wait"]


async def test_run_says_when_one_failed(folder: Path) -> None:
    (folder / "c.ws.yaml").write_text(FAULTY)
    out = io.StringIO()
    async with serving(echo) as url:
        assert await run(Options([folder], addresses={"server": url}), out) is False
    assert "1 passed" not in out.getvalue()
    assert out.getvalue().splitlines()[-1].startswith("2 passed, 1 failed in ")


async def test_nothing_is_played_where_one_file_is_wrong(folder: Path) -> None:
    (folder / "c.ws.yaml").write_text(WRONG)
    out = io.StringIO()
    with pytest.raises(BadFile):
        await run(Options([folder], addresses={"server": "ws://127.0.0.1:9"}), out)
    assert out.getvalue() == ""


async def test_what_cant_be_right_is_told_before_the_work(folder: Path) -> None:
    with pytest.raises(BadFile, match="No script has an address sever; they have: server"):
        await run(Options([folder], addresses={"sever": "ws://x"}), io.StringIO())
    addresses = {"server": "ws://127.0.0.1:9"}
    with pytest.raises(BadFile, match="can't be written: there is no folder"):
        await run(Options([folder], addresses, junit=folder / "gone" / "junit.xml"), io.StringIO())
    with pytest.raises(BadFile, match="can't be written: it is a folder"):
        await run(Options([folder], addresses, json=folder), io.StringIO())


async def test_nothing_is_played_where_one_script_lacks_its_address(folder: Path) -> None:
    out = io.StringIO()
    with pytest.raises(BadFile, match="give an address for server"):
        await run(Options([folder / "deep", folder]), out)
    assert out.getvalue() == ""
