"""Applications in this process: the same scenarios as over the network, and every way to begin and end badly."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agents.bench.errors import Failed
from agents.bench.scripts.client import Client
from agents.bench.scripts.load import load_script, parse_script
from agents.bench.scripts.model import Limits
from agents.bench.scripts.outcome import Outcome
from agents.bench.scripts.play import play
from agents.bench.scripts.transport import HandshakeRefused, Target
from tests.agents.bench.scripts import applications

HERE = "tests.agents.bench.scripts.applications"
SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios" / "echo").glob("*.ws.yaml"))


def target(name: str, path: str = "/", **fields: Any) -> Target:
    return Target(f"asgi://{HERE}:{name}{path}", **fields)


async def played(steps: str, application: str, **addresses: str) -> Outcome:
    script = parse_script(f"name: x\nclients: {{alice: {{app: '{HERE}:{application}', url: /}}}}\nsteps: {steps}")
    before = asyncio.all_tasks()
    outcome = await play(script, addresses=addresses, folder=Path())
    assert asyncio.all_tasks() == before
    return outcome


def test_there_are_ten_scenarios_for_any_echo_server() -> None:
    assert len(SCENARIOS) >= 10


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name.split(".")[0])
async def test_scenarios_of_an_echo_server_pass_in_process(path: Path) -> None:
    outcome = await play(load_script(path), addresses={"echo": f"asgi://{HERE}:echo"}, folder=path.parent)
    assert outcome.passed, outcome.failures


async def test_application_is_told_of_path_query_headers_and_origin() -> None:
    shown = target("tell_scope", "/a%20b?x=1", headers=(("X-Trace", "t1"),), origin="https://o.example", subprotocols=("v1", "v2"))
    async with await Client.open(shown) as client:
        told = (await client.receive(within_s=5)).data
    assert told == str(
        {
            "path": "/a b",
            "query": "x=1",
            "headers": {"host": "localhost", "x-trace": "t1", "origin": "https://o.example", "sec-websocket-protocol": "v1, v2"},
        }
    )


async def test_subprotocol_is_the_one_that_was_chosen() -> None:
    async with await Client.open(target("echo", subprotocols=("v1", "v2"))) as client:
        assert client.subprotocol == "v1"


@pytest.mark.parametrize(("application", "status"), [("refuse", 403), ("deny", 429)])
async def test_refused_handshake_has_its_status(application: str, status: int) -> None:
    with pytest.raises(HandshakeRefused) as refused:
        await Client.open(target(application))
    assert refused.value.status == status
    assert (await played(f"[{{connect: alice, refused: {status}}}]", application)).passed


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("applications:mute", "neither accepted nor refused within 60 ms"),
        ("applications:gone", "can't be imported: AttributeError"),
        ("nowhere:app", "can't be imported: ModuleNotFoundError"),
        ("applications:no_application", "is no ASGI application"),
    ],
)
async def test_application_that_cant_be_used_is_told(name: str, told: str) -> None:
    with pytest.raises(Failed) as failed:
        await Client.open(Target(f"asgi://tests.agents.bench.scripts.{name}/"), within_s=0.06)
    assert told in failed.value.message


@pytest.mark.parametrize(
    ("application", "ending"),
    [
        ("close_soon", "4002 too slow, by the server"),
        ("return_soon", "1006, by the server (the application has returned)"),
        ("raise_soon", "1011, by the server (the application raised ZeroDivisionError: oops)"),
    ],
)
async def test_ending_says_how_the_application_ended(application: str, ending: str) -> None:
    async with await Client.open(target(application)) as client:
        with pytest.raises(Failed, match="connection is closed"):
            await client.receive(within_s=5)
    assert str(client.ending) == ending


async def test_defect_of_an_application_fails_the_play() -> None:
    outcome = await played("[{connect: alice}, {wait: 20}]", "raise_soon")
    assert [each.message for each in outcome.failures] == ["alice: the application raised ZeroDivisionError: oops"]


async def test_flood_is_bounded_in_process_too() -> None:
    async with await Client.open(target("flood"), limits=Limits(unread=50)) as client:
        while client.ending is None:
            await client.inbox.news()
    assert "flooded: more than 50 messages" in client.ending.problem
    assert len(client.inbox.unread) == 50


async def test_paused_client_holds_the_application_back() -> None:
    async with await Client.open(target("flood"), limits=Limits(unread=1_000_000)) as client:
        client.pause()
        await asyncio.sleep(0.02)
        count = client.inbox.received
        await asyncio.sleep(0.05)
        assert client.inbox.received <= count + 1


async def test_application_that_doesnt_leave_is_cancelled() -> None:
    outcome = await played("[{connect: alice}, {disconnect: alice}]", "stubborn")
    assert outcome.passed, outcome.failures


async def test_application_that_closes_is_told_once_the_client_has_gone() -> None:
    applications.left.clear()
    outcome = await played("[{connect: alice}, {closed: alice, code: 4002}, {wait: 1}]", "close_and_wait")
    assert outcome.passed, outcome.failures
    assert applications.left == [4002]


async def test_application_that_closes_and_stays_is_cancelled() -> None:
    outcome = await played("[{connect: alice}, {closed: alice, code: 4002}]", "close_and_stay")
    assert outcome.passed, outcome.failures


async def test_application_is_started_once_and_shut_down_at_the_end() -> None:
    applications.started.clear()
    steps = f"""
    - {{connect: alice}}
    - {{disconnect: alice}}
    - {{connect: alice}}
    - {{request: "POST asgi://{HERE}:with_life/things?a=1", json: {{}}, match: {{path: /things}}, save: {{id: id}}}}
    - {{send: alice, json: "{{id}}"}}
    - {{expect: alice, match: 7}}
    """
    outcome = await played(f"\n{steps}", "with_life")
    assert outcome.passed, outcome.failures
    assert applications.started == ["startup", "shutdown"]


async def test_application_whose_start_fails_is_told() -> None:
    outcome = await played("[{connect: alice}]", "stillborn")
    assert [each.message for each in outcome.failures] == [f"the application {HERE}:stillborn failed at its startup: no database"]


async def test_application_is_imported_from_the_scripts_folder(tmp_path: Path) -> None:
    (tmp_path / "app_of_this_test.py").write_text("from tests.agents.bench.scripts.applications import echo\n")
    script = parse_script(
        json.dumps(
            {
                "name": "x",
                "clients": {"alice": {"app": "app_of_this_test:echo", "url": "/"}},
                "steps": [{"connect": "alice"}, {"send": "alice", "json": 1}, {"expect": "alice", "match": 1}],
            }
        )
    )
    assert (await play(script, addresses={}, folder=tmp_path)).passed


async def test_application_whose_end_fails_is_told() -> None:
    outcome = await played("[{connect: alice}]", "bad_ending")
    assert [each.message for each in outcome.failures] == [f"the application {HERE}:bad_ending failed at its shutdown: still busy"]
    assert not outcome.passed


async def test_header_that_http_cant_carry_is_told() -> None:
    with pytest.raises(Failed, match="characters that HTTP can't carry: '☃'"):
        await Client.open(target("echo", headers=(("X-A", "☃"),)))
