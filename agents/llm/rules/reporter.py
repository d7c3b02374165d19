"""The report at the end: findings on top, what could not be done, what the subtasks found. It holds nothing that they did not return."""

import re
from collections.abc import Mapping, Sequence

from agents.llm.rules.findings import bold
from agents.llm.rules.planner import MOST_SUBTASKS, make_plan, read_card_at_hand
from agents.llm.rules.sections import Result, is_card_request, read_results
from agents.llm.rules.series_report import COMPARED, key_findings, read_figures, read_sources, table, without_source
from agents.llm.rules.text import FOOTER, bullets, count, inline, shorten
from agents.llm.rules.undone import is_undone, undone

KEY_FINDINGS = "Key findings"

_FINDING = re.compile(r"\*\*(.+?)\*\*(?=\s|$)")
_TITLE_CHARS = 140


def report(sections: Mapping[str, str]) -> str:
    """The Markdown report on the Results of the Request: findings, each result, where figures come from, and who wrote it."""
    results = read_results(sections.get("Results", ""))
    done = [result for result in results if not is_undone(result)]
    figures = [each for result in results for each in read_figures(result.content)]
    parts = [f"# {_title(sections)}"]
    if len(figures) > 1:
        sentences = key_findings(figures)
        parts += [f"## {KEY_FINDINGS}", bullets(sentences), table(figures, COMPARED)] if sentences else [table(figures, COMPARED)]
    elif done and len(results) > 1:
        parts += [f"## {KEY_FINDINGS}", bullets(findings(done))]
    parts += undone([result for result in results if result not in done], len(results))
    parts += _left_out(make_plan(sections).left_out)
    parts += [_section(result, is_alone=len(results) == 1) for result in done]
    parts += read_sources([result.content for result in results])
    if not results:
        parts.append("No subtask left a result.")
    return "\n\n".join([*parts, "---", FOOTER])


def _left_out(number: int) -> list[str]:
    """What of the request was never begun."""
    if not number:
        return []
    told = bold(f"{count(number, 'part')} of the request {'was' if number == 1 else 'were'} left out.")
    return ["## Left out", f"{told} A plan holds {MOST_SUBTASKS} steps: ask anew for the rest."]


def findings(results: Sequence[Result]) -> list[str]:
    """The finding of each result, on one line."""
    return [_finding(result) for result in results]


def _finding(result: Result) -> str:
    """What stands bold at the beginning, else the first line."""
    found = _FINDING.match(result.content)
    line = next((line for line in result.content.splitlines() if line.strip()), "")
    return found[1] if found else shorten(line.removeprefix("- "), 300)


def _section(result: Result, *, is_alone: bool) -> str:
    text = without_source(result.content)
    return text if is_alone or not result.title else f"## {inline(result.title)}\n\n{text}"


def _title(sections: Mapping[str, str]) -> str:
    card = read_card_at_hand(sections)
    request = sections.get("Request", "").strip()
    if not request or is_card_request(request):
        request = (card.title if card else "") or "Report"
    return inline(shorten(request.splitlines()[0], _TITLE_CHARS))
