"""Places in code: loops that wait, lines that send."""

from pathlib import Path

import pytest

from agents.bench.performance.evidence import Place
from agents.bench.performance.sources import Sources, heaviest

CODE = """\
async def sends(clients, message):
    for client in clients:
        await client.send(message)

async def reads(client, message):
    async for each in client:
        for word in each:
            print(word)
        await client.send(message)

async def makes(clients):
    for client in clients:
        async def later():
            await client.send("x")
        later()

async def holds(clients):
    for client in clients:
        async with client.lock:
            client.touch()
"""


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def (", encoding="utf-8")
    return Sources(tmp_path)


def at(line: int) -> Place:
    return ("code.py", line, "f")


def test_loop_that_awaits_in_each_round_is_found_innermost_first(sources: Sources) -> None:
    assert sources.waiting_loop([at(3), at(20)]) == at(3)
    assert sources.waiting_loop([at(1), at(20)]) == at(20)
    assert sources.waiting_loop([at(19)]) == at(19)


def test_loop_over_what_comes_and_one_that_only_defines_are_none(sources: Sources) -> None:
    assert sources.waiting_loop([at(2)]) is None
    assert sources.waiting_loop([at(7), at(8), at(9)]) is None
    assert sources.waiting_loop([at(14), at(15)]) is None


def test_line_that_sends_is_found(sources: Sources) -> None:
    assert sources.sending([at(1), at(9)]) == at(9)
    assert sources.sending([at(8)]) is None


def test_files_that_cannot_be_read_have_no_lines_and_no_loops(sources: Sources) -> None:
    for name in ("broken.py", "missing.py"):
        assert sources.waiting_loop([(name, 1, "f")]) is None
    assert sources.line(("missing.py", 1, "f")) == ""
    assert sources.line(at(999)) == ""


def test_heaviest_place_is_summed_over_stacks() -> None:
    stacks = [(3.0, [at(1)]), (2.0, [at(2)]), (2.0, [at(2)]), (9.0, [])]
    assert heaviest(stacks, lambda stack: stack[0] if stack else None) == at(2)
    assert heaviest([], lambda _: None) is None
