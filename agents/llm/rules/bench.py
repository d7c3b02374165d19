"""What the rules answer at the test bench: recipes for the implementer, figures in words for everybody else."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agents.bench.inside import make_folders, write_inside
from agents.bench.loop import standing
from agents.bench.performance.report import Finding
from agents.bench.recipes import Proposal, propose
from agents.bench.words import assess, request_changes
from agents.llm.port import Purpose
from agents.llm.rules.material import read_decision, read_files, read_rounds

_FIRST: tuple[str, ...] = ("n_plus_one", "sequential_sends", "slow_client", "blocking_call", "missing_cache", "payload_size")
"""Causes in the order in which they are mended: what does too much before what waits badly. Not by their times, which differ from
one measuring to the next: the same findings lead to the same patches.
"""


def implement(sections: Mapping[str, str]) -> str:
    """The first recipe that fits what was found and wasn't taken back, as whole files; or why there is none."""
    rounds = read_rounds(sections.get("Rounds", ""))
    base = standing(rounds)
    findings = base.report.findings if base is not None and base.report is not None else []
    taken_back = {each.patch for each in rounds if not each.stands}
    proposal = _first_new(read_files(sections.get("Files", "")), findings, taken_back)
    if proposal.patch is None:
        return _answer("No recipe fits. " + " ".join(proposal.reasons), {})
    return _answer(f"{proposal.recipe}: {proposal.why}", {change.path: change.after for change in proposal.patch.changes})


def write_scenarios(sections: Mapping[str, str]) -> str:
    """None: rules don't know what a project is to do beyond its scenarios."""
    del sections
    return json.dumps({"scenarios": []})


def measure(sections: Mapping[str, str]) -> str:
    """The newest round's figures in words, beside those before it."""
    rounds = read_rounds(sections.get("Rounds", ""))
    if not rounds or rounds[-1].report is None:
        return "Nothing was measured."
    return assess(rounds[-1].report, rounds[:-1])


def criticise(sections: Mapping[str, str]) -> str:
    """The change request that the newest round's findings lead to."""
    rounds = read_rounds(sections.get("Rounds", ""))
    if not rounds:
        return "There is no round to judge."
    return request_changes(rounds, read_decision(sections.get("Decided", "")))


ANSWERS: Mapping[Purpose, Callable[[Mapping[str, str]], str]] = {
    "implement": implement,
    "test": write_scenarios,
    "measure": measure,
    "critique": criticise,
}
"""What the rules answer from a prompt's sections, by purpose."""


def _first_new(texts: Mapping[str, str], findings: Sequence[Finding], taken_back: set[str]) -> Proposal:
    """The recipes' first proposal that isn't among those taken back; from the same files each finding gives the same one."""
    reasons: list[str] = []
    with tempfile.TemporaryDirectory(prefix="workroom-recipes-") as name:
        folder = Path(name)
        for path, text in texts.items():
            make_folders(folder, path)
            write_inside(folder, path, text)
        for finding in sorted(findings, key=_place):
            proposal = propose(folder, [Path(path) for path in texts], [finding])
            reasons += proposal.reasons
            if proposal.patch is not None and proposal.patch.diff not in taken_back:
                return proposal
            if proposal.patch is not None:
                reasons.append(f"{proposal.recipe} was tried and taken back.")
    return Proposal(reasons=tuple(dict.fromkeys(reasons)) or ("Nothing was found that a recipe is for.",))


def _place(finding: Finding) -> tuple[int, str, int]:
    place = _FIRST.index(finding.kind) if finding.kind in _FIRST else len(_FIRST)
    return place, finding.file, finding.line or 0


def _answer(about: str, texts: Mapping[str, str]) -> str:
    files = [{"path": path, "content": text} for path, text in texts.items()]
    return json.dumps({"about": about, "files": files}, ensure_ascii=False)
