"""Plays against servers that do right and servers that don't: what passes, and what is told of what fails."""

import asyncio
import json
from http import HTTPStatus
from pathlib import Path

import psutil
import pytest
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from agents.bench import regexes
from agents.bench.errors import Failed
from agents.bench.scripts.client import Client
from agents.bench.scripts.load import load_script, parse_script
from agents.bench.scripts.messages import Received
from agents.bench.scripts.outcome import Failure, Outcome
from agents.bench.scripts.play import play
from agents.bench.scripts.recorder import shown_text
from agents.bench.scripts.text import report
from agents.bench.scripts.transport import Target
from tests.agents.bench.scripts.conftest import HEAD, Play, echo, serving


def failure(outcome: Outcome) -> Failure:
    """The one failure."""
    assert not outcome.passed
    [found] = outcome.failures
    return found


def statuses(outcome: Outcome) -> list[tuple[str, str]]:
    return [(step.path, step.status) for step in outcome.steps]


async def greeting(socket: ServerConnection) -> None:
    """Says three things without being asked."""
    for n in (1, 2, 3):
        await socket.send(json.dumps({"type": "news", "n": n}))
    await socket.wait_closed()


# -- expecting -----------------------------------------------------------------------------------------------------------


async def test_server_may_begin(trial: Play) -> None:
    outcome = await trial(
        """
        - {connect: alice}
        - {expect: alice, match: {n: 2}, save: {two: n}}
        - {expect: alice, order: exact, messages: [{match: {n: 1}}, {match: {n: 3}}]}
        - {nothing: alice, for: 30}
        """,
        greeting,
    )
    assert outcome.passed, outcome.failures
    assert [entry.what for entry in outcome.timeline] == ["connected", "received", "received", "received", "closed"]
    assert [step.line for step in outcome.steps] == [10, 11, 12, 13]


async def test_failure_names_the_step_and_shows_the_nearest_message_with_its_difference(trial: Play) -> None:
    outcome = await trial(
        """
        - {connect: alice}
        - {expect: alice, match: {type: news, n: 1}}
        - {expect: alice, match: {type: news, n: 4, more: {$any: true}}, within: 200}
        - {disconnect: alice}
        """,
        greeting,
    )
    told = failure(outcome)
    assert (told.path, told.line) == ("steps[2]", 12)
    assert told.message == "alice got no such message within 200 ms"
    assert told.expected == 'JSON like {"type": "news", "n": 4, "more": {"$any": true}}'
    assert told.came == ['{"type": "news", "n": 3}', '{"type": "news", "n": 2}']
    assert told.difference == ["- n: 4", "+ n: 3", '- more: {"$any": true}', "+ more: nothing"]
    assert statuses(outcome) == [("steps[0]", "passed"), ("steps[1]", "passed"), ("steps[2]", "failed")]


async def test_exact_order_fails_at_once_at_the_first_other_message(trial: Play) -> None:
    outcome = await trial(
        "- {connect: alice}\n- {expect: alice, order: exact, messages: [{match: {n: 1}}, {match: {n: 3}}], within: 20000}", greeting
    )
    assert failure(outcome).message == "alice got another message first"
    assert failure(outcome).came == ['{"type": "news", "n": 2}']
    assert outcome.duration_ms < 15_000


async def test_another_order_is_told_as_that(trial: Play) -> None:
    outcome = await trial("- {connect: alice}\n- {expect: alice, messages: [{match: {n: 3}}, {match: {n: 2}}], within: 200}", greeting)
    told = failure(outcome)
    assert (told.message, told.expected) == ("alice got the messages in another order", 'JSON like {"n": 2}')
    assert told.came == ['{"type": "news", "n": 2}', '{"type": "news", "n": 1}']


async def test_difference_names_the_value_that_was_expected(trial: Play) -> None:
    outcome = await trial("- {set: {five: 5}}\n- {connect: alice}\n- {expect: alice, match: {n: '{five}'}, within: 200}", greeting)
    assert failure(outcome).difference == ["- n: 5 {five}", "+ n: 3"]


async def test_any_order_names_what_is_missing(trial: Play) -> None:
    outcome = await trial(
        "- {connect: alice}\n- {expect: alice, order: any, messages: [{match: {n: 3}}, {match: {n: 5}}, {match: {n: 1}}], within: 200}",
        greeting,
    )
    told = failure(outcome)
    assert told.message == "alice got 2 of 3 messages within 200 ms"
    assert told.expected == 'JSON like {"n": 5}'
    assert told.came == ['{"type": "news", "n": 2}']


async def test_connection_that_ends_is_told_instead_of_waited_out(trial: Play) -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.close(4002, "too slow")

    outcome = await trial("- {connect: alice}\n- {expect: alice, match: 1, within: 20000}", leave)
    assert failure(outcome).message == "alice got no such message: the connection is closed (4002 too slow, by the server)"
    assert outcome.duration_ms < 15_000


async def test_value_that_isnt_there_to_save_is_told(trial: Play) -> None:
    outcome = await trial("- {connect: alice}\n- {expect: alice, match: {n: 1}, save: {card: data.card}}", greeting)
    assert failure(outcome).message == 'nothing to save: there is no data.card in it: data isn\'t in {"type": "news", "n": 1}'


@pytest.mark.parametrize(
    ("sent", "expected", "told"),
    [
        ("json: {a: 1}", "match: {a: 2}", ["- a: 2", "+ a: 1"]),
        ("text: hello", "match: {a: 2}", ['- $: JSON like {"a": 2}', '+ $: "hello"']),
        ("text: hello", "text: {$regex: bye}", ['- $: {"$regex": "bye"}', '+ $: "hello"']),
        ("binary: AAE=", "text: hello", ['- $: a text like "hello"', '+ $: "base64 AAE="']),
        ("binary: AAE=", "binary: AAI=", ['- $: "AAI="', '+ $: "AAE="']),
    ],
)
async def test_difference_tells_kinds_apart(trial: Play, sent: str, expected: str, told: list[str]) -> None:
    outcome = await trial(f"- {{connect: alice}}\n- {{send: alice, {sent}}}\n- {{expect: alice, {expected}, within: 150}}")
    assert failure(outcome).difference == told


# -- nothing -------------------------------------------------------------------------------------------------------------


async def test_nothing_fails_for_what_was_there_before_and_for_what_comes(trial: Play) -> None:
    before = await trial("- {connect: alice}\n- {expect: alice, match: {n: 3}}\n- {nothing: alice, for: 5000}", greeting)
    assert failure(before).message == "alice got something before this step; no step has read it"
    assert failure(before).came == ['{"type": "news", "n": 1}']

    async def late(socket: ServerConnection) -> None:
        await asyncio.sleep(0.05)
        await socket.send("late")

    after = await trial("- {connect: alice}\n- {nothing: alice, for: 5000}", late)
    assert "ms into this step" in failure(after).message
    assert failure(after).expected == "nothing for 5000 ms"


async def test_nothing_like_that_lets_others_pass(trial: Play) -> None:
    outcome = await trial("- {connect: alice}\n- {nothing: alice, match: {n: 9}, for: 40}\n- {expect: alice, match: {n: 1}}", greeting)
    assert outcome.passed, outcome.failures


async def test_closing_is_not_silence(trial: Play) -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.close(1001)

    outcome = await trial("- {connect: alice}\n- {nothing: alice, for: 5000}", leave)
    assert failure(outcome).message.startswith("alice's connection was closed meanwhile (1001")


# -- broadcasts ----------------------------------------------------------------------------------------------------------


class Room:
    """Tells everybody what anybody says; `bob_first` is a fault: the second to connect gets things in another order."""

    def __init__(self, *, has_fault: str = "") -> None:
        self.sockets: list[ServerConnection] = []
        self.fault = has_fault

    async def __call__(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        async for message in socket:
            if self.fault == "forgets one" or (self.fault == "turns pairs" and message == '"a"'):
                broadcast(self.sockets[:1], message)
            elif self.fault == "turns pairs":
                broadcast(self.sockets, message)
                broadcast(self.sockets[1:], '"a"')
            elif self.fault == "slow to one":
                broadcast(self.sockets[:1], message)
                await asyncio.sleep(0.5)
                broadcast(self.sockets[1:], message)
            else:
                broadcast(self.sockets, message)


SAID = """
- {connect: alice}
- {connect: bob}
- {send: alice, json: a}
- {send: alice, json: b}
- {broadcast: [alice, bob], match: {$type: string}, count: 2, within: 100}
"""


async def test_broadcast_reaches_all_in_the_same_order(trial: Play) -> None:
    outcome = await trial(SAID.replace("100", "5000"), Room())
    assert outcome.passed, outcome.failures
    assert outcome.steps[-1].told.startswith("to all after ")


async def test_broadcast_in_another_order_is_told_with_both_orders(trial: Play) -> None:
    outcome = await trial(SAID.replace("100", "5000"), Room(has_fault="turns pairs"))
    told = failure(outcome)
    assert told.message == "alice and bob got other messages, or in another order: they differ at number 1"
    assert told.difference == ['- alice: ["a", "b"]', '+ bob: ["b", "a"]']


async def test_broadcast_that_misses_one_names_it(trial: Play) -> None:
    told = failure(await trial(SAID, Room(has_fault="forgets one")))
    assert told.message == "not everybody got it within 100 ms: bob"
    assert told.details == ["bob: 0 of 2"]


@pytest.mark.parametrize("send", ["- {send: alice, json: a}", "- parallel: [[{send: alice, json: a}], [{wait: 1}]]"])
async def test_broadcast_counts_from_the_send(trial: Play, send: str) -> None:
    """All have it when the step begins, but one of them got it too long after it was sent."""
    once = "\n".join(line for line in SAID.splitlines() if "json: b" not in line).replace("count: 2", "count: 1").replace("100", "250")
    once = once.replace("- {send: alice, json: a}", send)
    outcome = await trial(once.replace("- {broadcast", "- {wait: 700}\n- {broadcast"), Room(has_fault="slow to one"))
    told = failure(outcome)
    assert told.message == "not everybody got it within 250 ms: bob"
    assert told.details == ["bob: 1 of 1, the last too late"]


# -- connecting and closing ----------------------------------------------------------------------------------------------


async def test_refused_handshake_is_expected_or_told(trial: Play) -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(HTTPStatus.FORBIDDEN, "not you\n")

    script = "- {connect: alice, refused: 403}\n- {connect: alice}\n"
    async with serving(echo, process_request=refuse) as url:
        outcome = await trial(script, head=HEAD.replace("{server}/", f"{url}/"))
    told = failure(outcome)
    assert told.path == "steps[1]"
    assert told.message == "alice: the handshake was refused with status 403"
    assert (told.expected, told.came, told.details) == ("a handshake accepted", ["status 403"], ["not you⏎"])


async def test_client_that_is_let_in_against_expectation_is_told(trial: Play) -> None:
    outcome = await trial("- {connect: alice, refused: 403}")
    assert failure(outcome).message == "alice was let in"


async def test_nobody_there_is_told(trial: Play) -> None:
    outcome = await trial("- {connect: alice}", head=HEAD.replace("{server}/", "ws://127.0.0.1:9/"))
    assert failure(outcome).message.startswith("ws://127.0.0.1:9/ can't be reached: ")


async def test_handshake_that_never_ends_is_given_up() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100_000):
            pass
        writer.close()
        await writer.wait_closed()
        is_over.set()

    is_over = asyncio.Event()
    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        script = parse_script(f"{HEAD}steps: [{{connect: alice, within: 80}}]")
        outcome = await play(script, addresses={"server": url}, folder=Path())
        assert failure(outcome).message == f"no handshake within 80 ms at {url}/"
        await is_over.wait()


async def test_close_code_and_reason_are_held_against_what_is_wanted(trial: Play) -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.close(4002, '{"code": "too_slow", "retry_ms": 50}')

    right = "- {connect: alice}\n- {closed: alice, code: [4001, 4002], reason: {code: too_slow, retry_ms: {$type: integer}}}"
    assert (await trial(right, leave)).passed
    assert (await trial("- {connect: alice}\n- {closed: alice, reason: {$regex: too_slow}}", leave)).passed

    code = failure(await trial("- {connect: alice}\n- {closed: alice, code: 4500}", leave))
    assert code.message == "alice's connection was closed otherwise"
    assert code.expected == "close code 4500"
    assert code.came == ['4002 {"code": "too_slow", "retry_ms": 50}, by the server']

    reason = failure(await trial("- {connect: alice}\n- {closed: alice, code: 4002, reason: {code: other}}", leave))
    assert reason.message == "alice's connection was closed for another reason"


async def test_connection_that_stays_open_is_told(trial: Play) -> None:
    outcome = await trial("- {connect: alice}\n- {closed: alice, within: 150}", greeting)
    assert failure(outcome).message == "alice's connection was not closed within 150 ms"
    assert len(failure(outcome).came) == 3


async def test_sending_to_a_closed_connection_is_told(trial: Play) -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(4000)

    outcome = await trial("- {connect: alice}\n- {send: alice, json: 1}\n- {wait: 100}\n- {send: alice, json: 2}", leave)
    assert failure(outcome).message.startswith("alice can't send: the connection is closed (4000")


async def test_subprotocol_origin_headers_query_and_token_reach_the_server(trial: Play) -> None:
    async def tell(socket: ServerConnection) -> None:
        assert socket.request is not None
        names = ("Origin", "Authorization", "X-Trace")
        headers = {name: socket.request.headers.get(name) for name in names}
        await socket.send(json.dumps({"path": socket.request.path, "subprotocol": socket.subprotocol, **headers}))

    script = """
        - {set: {room: hall 1}}
        - {connect: alice, query: {after: 7}}
        - expect: alice
          match: {path: "/?room=hall+1&after=7", subprotocol: v2, Origin: "https://o.example", Authorization: Bearer abc, X-Trace: t-hall 1}
        """
    head = """
name: Trial
values: {token: abc}
clients:
  alice:
    url: "SERVER/"
    token: "{token}"
    headers: {X-Trace: "t-{room}"}
    query: {room: "{room}"}
    subprotocols: [v1, v2]
    origin: https://o.example
"""
    async with serving(tell, subprotocols=["v2"]) as url:
        outcome = await trial(script, head=head.replace("SERVER", url))
    assert outcome.passed, outcome.failures
    assert outcome.steps[1].told == "subprotocol v2"


# -- limits --------------------------------------------------------------------------------------------------------------


async def flood(socket: ServerConnection) -> None:
    """As fast as it can, without end."""
    while True:
        await socket.send("x" * 100)


async def test_flood_is_cut_off_and_told(trial: Play) -> None:
    head = HEAD + "limits: {unread: 500}\n"
    outcome = await trial("- {connect: alice}\n- {expect: alice, match: 1, within: 20000}", flood, head)
    assert "flooded: more than 500 messages or 16,000,000 bytes that nobody has read" in failure(outcome).message
    assert len([entry for entry in outcome.timeline if entry.what == "received"]) <= 501


async def test_flood_fails_the_play_also_where_no_step_reads(trial: Play) -> None:
    outcome = await trial("- {connect: alice}\n- {wait: 500}", flood, HEAD + "limits: {unread_bytes: 5000}\n")
    assert failure(outcome).path == "script"
    assert failure(outcome).message.startswith("alice: flooded")


async def test_message_that_is_too_large_is_told(trial: Play) -> None:
    async def large(socket: ServerConnection) -> None:
        await socket.send("x" * 2_000)
        await socket.wait_closed()

    outcome = await trial("- {connect: alice}\n- {expect: alice, match: 1}", large, HEAD + "limits: {message_bytes: 1000}\n")
    assert "the server sent a message of more than 1,000 bytes" in failure(outcome).message


async def test_script_that_takes_too_long_fails_where_it_is(trial: Play) -> None:
    head = HEAD + "timeout: 150\n"
    outcome = await trial("- {connect: alice}\n- repeat: 9\n  steps:\n  - {expect: alice, match: 1, within: 5000}", greeting, head)
    told = failure(outcome)
    assert told.message == "the script took longer than its time-out of 150 ms"
    assert told.path == "steps[1]#1.steps[0]"
    assert statuses(outcome)[1:] == [("steps[1]#1.steps[0]", "stopped"), ("steps[1]", "stopped")]


async def test_timeline_keeps_the_newest_two_thousand(trial: Play) -> None:
    steps = "- {connect: alice}\n- repeat: 1100\n  steps:\n  - {send: alice, json: '{n}'}\n  - {expect: alice, match: '{n}'}"
    outcome = await trial(steps)
    assert outcome.passed, outcome.failures
    assert (len(outcome.timeline), outcome.left_out) == (2_000, 202)
    assert len(outcome.steps) == 2


# -- flow ----------------------------------------------------------------------------------------------------------------


async def test_failing_round_and_group_are_named(trial: Play) -> None:
    steps = """
        - {connect: alice}
        - parallel:
          - - {wait: 20000}
          - - repeat: 3
              steps:
              - {send: alice, json: "{n}"}
              - {expect: alice, order: exact, match: {$max: 1}}
        """
    outcome = await trial(steps)
    assert failure(outcome).path == "steps[1].parallel[1][0]#2.steps[1]"
    assert failure(outcome).difference == ['- $: {"$max": 1}', "+ $: 2"]
    assert dict(statuses(outcome)) == {
        "steps[0]": "passed",
        "steps[1].parallel[1][0]#2.steps[1]": "failed",
        "steps[1].parallel[1][0]": "failed",
        "steps[1].parallel[0][0]": "stopped",
        "steps[1]": "failed",
    }
    assert outcome.duration_ms < 15_000


async def test_cancelled_play_leaves_no_connection(trial: Play) -> None:
    open_now: set[ServerConnection] = set()

    async def stay(socket: ServerConnection) -> None:
        open_now.add(socket)
        await socket.wait_closed()
        open_now.discard(socket)

    playing = asyncio.create_task(trial("- {connect: alice}\n- {connect: bob}\n- {wait: 50000}", stay))
    while len(open_now) < 2:
        await asyncio.sleep(0.01)
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
    assert open_now == set()


async def test_server_that_never_says_goodbye_holds_nobody_up() -> None:
    is_over = asyncio.Event()

    async def deaf(socket: ServerConnection) -> None:
        socket.transport.pause_reading()
        await is_over.wait()

    script = parse_script(f"{HEAD}steps: [{{connect: alice}}, {{disconnect: alice}}]")
    async with serving(deaf) as url:
        outcome = await play(script, addresses={"server": url}, folder=Path())
        is_over.set()
    assert outcome.passed, outcome.failures
    assert outcome.steps[1].told.startswith("1006")


async def test_client_that_has_stopped_reading_still_leaves_in_good_order(trial: Play) -> None:
    async def much(socket: ServerConnection) -> None:
        for _ in range(100):
            await socket.send("x" * 100_000)
        await socket.wait_closed()

    outcome = await trial("- {connect: alice}\n- {pause: alice}\n- {wait: 100}\n- {disconnect: alice}", much)
    assert outcome.passed, outcome.failures
    assert outcome.steps[-1].told == "1000, by the client"


async def test_secrets_are_not_told(trial: Play) -> None:
    outcome = await trial(
        """
        - {connect: alice, query: {ticket: hush-1, after: 3}}
        - {send: alice, json: {password: hush-2, token: hush-3, access_token: hush-4, name: open}}
        - {expect: alice, match: {name: shut}, within: 150}
        """
    )
    told = outcome.model_dump_json()
    assert "hush" not in told
    assert "after=3" in told
    assert "open" in told


async def test_file_that_begins_with_another_goes_on_with_its_clients(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(
        "name: First\naddresses: {server: null}\nclients: {alice: {url: '{server}'}}\nsteps:\n"
        "- {connect: alice}\n- {send: alice, json: {a: 5}}\n- {expect: alice, match: {a: 5}, save: {five: a}}\n"
    )
    (tmp_path / "main.yaml").write_text(
        "name: Main\nbegin_with: first.yaml\nsteps:\n- {send: alice, json: '{five}'}\n- {expect: alice, match: 6, within: 150}\n"
    )
    async with serving(echo) as url:
        outcome = await play(load_script(tmp_path / "main.yaml"), addresses={"server": url}, folder=tmp_path)
    assert [(Path(step.file).name, step.path, step.line) for step in outcome.steps] == [
        ("first.yaml", "steps[0]", 5),
        ("first.yaml", "steps[1]", 6),
        ("first.yaml", "steps[2]", 7),
        ("main.yaml", "steps[0]", 4),
        ("main.yaml", "steps[1]", 5),
    ]
    assert (Path(failure(outcome).file).name, failure(outcome).line) == ("main.yaml", 5)


def test_long_messages_are_shown_in_no_time() -> None:
    """Looking for secrets once took a time that grew with the square of a word's length: minutes for a long one."""
    for text in ("x" * 5_000_000, "token" * 1_000_000, '"' * 1_000_000):
        assert len(shown_text(text)) < 400


async def test_reading_that_fails_is_told_instead_of_waited_for(trial: Play) -> None:
    head = HEAD.rstrip() + "\n  carol: {like: alice, ignore: [{n: {$min: '{least}'}}]}\nvalues: {least: none}\n"
    outcome = await trial("- {connect: carol}\n- {expect: carol, match: 1, within: 20000}", greeting, head)
    assert "a message can't be read: $min takes a number" in failure(outcome).message
    assert outcome.duration_ms < 15_000


async def test_client_whose_reading_failed_leaves_the_server() -> None:
    left = asyncio.Event()

    async def greet(socket: ServerConnection) -> None:
        await greeting(socket)
        left.set()

    def fail(message: Received) -> list[Received]:
        raise Failed(message.shown())

    async with serving(greet) as url:
        async with await Client.open(Target(url), reading=fail) as client:
            while client.ending is None:
                await client.inbox.news()
        async with asyncio.timeout(5):
            await left.wait()


async def test_value_nested_too_deep_to_compare_fails_its_step(trial: Play) -> None:
    async def deep(socket: ServerConnection) -> None:
        for _ in range(2):
            await socket.send("[" * 900 + "]" * 900)
        await socket.wait_closed()

    outcome = await trial("- {connect: alice}\n- {expect: alice, match: [], save: {all: $}}", deep)
    assert not outcome.passed
    outcome = await trial(
        "- {connect: alice}\n- {expect: alice, match: {$any: true}, save: {all: $}}\n- {expect: alice, match: '{all}'}", deep
    )
    assert failure(outcome).path in ("steps[1]", "steps[2]")


async def test_two_hundred_messages_may_come_in_any_order(trial: Play) -> None:
    async def backwards(socket: ServerConnection) -> None:
        for n in reversed(range(200)):
            await socket.send(str(n))
        await socket.wait_closed()

    wanted = ", ".join(f"{{match: {{$max: {n}}}}}" for n in range(200))
    outcome = await trial(f"- {{connect: alice}}\n- {{expect: alice, order: any, messages: [{wanted}]}}", backwards)
    assert outcome.passed, outcome.failures


async def test_no_file_descriptor_is_left_after_many_plays(trial: Play) -> None:
    steps = "- {connect: alice}\n- {connect: bob}\n- {disconnect: bob, rude: true}\n- {expect: alice, match: 1, within: 5}"
    await trial(steps)
    before = psutil.Process().num_fds()
    for _ in range(20):
        await trial(steps)
    assert psutil.Process().num_fds() <= before


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ('{"type": "\x1b[2J\x07"}', r'{"type": "\x1b[2J\x07"}'),
        ("two\nlines", "two⏎lines"),
        (r'{"events": ["\ud800"]}', '"?"'),
    ],
)
async def test_what_a_server_sends_cant_touch_the_terminal(trial: Play, sent: str, shown: str) -> None:
    async def strange(socket: ServerConnection) -> None:
        await socket.send(sent)
        await socket.wait_closed()

    head = HEAD.replace('alice: {url: "{server}/"}', 'alice: {url: "{server}/", unpack: events}')
    outcome = await trial("- {connect: alice}\n- {expect: alice, match: nothing, within: 200}", strange, head)
    assert failure(outcome).came == [shown]
    report(outcome).encode()


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ('{request: "GET http://[x"}', "http://[x is no address: "),
        ('{request: "GET http://127.0.0.1:9/"}', "GET http://127.0.0.1:9/ can't be asked: "),
        ('{request: "GET http://127.0.0.1:9/", headers: {X-A: ☃}}', "can't be asked: "),
        ('{request: "GET ftp://127.0.0.1/"}', "can't be asked: "),
        ('{request: "GET http://127.0.0.1:99999/"}', "http://127.0.0.1:99999/ is no address: "),
        ("{connect: carol}", "ws://[x is no address: "),
        ("{connect: dave}", "ftp://x is no address for a client: it begins with ws://"),
        ("{connect: erin}", "can't be reached: "),
    ],
)
async def test_address_or_header_that_cant_be_is_told(trial: Play, step: str, told: str) -> None:
    head = HEAD.rstrip() + ('\n  carol: {url: "http://[x"}\n  dave: {url: "ftp://x"}\n  erin: {like: alice, headers: {X-A: "☃"}}\n')
    outcome = await trial(f"- {step}", head=head)
    assert told in failure(outcome).message


@pytest.mark.parametrize(
    "steps",
    [
        "- set: {a: xxxxxxxxxxxxxxxx}\n- repeat: 60\n  steps: [{set: {a: '{a}{a}'}}]",
        "- set: {a: [x]}\n- repeat: 60\n  steps: [{set: {a: ['{a}', '{a}']}}]",
    ],
)
async def test_value_that_grows_without_an_end_fails_its_step(trial: Play, steps: str) -> None:
    assert failure(await trial(steps)).message == "with its placeholders filled, this is larger than 16,000,000 characters"


async def test_pattern_without_an_end_fails_its_step(trial: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "_MOST_CPU_S", 0.05)
    steps = f"- {{connect: alice}}\n- {{send: alice, text: {'a' * 60}b}}\n- {{expect: alice, text: {{$regex: '(a+)+$'}}}}"
    assert "was searched for 0.05 s" in failure(await trial(steps)).message


async def test_redirect_is_an_answer_and_not_followed() -> None:
    def send_away(_: ServerConnection, request: Request) -> Response:
        return Response(302, "Found", Headers(Location="/login"))

    script = parse_script(f"{HEAD}\nsteps: [{{connect: alice, refused: 302}}]")
    async with serving(echo, process_request=send_away) as url:
        outcome = await play(script, addresses={"server": url}, folder=Path())
    assert outcome.passed, outcome.failures


async def test_reason_for_leaving_may_name_values_and_is_bounded(trial: Play) -> None:
    steps = "- connect: alice\n- {disconnect: alice, code: 4000, reason: '{why}'}"
    head = HEAD.rstrip() + "\nvalues: {why: done}\n"
    outcome = await trial(steps, head=head)
    assert outcome.steps[-1].told == "4000 done, by the client"
    outcome = await trial(steps, head=head.replace("done", "ä" * 62))
    assert failure(outcome).message == "alice can't leave with a reason of more than 123 bytes"


@pytest.mark.parametrize("text", ["NaN", '{"a": Infinity}'])
async def test_what_only_python_reads_is_no_json(trial: Play, text: str) -> None:
    steps = f"- {{connect: alice}}\n- {{send: alice, text: '{text}'}}\n- {{expect: alice, match: {{$any: true}}, within: 100}}"
    assert failure(await trial(steps)).message == "alice got no such message within 100 ms"


async def test_half_a_surrogate_pair_is_not_sent(trial: Play) -> None:
    async def half(socket: ServerConnection) -> None:
        await socket.send(r'"\ud800"')
        await socket.wait_closed()

    outcome = await trial(
        "- {connect: alice}\n- {expect: alice, match: {$type: string}, save: {half: $}}\n- {send: alice, json: '{half}'}", half
    )
    assert failure(outcome).message == "alice can't send what is no Unicode: half a surrogate pair"


async def test_text_is_not_ignored_for_a_pattern_of_json(trial: Play) -> None:
    head = HEAD.replace('alice: {url: "{server}/"}', 'alice: {url: "{server}/", ignore: [{$any: true}]}')
    outcome = await trial(
        "- {connect: alice}\n- {send: alice, json: 1}\n- {send: alice, text: a}\n- {expect: alice, text: a, order: exact}", head=head
    )
    assert outcome.passed, outcome.failures
