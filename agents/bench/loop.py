"""The loop of optimising, without whoever goes round it: what a round is, how far it got, and whether another one is worth its while."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import Field

from agents.bench.performance.report import Report, Verdict
from agents.bench.plain import Plain

ENOUGH = 1.05
"""A round has improved something when the budgets that are missed are missed by so many times less: anything less may be chance."""

WORSE = 1.25
"""A patch is taken back when the budgets are missed by more than so many times more than before."""

_MOST_STRAIN = 1_000.0
_PATIENCE = 2


class Played(Plain):
    """One functional test: a scenario, or the spec's `tests` command. `details` are lines that say how it failed."""

    name: str
    passed: bool
    about: str = ""
    details: list[str] = Field(default_factory=list)


class Checks(Plain):
    """What the functional tests gave; `note` says what was left out and why."""

    played: list[Played]
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every one of them passed."""
        return all(each.passed for each in self.played)


Fate: TypeAlias = Literal["first", "kept", "broken", "slower", "denied", "unfit"]
"""What became of a round's patch. first: there was none. broken: it failed the tests and was taken back. slower: it was measured,
found slower and taken back. denied: nobody allowed it. unfit: what was written is no patch of this project."""


class Round(Plain):
    """One time round: the patch as a unified diff, how it did in the tests, and what was measured with it."""

    number: int = Field(ge=1)
    fate: Fate
    patch: str = ""
    about: str = ""
    note: str = ""
    checks: Checks | None = None
    report: Report | None = None

    @property
    def stands(self) -> bool:
        """Whether what came after was built on this round."""
        return self.fate in ("first", "kept")


Verb: TypeAlias = Literal["again", "met", "stuck", "used_up", "unfounded", "nothing"]


@dataclass(frozen=True)
class Next:
    """Whether to go on, and why. met, stuck (nothing improves), used_up (the rounds), unfounded: the tests fail before any change.

    `nothing` is what an implementer says who has no further change to offer.
    """

    verb: Verb
    reason: str

    @property
    def goes_on(self) -> bool:
        """Whether another round follows."""
        return self.verb == "again"


def decide_next(rounds: Sequence[Round], most: int) -> Next:
    """What follows after these rounds, at most `most` of them."""
    last = rounds[-1]
    if last.number == 1 and last.checks is not None and not last.checks.passed:
        return Next("unfounded", "The tests fail before anything was changed, so there is nothing to hold a change against.")
    if last.stands and last.report is not None and last.report.passed:
        return Next("met", "Every budget is met.")
    if last.number >= most:
        if most == 1:
            return Next("used_up", "Not every budget is met, and a measurement alone changes nothing.")
        return Next("used_up", f"All {most} rounds are used up, and not every budget is met.")
    if idle_rounds(rounds) >= _PATIENCE:
        return Next("stuck", f"Nothing has improved for {_PATIENCE} rounds.")
    return Next("again", _why_again(last))


def close_round(before: Sequence[Round], patch: str, about: str, checks: Checks, report: Report | None) -> Round:
    """The round that follows `before`, with what its patch came to. A patch that breaks the tests isn't measured."""
    number = len(before) + 1
    fate: Fate = "first"
    if number > 1:
        fate = "broken" if not checks.passed or report is None else judge_fate(before, report)
    return Round(number=number, fate=fate, patch=patch, about=about, checks=checks, report=report)


def judge_fate(before: Sequence[Round], report: Report) -> Fate:
    """What becomes of a patch that passed the tests and was measured as `report`, after the rounds `before`."""
    base = standing(before)
    if base is None or base.report is None:
        return "kept"
    is_worse = excess(report) > WORSE * excess(base.report) and not is_better(report, base.report)
    return "slower" if is_worse else "kept"


def is_better(now: Report, before: Report) -> bool:
    """Whether a budget more is met and none is lost, or else the missed ones are missed by less."""
    met_before, met_now = _met(before), _met(now)
    return met_now > met_before or (excess(now) * ENOUGH < excess(before) and excess(before) > 1)


def standing(rounds: Sequence[Round]) -> Round | None:
    """The newest round whose state the next one builds on."""
    return next((each for each in reversed(rounds) if each.stands), None)


def patches(rounds: Sequence[Round]) -> list[str]:
    """The patches that stand, in order: with them the copy of the project becomes what it is now."""
    return [each.patch for each in rounds if each.stands and each.patch]


def idle_rounds(rounds: Sequence[Round]) -> int:
    """How many of the last rounds have improved nothing."""
    best: Report | None = None
    idle = 0
    for each in rounds:
        now = each.report if each.stands else None
        has_improved = now is not None and (best is None or is_better(now, best))
        best = now if has_improved else best
        idle = 0 if has_improved else idle + 1
    return idle


def excess(report: Report) -> float:
    """How many times over their limits the missed budgets are, all together: 1 where none is missed."""
    return math.prod(min(_MOST_STRAIN, max(1.0, strain_of(verdict))) for verdict in report.verdicts)


def strain_of(verdict: Verdict) -> float:
    """How much of its limit this budget takes. What was not measured after all could not be worse."""
    if verdict.measured is None:
        return float("inf")
    # A limit from below (throughput) is missed when less is measured than it asks for.
    is_ceiling = (verdict.measured <= verdict.limit) == verdict.passed
    part, whole = (verdict.measured, verdict.limit) if is_ceiling else (verdict.limit, verdict.measured)
    return part / whole if whole else (0.0 if verdict.passed else float("inf"))


def _met(report: Report) -> set[tuple[str, str]]:
    return {(verdict.budget, verdict.measurement) for verdict in report.verdicts if verdict.passed}


def _why_again(last: Round) -> str:
    match last.fate:
        case "broken":
            return "The patch broke the tests and was taken back."
        case "slower":
            return "The patch made it slower and was taken back."
        case "denied":
            return "The patch was not allowed."
        case "unfit":
            return "What was written is no patch of this project."
        case "first" | "kept":
            missed = sum(not verdict.passed for verdict in last.report.verdicts) if last.report else 0
            return f"{missed} {'budget is' if missed == 1 else 'budgets are'} missed."
