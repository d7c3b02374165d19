"""Outcomes as text for people: one line for what passed, and for what failed all it takes to see why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.bench.scripts.outcome import Entry, Failure, Outcome, StepDone

_TIMELINE = 40
_STEPS = 10
_WIDTH = 160
_SIGNS = {"sent": "→", "received": "←", "connected": "connected", "refused": "refused", "closed": "closed", "asked": "→", "answered": "←"}
_CODES = {"red": "31", "green": "32", "dim": "2", "bold": "1", "cyan": "36"}


@dataclass(frozen=True)
class Paint:
    """Colours where a terminal shows them, else the text alone."""

    has_colour: bool = False

    def __call__(self, colour: str, text: str) -> str:
        """The text in this colour."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.has_colour else text


def report(outcome: Outcome, *, paint: Paint | None = None, with_steps: bool = False) -> str:
    """All that is to be told of one play; `with_steps` also what passed."""
    return "\n".join(_lines(outcome, paint or Paint(), with_steps=with_steps))


def _lines(outcome: Outcome, paint: Paint, *, with_steps: bool) -> Iterator[str]:
    verdict = paint("green", "passed") if outcome.passed else paint("red", "FAILED")
    file = f" ({outcome.file})" if outcome.file else ""
    yield f"{verdict}  {paint('bold', outcome.name)}{file} – {_count(len(outcome.steps), 'step')}, {outcome.duration_ms / 1000:.2f} s"
    if with_steps or not outcome.passed:
        shown = outcome.steps if with_steps else outcome.steps[-_STEPS:]
        if len(shown) < len(outcome.steps):
            yield f"  {_count(len(outcome.steps) - len(shown), 'step')} before these"
        yield from (_step(step, outcome.file, paint) for step in shown)
    for failure in outcome.failures:
        yield ""
        yield from _failure(failure, paint)
    if not outcome.passed:
        yield from _timeline(outcome, paint)
        yield ""


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _step(step: StepDone, file: str, paint: Paint) -> str:
    colour = {"passed": "green", "failed": "red", "stopped": "dim"}[step.status]
    line = f" line {step.line}" if step.line is not None else ""
    line += f" of {Path(step.file).name}" if step.file != file else ""
    told = paint("dim", f" – {step.told}") if step.told else ""
    return f"  {paint(colour, f'{step.status:7}')} {step.at_ms:9.1f} ms  {step.path}{line}: {step.title}{told}"


def _failure(failure: Failure, paint: Paint) -> Iterator[str]:
    place = f"{failure.file}:{failure.line}: " if failure.line is not None else ""
    yield f"  {paint('bold', f'{place}{failure.path}: {failure.title}')}"
    yield f"  {paint('red', failure.message)}"
    if failure.expected:
        yield f"    expected  {failure.expected}"
    yield from _named("came", failure.came or (["nothing"] if failure.expected else []))
    yield from (paint("red" if line.startswith("-") else "green", f"    {line}") for line in failure.difference)
    yield from (f"    {line}" for line in failure.details)


def _named(name: str, lines: Sequence[str]) -> Iterator[str]:
    for index, line in enumerate(lines):
        yield f"    {name if not index else '':8}  {line}"


def _timeline(outcome: Outcome, paint: Paint) -> Iterator[str]:
    shown = outcome.timeline[-_TIMELINE:]
    if not shown:
        return
    before = outcome.left_out + len(outcome.timeline) - len(shown)
    yield ""
    yield paint("bold", f"  timeline in ms{f', after {before:,} earlier lines' if before else ''}")
    width = max((len(entry.who) for entry in shown), default=0)
    yield from (_entry(entry, width, paint) for entry in shown)


def _entry(entry: Entry, width: int, paint: Paint) -> str:
    colour = {"sent": "cyan", "asked": "cyan", "closed": "red", "refused": "red"}.get(entry.what, "dim")
    return f"  {entry.at_ms:10.1f}  {entry.who:{width}}  {paint(colour, _SIGNS[entry.what])} {_cut(entry.text)}"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def summary(outcomes: Sequence[Outcome], *, paint: Paint | None = None) -> str:
    """The last line: how many passed and failed."""
    failed = sum(not outcome.passed for outcome in outcomes)
    seconds = sum(outcome.duration_ms for outcome in outcomes) / 1000
    told = f"{len(outcomes) - failed} passed, {failed} failed in {seconds:.2f} s"
    return (paint or Paint())("red" if failed else "green", told)
