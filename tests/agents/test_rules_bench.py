"""What the rules read and answer at the bench: files exactly as they are, and recipes that weren't taken back."""

import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.bench.loop import Checks, Next, Played, Round, close_round
from agents.bench.patches import Change, Patch
from agents.bench.performance.report import Finding
from agents.bench.recipes import Proposal
from agents.bench.words import request_changes
from agents.llm.rules import bench
from agents.llm.rules.bench import ANSWERS
from agents.llm.rules.material import read_decision, read_files, read_rounds, write_decision, write_files, write_rounds
from agents.llm.rules.sections import read_sections, write_sections
from tests.agents.bench.shops import FAST, SLOW
from tests.agents.reports import FINDING, make_report

GREEN = Checks(played=[Played(name="order", passed=True)])
FIRST = Round(number=1, fate="first", checks=GREEN, report=make_report(300.0))

TEXTS = st.text(alphabet=st.sampled_from("ab#`~\\ \n\t=.é"), max_size=60)
PARTS = st.lists(st.sampled_from(["## Files", "### x.py", "```", "````", "\\ No newline at end of file", "x = 1", "", " "]), max_size=8)


@example(texts={"a.py": "\\ No newline at end of file\n", "lib/b.py": "\\ No newline at end of file"})
@given(texts=st.dictionaries(st.sampled_from(["a.py", "lib/b.py"]), TEXTS | PARTS.map("\n".join), min_size=1))
def test_files_are_read_as_they_were_written(texts: Mapping[str, str]) -> None:
    sections = read_sections(write_sections({"Files": write_files(texts), "Request": "Faster"}))
    assert read_files(sections["Files"]) == texts


def test_rounds_and_decisions_are_read_as_they_were_written() -> None:
    broken = Round(number=2, fate="broken", patch="--- a/x\n", about="gather", checks=GREEN)
    read = read_rounds(write_rounds([FIRST, broken]))
    assert (read[1], read[0].report and read[0].report.verdicts) == (broken, FIRST.report and FIRST.report.verdicts)
    assert read_decision(write_decision(Next("stuck", "Nothing: more."))) == Next("stuck", "Nothing: more.")
    assert (read_rounds("no JSON"), read_decision("")) == ([], Next("again", ""))


def sections(rounds: Sequence[Round], text: str = SLOW) -> dict[str, str]:
    return {"Rounds": write_rounds(rounds), "Files": write_files({"board.py": text}), "Decided": "again: Go on."}


def answer(rounds: Sequence[Round], text: str = SLOW) -> dict[str, str | list[dict[str, str]]]:
    said: dict[str, str | list[dict[str, str]]] = json.loads(ANSWERS["implement"](sections(rounds, text)))
    return said


def test_implementer_takes_the_first_recipe_that_fits_and_was_not_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    offers = {
        "sequential_sends": Patch(changes=(Change(path="board.py", before=SLOW, after=FAST),)),
        "missing_cache": Patch(changes=(Change(path="board.py", before=SLOW, after=f"{SLOW}# cached\n"),)),
    }

    def propose(folder: object, files: object, findings: Sequence[Finding]) -> Proposal:
        return Proposal(patch=offers[findings[0].kind], recipe=findings[0].kind, why="Because.")

    monkeypatch.setattr(bench, "propose", propose)
    findings = [FINDING, FINDING.model_copy(update={"kind": "missing_cache"})]
    first = FIRST.model_copy(update={"report": make_report(300.0).model_copy(update={"findings": findings})})
    assert answer([first])["files"] == [{"path": "board.py", "content": FAST}]
    taken_back = Round(number=2, fate="broken", patch=offers["sequential_sends"].diff)
    assert answer([first, taken_back])["files"] == [{"path": "board.py", "content": f"{SLOW}# cached\n"}]
    both = [first, taken_back, Round(number=3, fate="denied", patch=offers["missing_cache"].diff)]
    assert answer(both)["files"] == []
    assert "was tried and taken back" in str(answer(both)["about"])


def test_order_of_the_findings_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def propose(folder: object, files: object, findings: Sequence[Finding]) -> Proposal:
        tried.append(findings[0].kind)
        return Proposal(reasons=("It doesn't fit.",))

    monkeypatch.setattr(bench, "propose", propose)
    kinds = ("missing_cache", "blocking_call", "n_plus_one")
    for order in (kinds, kinds[::-1]):
        findings = [FINDING.model_copy(update={"kind": kind}) for kind in order]
        answer([FIRST.model_copy(update={"report": make_report(300.0).model_copy(update={"findings": findings})})])
    assert tried == ["n_plus_one", "blocking_call", "missing_cache"] * 2


def test_real_recipe_changes_the_sequential_sends() -> None:
    found = FINDING.model_copy(update={"file": "board.py", "line": 3, "function": "tell"})
    report = make_report(300.0).model_copy(update={"findings": [found]})
    said = answer([FIRST.model_copy(update={"report": report})])
    assert "gather" in str(said["files"])
    assert said == answer([FIRST.model_copy(update={"report": report})])


def test_nothing_that_fits_is_said() -> None:
    said = answer([FIRST.model_copy(update={"report": make_report(300.0).model_copy(update={"findings": []})})])
    assert (said["files"], str(said["about"]).startswith("No recipe fits.")) == ([], True)


def test_critic_asks_for_what_was_found_where_it_was_found() -> None:
    said = ANSWERS["critique"](sections([FIRST]))
    assert "**moves p95 < 100 ms**: missed, measured 300 ms." in said
    assert "1. `board.py:42` in `broadcast`: Send to all connections at once" in said
    assert "9 of 9 clients" in said


def test_critic_names_the_test_that_a_patch_broke() -> None:
    red = Checks(played=[Played(name="order", passed=False, about="steps[3]: bob got 2 before 1", details=["- 1", "+ 2"])])
    broken = close_round([FIRST], "a patch", "gather", red, None)
    said = request_changes([FIRST, broken], Next("again", "The patch broke the tests and was taken back."))
    assert "**order** failed: steps[3]: bob got 2 before 1" in said
    assert "starts from the state before it" in said


def test_performance_agent_compares_with_what_stood_before() -> None:
    second = Round(number=2, fate="kept", patch="a patch", checks=GREEN, report=make_report(30.0))
    assert "300 ms in round 1, 30 ms now: 10.0 × better" in ANSWERS["measure"](sections([FIRST, second]))
    assert ANSWERS["measure"]({}) == "Nothing was measured."
    assert ANSWERS["critique"]({}) == "There is no round to judge."
