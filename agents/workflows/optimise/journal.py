"""What a run of optimise has stored so far, read back as rounds: its outputs are its journal."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.bench.loop import Checks, Fate, Next, Round
from agents.bench.performance.report import Report
from agents.models import AgentOutput, PerformanceReport
from agents.services.reach import PATCH_PREFIX


def patch_key(number: int) -> str:
    """Of the implementer's output."""
    return f"{PATCH_PREFIX}{number}"


def edited_key(number: int) -> str:
    """Of the patch as it was edited on its approval."""
    return f"{PATCH_PREFIX}{number}/edited"


def checks_key(number: int) -> str:
    """Of the tester's output."""
    return f"tests/{number}"


def report_key(number: int) -> str:
    """Of the performance agent's output."""
    return f"performance/{number}"


def critique_key(number: int) -> str:
    """Of the critic's output, which closes the round."""
    return f"critique/{number}"


SCENARIOS_KEY = "scenarios"


@dataclass(frozen=True)
class Open:
    """What there is of a round that isn't closed yet."""

    number: int
    diff: str = ""
    about: str = ""
    checks: Checks | None = None
    report: Report | None = None


@dataclass(frozen=True)
class Journal:
    """The rounds that are closed, what there is of the next one, the critic's newest words, and the tester's own scenarios."""

    rounds: tuple[Round, ...]
    open: Open
    change_request: str = ""
    scenarios: "dict[str, str] | None" = None

    @property
    def baseline(self) -> Report | None:
        """What was measured before any change."""
        return self.rounds[0].report if self.rounds else None


def read_journal(run_id: UUID) -> Journal:
    """Everything that the run has stored."""
    outputs = {row.key: row for row in AgentOutput.objects.filter(run_id=run_id)}
    reports = {
        row.round: Report.model_validate(row.report)
        for row in PerformanceReport.objects.filter(output__run_id=run_id)
        if row.round is not None
    }
    rounds: list[Round] = []
    while (closing := outputs.get(critique_key(len(rounds) + 1))) is not None:
        part = _open(len(rounds) + 1, outputs, reports)
        rounds.append(_closed(part, closing.data or {}))
    newest = outputs.get(critique_key(len(rounds)))
    return Journal(tuple(rounds), _open(len(rounds) + 1, outputs, reports), newest.content if newest else "", _scenarios(outputs))


def stored(run_id: UUID, key: str) -> AgentOutput | None:
    """The output under this key, if it is there."""
    return AgentOutput.objects.filter(run_id=run_id, key=key).first()


def _open(number: int, outputs: dict[str, AgentOutput], reports: dict[int, Report]) -> Open:
    patch, edited, tested = (_data(outputs, key(number)) for key in (patch_key, edited_key, checks_key))
    checks = Checks.model_validate({"played": tested["played"], "note": tested["note"]}) if tested else None
    return Open(number, (edited or patch).get("diff", ""), patch.get("about", ""), checks, reports.get(number))


def _closed(part: Open, said: dict[str, Any]) -> Round:
    fate: Fate = said["fate"]
    return Round(
        number=part.number, fate=fate, patch=part.diff, about=part.about, note=said["note"], checks=part.checks, report=part.report
    )


def _scenarios(outputs: dict[str, AgentOutput]) -> dict[str, str] | None:
    """Those of the tester's scenarios that passed with the code as it was; None while none were written."""
    if SCENARIOS_KEY not in outputs:
        return None
    left_out = _data(outputs, checks_key(1)).get("left_out", [])
    texts: dict[str, str] = _data(outputs, SCENARIOS_KEY)["scenarios"]
    return {name: text for name, text in texts.items() if name not in left_out}


def _data(outputs: dict[str, AgentOutput], key: str) -> dict[str, Any]:
    row = outputs.get(key)
    return dict(row.data) if row is not None and row.data else {}


def decision(said: dict[str, Any]) -> Next:
    """What the critic's output says of how it goes on."""
    return Next(said["decision"], said["reason"])
