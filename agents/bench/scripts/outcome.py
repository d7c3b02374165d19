"""What a played scenario came to: each step, what failed and why, and what every client did when. Plain data."""

from typing import Literal

from pydantic import Field

from agents.bench.plain import Plain


class Entry(Plain):
    """One line of the timeline, in ms since the play began."""

    at_ms: float
    who: str
    what: Literal["connected", "refused", "sent", "received", "closed", "asked", "answered"]
    text: str


class StepDone(Plain):
    """One step as it went. `path` is its place in the script, such as `steps[2].steps[0]`, with the rounds of repeats: `steps[2]#4`.

    Of a repeat's rounds, only steps that did not pass are told.
    """

    path: str
    file: str
    line: int | None
    title: str
    status: Literal["passed", "failed", "stopped"]
    at_ms: float
    took_ms: float
    told: str = ""


class Failure(Plain):
    """Why a step failed: what was expected, what came instead, and the lines of their difference (- expected, + came)."""

    path: str
    file: str
    line: int | None
    title: str
    message: str
    expected: str = ""
    came: list[str] = Field(default_factory=list)
    difference: list[str] = Field(default_factory=list)
    details: list[str] = Field(default_factory=list)


class Outcome(Plain):
    """One play. `timeline` has at most 2,000 entries, the newest; `left_out` says how many came before them."""

    name: str
    file: str
    passed: bool
    duration_ms: float
    steps: list[StepDone]
    failures: list[Failure]
    timeline: list[Entry]
    left_out: int = 0
