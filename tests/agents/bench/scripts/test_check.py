"""Scripts that can't be played are refused before anything is: file, line, column, and what is wrong."""

import textwrap
from pathlib import Path

import pytest

from agents.bench.errors import BadFile
from agents.bench.scripts.load import load_script, parse_script
from agents.bench.scripts.model import Script
from agents.bench.scripts.play import play

HEAD = """\
name: Trial
addresses: {server: null}
clients:
  alice: {url: "{server}/"}
  bob: {url: "{server}/{room}"}
steps:
"""


def refusal(steps: str) -> list[str]:
    """All that is told of these steps, which begin at line 7."""
    with pytest.raises(BadFile) as refused:
        parse_script(HEAD + textwrap.dedent(steps), name="t.ws.yaml")
    return [refused.value.message, *refused.value.details]


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("- {connect: alice}\n- {sent: alice, json: 1}", "8:3: steps.1: a step says exactly one of connect, request, send"),
        ("- {connect: alice, send: alice, json: 1}", "7:3: steps.0: a step says exactly one of"),
        ("- {connect: alice, after: 1}", "7:20: steps.0.after: there is no such key"),
        ("- {connect: carol}", "7:13: steps.0.connect: there is no client carol; there are: alice, bob"),
        ("- {send: alice, json: 1}", "7:10: steps.0.send: alice was never connected before this step"),
        ("- {expect: alice, match: 1}", "7:12: steps.0.expect: alice was never connected before this step"),
        ("- {connect: alice}\n- {connect: alice}", "8:13: steps.1.connect: alice is connected already at this step"),
        ("- {connect: alice}\n- {disconnect: alice}\n- {send: alice, json: 1}", "9:10: steps.2.send: alice isn't connected any more"),
        ("- {connect: alice}\n- {closed: alice}\n- {nothing: alice, for: 5}", "9:13: steps.2.nothing: alice isn't connected any more"),
        ("- {connect: alice, refused: 403}\n- {send: alice, json: 1}", "8:10: steps.1.send: alice was never connected"),
        ("- repeat: 2\n  steps:\n  - {connect: alice}", "9:15: steps.0.steps.0.connect: alice is connected already"),
        ("- {connect: bob}", "7:13: steps.0.connect: client bob needs {room}, which has no value yet at this step"),
        ("- {connect: alice}\n- {send: alice, json: {a: ['{card}']}}", "8:28: steps.1.json.a.0: {card} has no value here"),
        ("- {connect: alice}\n- {send: alice, text: 'at {n}'}", "8:23: steps.1.text: {n} has no value here"),
        ("- {set: {unique: 1}}", "7:18: steps.0.set.unique: unique has a meaning of its own"),
        ("- {set: {server: x}}", "7:18: steps.0.set.server: server has a meaning of its own"),
        ("- {connect: alice}\n- {disconnect: alice, code: 1005}", "8:29: steps.1.code: 1005 is never sent: choose 1000 to 1003"),
        ("- {wait: -5}", "7:10: steps.0.wait: Input should be greater than 0"),
        ("- {wait: '5'}", "7:10: steps.0.wait: Input should be a valid number"),
        ("- {wait: 60000}", "7:10: steps.0.wait: this takes longer than the whole script may (60000 ms"),
        ("- {repeat: 0, steps: [{wait: 1}]}", "7:12: steps.0.repeat: Input should be greater than or equal to 1"),
        ("- {repeat: 1, steps: []}", "7:22: steps.0.steps: List should have at least 1 item"),
        ("- {connect: alice}\n- {send: alice}", "8:3: steps.1: say exactly one of json, text, binary, characters"),
        ("- {connect: alice}\n- {expect: alice, match: 1, text: a}", "8:3: steps.1: say exactly one of match, text, binary, messages"),
        ("- {connect: alice}\n- {send: alice, binary: '?'}", "8:25: steps.1.binary: this is no base64"),
        ("- {connect: alice}\n- {expect: alice, match: {a: {$regx: x}}}", "8:38: steps.1.match.a.$regx: there is no $regx; there are $any"),
        ("- {connect: alice}\n- {expect: alice, text: {$regex: '('}}", "8:34: steps.1.text.$regex: $regex takes a regular expression"),
        ("- {connect: alice}\n- {expect: alice, match: 1, save: {a: b..c}}", "8:39: steps.1.save.a: 'b..c' is no path"),
        ("- {connect: alice}\n- {expect: alice, match: 1, save: {A: b}}", "8:36: steps.1.save.A: String should match pattern"),
        ("- {connect: alice}\n- {expect: alice, match: 1, order: some}", "8:36: steps.1.order: Input should be 'given', 'any' or 'exact'"),
        ("- {connect: alice}\n- {broadcast: [alice, alice], match: 1}", "8:3: steps.1: a client is named twice"),
        ("- {connect: alice}\n- {broadcast: [alice, carol], match: 1}", "8:23: steps.1.broadcast.1: there is no client carol"),
        ("- {request: FETCH http://x}", "7:13: steps.0.request: String should match pattern"),
        ("- parallel:\n  - - {wait: 1}", "8:3: steps.0.parallel: List should have at least 2 items"),
    ],
)
def test_impossible_step_is_refused_with_its_place(steps: str, problem: str) -> None:
    assert refusal(steps)[0].startswith(f"t.ws.yaml:{problem}")


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ("set: {a: 1}", "set: {a: 2}", "another group saves a at the same time"),
        ("connect: alice", "connect: alice", "another group connects or closes alice at the same time"),
        ("connect: alice", "{send: alice, json: 1}", "alice was never connected before this step"),
    ],
)
def test_groups_that_depend_on_each_other_are_refused(first: str, second: str, problem: str) -> None:
    assert problem in refusal(f"- parallel:\n  - - {first}\n  - - {second}\n")[0]


def test_two_groups_may_not_read_one_client() -> None:
    told = refusal(
        """\
        - {connect: alice}
        - parallel:
          - - {expect: alice, match: 1}
          - - {forget: alice}
        """
    )
    assert told == ["t.ws.yaml:10:5: steps.1.parallel.1: another group reads what alice gets at the same time"]


def test_all_mistakes_are_told_in_the_order_of_the_text() -> None:
    told = refusal("- {send: alice, json: '{a}'}\n- {connect: carol}\n- {expect: alice, match: {$min: x}}\n")
    assert [each.split(": ")[0] for each in told] == [f"t.ws.yaml:{line}" for line in ("7:10", "7:23", "8:13", "9:12", "9:33")]


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ("clients: {a: {url: x, colour: red}}", "2:23: clients.a.colour: there is no such key"),
        ("clients: {A: {url: x}}", "2:11: clients.A: String should match pattern"),
        ("clients: {a: {}}", "2:14: clients.a: say url, or like and another client"),
        ("clients: {a: {like: b}, b: {url: x}}", "2:21: clients.a.like: no client b stands before this one"),
        ("clients: {a: {url: x, app: 'm:a'}}", "2:14: clients.a: with an app, the url is a path that begins with /"),
        ("clients: {a: {url: x, ignore: [{$max: a}]}}", "2:39: clients.a.ignore.0.$max: $max takes a number"),
        ("values: {a: '{b}', b: 1}", "2:13: values.a: {b} has no value here"),
        ("addresses: {uuid: x}", "2:19: addresses.uuid: uuid has a meaning of its own"),
        ("within: 0", "2:9: within: Input should be greater than 0"),
        ("begin_with: gone.yaml", "2:13: begin_with: only a script in a file can begin with another"),
    ],
)
def test_mistake_before_the_steps_is_refused_with_its_place(declared: str, problem: str) -> None:
    with pytest.raises(BadFile) as refused:
        parse_script(f"name: x\n{declared}\nsteps: [{{wait: 1}}]\n", name="t.ws.yaml")
    assert refused.value.message.startswith(f"t.ws.yaml:{problem}")


def test_what_a_step_saves_is_known_to_all_after_it() -> None:
    script = parse_script(
        HEAD
        + textwrap.dedent(
            """\
            - {set: {room: hall}}
            - {connect: bob}
            - parallel:
              - - {expect: bob, match: 1, save: {one: a}}
              - - {request: "GET {server}/x", save: {two: b}}
            - repeat: 2
              as: round
              steps:
              - {send: bob, json: ["{one}", "{two}", "{round}", "{uuid}"]}
            """
        )
    )
    assert [script.line(("steps", index)) for index in range(4)] == [7, 8, 9, 12]


def test_counter_is_known_inside_its_repeat_alone() -> None:
    told = refusal("- repeat: 2\n  steps: [{set: {a: '{n}'}}]\n- {set: {b: '{n}'}}\n")
    assert told[0].startswith("t.ws.yaml:9:13: steps.1.set.b: {n} has no value here")


# -- beginning with another file -----------------------------------------------------------------------------------------


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "main.yaml"


def test_script_goes_on_where_the_other_file_ends(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        first="name: First\naddresses: {server: null}\nclients: {alice: {url: '{server}'}}\nsteps:\n- {connect: alice}\n- {set: {a: 1}}\n",
        main="name: Main\nbegin_with: first.yaml\nclients: {bob: {like: alice}}\nsteps:\n- {send: alice, json: '{a}'}\n",
    )
    script = load_script(main)
    assert [part.name for part in script.parts] == ["First", "Main"]
    assert list(script.everybody) == ["alice", "bob"]
    assert script.everybody["bob"].url == "{server}"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"main": "name: x\nbegin_with: gone.yaml\nsteps: [{wait: 1}]"}, "main.yaml:2:13: begin_with: there is no file"),
        ({"main": "name: x\nbegin_with: main.yaml\nsteps: [{wait: 1}]"}, "main.yaml:2:13: begin_with: "),
        (
            {"main": "name: x\nbegin_with: first.yaml\nsteps: [{wait: 1}]", "first": "name: y\nsteps: [{wait: 1, x: 2}]"},
            "first.yaml:2:19: steps.0.x: there is no such key",
        ),
        (
            {
                "main": "name: x\nbegin_with: first.yaml\nclients: {a: {url: x}}\nsteps: [{wait: 1}]",
                "first": "name: y\nclients: {a: {url: x}}\nsteps: [{wait: 1}]",
            },
            "main.yaml:3:14: clients.a: what this begins with has a client a already",
        ),
        (
            {
                "main": "name: x\nbegin_with: first.yaml\nsteps: [{wait: 1}]",
                "first": "name: y\nbegin_with: main.yaml\nsteps: [{wait: 1}]",
            },
            "first.yaml:2:13: begin_with: ",
        ),
    ],
)
def test_wrong_beginning_is_refused_with_its_file(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    with pytest.raises(BadFile) as refused:
        load_script(write(tmp_path, **files))
    assert refused.value.message.startswith(f"{tmp_path}/{problem}")


# -- scripts made by programs --------------------------------------------------------------------------------------------


async def test_script_made_by_a_program_is_checked_as_well() -> None:
    script = Script.model_validate({"name": "x", "clients": {"a": {"url": "ws://x"}}, "steps": [{"send": "a", "json": {"b": "{c}"}}]})
    with pytest.raises(BadFile) as refused:
        await play(script, addresses={}, folder=Path())
    assert refused.value.message == (
        "steps[0].json.b: {c} has no value here: no step before this saves it, and no value or address is called so"
    )
    assert refused.value.details == ("steps[0].send: a was never connected before this step",)


async def test_address_that_nobody_gives_is_asked_for() -> None:
    script = parse_script("name: x\naddresses: {server: null, other: 'http://x'}\nsteps: [{wait: 1}]", name="t.ws.yaml")
    with pytest.raises(BadFile, match=r"^t.ws.yaml: give an address for server \(--address server=URL\)$"):
        await play(script, addresses={}, folder=Path())


def test_steps_are_nested_five_deep_at_most() -> None:
    def nested(depth: int) -> str:
        return "{wait: 1}" if not depth else f"{{repeat: 2, steps: [{nested(depth - 1)}]}}"

    parse_script(f"name: x\nsteps: [{nested(5)}]")
    with pytest.raises(BadFile, match="steps are nested deeper than 5 levels"):
        parse_script(f"name: x\nsteps: [{nested(20)}]")
