"""The judge of what a server keeps catches one thing kept for each round, and nothing that only comes and goes."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from tests.rig.growth import Held, find_growth, slope

Risen = Mapping[str, Callable[[int], int]]

ROUNDS = 8
STEADY: Risen = {}


def rounds(risen: Risen = STEADY, count: int = ROUNDS) -> list[Held]:
    """A server whose counts move a little, as a real one's do, and where `risen` says how far each has come by round n."""
    dice = random.Random(7)

    def figure(name: str, base: int, noise: int, number: int) -> int:
        return base + dice.randint(-noise, noise) + (risen[name](number) if name in risen else 0)

    return [
        Held(
            kib=figure("kib", 190_000, 30, number),
            threads=figure("threads", 15, 1, number),
            files=figure("files", 37, 1, number),
            tasks=figure("tasks", 5, 1, number),
            objects=figure("objects", 80, 1, number),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [ROUNDS, 200])
def test_what_comes_and_goes_is_no_growth(count: int) -> None:
    assert find_growth(rounds(count=count)) == []


@pytest.mark.parametrize("name", ["threads", "files", "tasks", "objects"])
def test_one_thing_kept_each_round_is_found(name: str) -> None:
    assert [problem.partition(":")[0] for problem in find_growth(rounds({name: lambda number: number}, 60))] == [name]


@pytest.mark.parametrize(("name", "kept"), [("files", 1), ("objects", 12), ("kib", 90)])
def test_a_socket_or_a_session_kept_each_round_is_found_in_few(name: str, kept: int) -> None:
    """A socket is a file; a session that is kept has a cursor, a stream and its ring of items, and 71 to 88 KiB."""
    assert name in "".join(find_growth(rounds({name: lambda number: number * kept})))


def test_a_step_and_a_peak_are_no_growth() -> None:
    assert find_growth(rounds({"files": lambda number: 3 * (number > 0), "kib": lambda number: 9_000 * (number == 4)})) == []


def test_what_settles_is_no_growth_once_it_has() -> None:
    settling = rounds({"kib": lambda number: round(8_000 * (1 - 0.9**number))}, 90)
    assert find_growth(settling[:12]) != []
    assert find_growth(settling[30:]) == []


def test_connection_left_is_found_at_once() -> None:
    found = rounds()
    found[1] = replace(found[1], connections=1)
    assert find_growth(found) == ["1 connections after round 2"]


def test_slope_is_that_of_a_line() -> None:
    assert slope([5, 7, 9, 11]) == 2
    assert slope([5, 7, 900, 11, 13]) == 2
