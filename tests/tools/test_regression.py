"""How `python -m tests.bench regression` judges, and that it leaves no work tree behind."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench import regression
from tests.process.server import ROOT

USUAL = [0.010] * 98 + [0.020, 0.030]
FAST, SLOW = [0.002] * 100, [0.050] * 100


def verdicts(*pairs: tuple[Sequence[float], Sequence[float]]) -> list[bool]:
    """Whether the p50 and the p99 are good enough."""
    return [goal.is_met for goal in regression.judge(pairs, "v1")]


def times(samples: Sequence[float], factor: float) -> list[float]:
    return [seconds * factor for seconds in samples]


@pytest.mark.parametrize(
    ("factor", "met"), [(0.5, [True, True]), (1.0, [True, True]), (1.09, [True, True]), (1.12, [False, True]), (1.16, [False, False])]
)
def test_ratios_are_held_against_their_bounds(factor: float, met: list[bool]) -> None:
    assert verdicts(*[(times(USUAL, factor), USUAL)] * 3) == met


def test_only_the_tail_slower() -> None:
    assert verdicts(([0.010] * 98 + [0.040, 0.040], USUAL)) == [True, False]


def test_one_disturbed_pair_decides_nothing() -> None:
    assert verdicts((USUAL, USUAL), (SLOW, USUAL), (USUAL, USUAL)) == [True, True]
    assert verdicts((SLOW, USUAL), (FAST, USUAL), (SLOW, USUAL)) == [False, False]


def test_ratios_are_of_pairs_so_that_a_slower_hour_does_not_count() -> None:
    assert verdicts(*[(times(USUAL, slower), times(USUAL, slower)) for slower in (1, 3, 9)]) == [True, True]


def test_work_tree_is_removed_when_the_measurement_breaks_off() -> None:
    try:
        commit = regression.find_commit("HEAD")
    except SystemExit:
        pytest.skip("this is no checkout")
    places: list[Path] = []
    with pytest.raises(KeyboardInterrupt):
        _break_off(commit, places)
    [place] = places
    assert not place.exists()
    listed = subprocess.run(["git", "worktree", "list"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert str(place) not in listed.stdout


def _break_off(commit: str, places: list[Path]) -> None:
    with regression.checked_out(commit) as place:
        assert (place / "manage.py").exists()
        places.append(place)
        raise KeyboardInterrupt


def test_commit_that_is_not_there_is_refused() -> None:
    with pytest.raises(SystemExit, match="no commit nowhere"):
        regression.find_commit("nowhere")
