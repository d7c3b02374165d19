"""What happens in a play as it happens: the timeline of all clients, the steps, and what failed."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agents.bench.scripts.outcome import Entry, Failure, StepDone

_MOST_ENTRIES = 2_000
_MOST_STEPS = 2_000
_SHOWN = 300
EntryKind = Literal["connected", "refused", "sent", "received", "closed", "asked", "answered"]
_NAME = r"\b(?:\w{0,40}token|password|ticket|secret|authorization)"
_SECRET = re.compile(rf'({_NAME}"?\s{{0,4}}:\s{{0,4}}"|[?&]{_NAME}=)[^"&\s]+', re.IGNORECASE)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(eq=False)
class StepFailed(Exception):
    """A step didn't come to pass. `came` are messages that came instead, `difference` lines of - expected and + came."""

    message: str
    expected: str = ""
    came: Sequence[str] = ()
    difference: Sequence[str] = ()
    details: Sequence[str] = ()


@dataclass(frozen=True)
class Place:
    """Where a step is: its path with the rounds of repeats, its file and line, and what it is in a few words."""

    path: str
    file: str
    line: int | None
    title: str


@dataclass
class Recorder:
    """`clock` gives seconds; everything is told in ms since `began`."""

    clock: Callable[[], float]
    began: float
    steps: list[StepDone] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    timeline: deque[Entry] = field(default_factory=lambda: deque(maxlen=_MOST_ENTRIES))
    left_out: int = 0
    stopped_at: Place | None = None

    def now_ms(self) -> float:
        """Since the play began."""
        return self.ms(self.clock())

    def ms(self, at: float) -> float:
        """A time of the clock as ms since the play began."""
        return round((at - self.began) * 1000, 3)

    def entry(self, who: str, what: EntryKind, text: str, *, at: float | None = None) -> None:
        """One more line of the timeline, now or at a time of the clock. Tokens and passwords are not told."""
        self.left_out += len(self.timeline) == _MOST_ENTRIES
        at_ms = self.now_ms() if at is None else self.ms(at)
        self.timeline.append(Entry(at_ms=at_ms, who=who, what=what, text=shown_text(text)))

    def done(self, place: Place, status: Literal["passed", "failed", "stopped"], at_ms: float, told: str = "") -> None:
        """A step is over."""
        if len(self.steps) < _MOST_STEPS or status != "passed":
            took_ms = round(self.now_ms() - at_ms, 3)
            self.steps.append(StepDone(**vars(place), status=status, at_ms=at_ms, took_ms=took_ms, told=told))

    def fail(self, place: Place, failed: StepFailed) -> None:
        """Why a step failed."""
        self.failures.append(
            Failure(
                **vars(place),
                message=printable(failed.message),
                expected=shown_text(failed.expected),
                came=[shown_text(text) for text in failed.came],
                difference=[shown_text(line) for line in failed.difference],
                details=[printable(line) for line in failed.details],
            )
        )


def printable(text: str) -> str:
    """A text that a terminal may be given: what would control it is spelt out, what is no Unicode is replaced."""
    whole = text.encode("utf-8", "replace").decode()
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", whole.replace("\n", "⏎"))


def shown_text(text: str) -> str:
    """A message as reports show it: on one line, shortened, without its secrets."""
    told = printable(_SECRET.sub(r"\1…", text[: 4 * _SHOWN]))
    return told if len(told) <= _SHOWN and len(text) <= 4 * _SHOWN else f"{told[:_SHOWN]}… ({len(text):,} characters)"
