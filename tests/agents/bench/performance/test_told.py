"""Reports as people read them: Markdown, a terminal, plots."""

import xml.etree.ElementTree as ET

import pytest

from agents.bench.performance.markdown import compare, headline, number, to_markdown, verdict_on
from agents.bench.performance.plots import plots_of
from agents.bench.performance.report import Report
from agents.bench.performance.terminal import to_lines
from agents.bench.scripts.text import Paint
from project.text import render_markdown
from tests.agents.bench.performance.reports import FINDING, figures, report, verdict

FULL = report(130, findings=[FINDING], verdicts=[verdict(130), verdict(130, 200), verdict(-1, 5)], notes=["The machine was busy."])


def test_markdown_tells_figures_budgets_findings_and_notes() -> None:
    text = to_markdown(FULL)
    assert "Failed: 2 of 3 budgets are missed." in text
    assert "| **moves** | 65 | 43.3 | 130 | 117 – 143 | 156 | 260 | 1,234 | 0 | +2.0 MB |" in text
    assert "| moves p95 &lt; 100 ms | moves | 130 ms | **missed** |" in text
    assert "| moves p95 &lt; 200 ms | moves | 130 ms | met |" in text
    assert "could not be measured" in text
    assert "**sequential_sends** in moves at `board.py:26 Board.broadcast`" in text
    assert "Send to all clients at once." in text
    assert "- The machine was busy." in text


def test_markdown_holds_no_tags_and_no_rows_of_others() -> None:
    html = render_markdown(to_markdown(FULL))
    assert "<b>bold" not in html
    assert "|" not in html.replace("10 clients | &lt;b&gt;bold", "")


def test_markdown_compares_with_a_baseline() -> None:
    text = to_markdown(report(45), report(90))
    assert "## Compared" in text
    assert "| moves | p95 | 90 | 45 | 0.50 × | faster |" in text
    assert "| moves | p95 to all | 99 | 49.5 | 0.50 × |  |" in text


@pytest.mark.parametrize(("before", "after", "told"), [(90, 45, "faster"), (90, 180, "slower"), (90, 95, "no clear difference")])
def test_change_is_clear_only_where_the_intervals_do_not_meet(before: float, after: float, told: str) -> None:
    assert verdict_on(figures(before), figures(after)) == told


def test_reports_with_nothing_in_common_say_so() -> None:
    assert "no measurement in common" in compare(report(measured=[]), report())


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ([], "No budget was stated."),
        ([verdict(5)], "Passed: the budget is met."),
        ([verdict(500)], "Failed: the budget is missed."),
    ],
)
def test_headline_says_whether_it_passed(verdicts: list[object], told: str) -> None:
    assert headline(report(verdicts=verdicts)) == told


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (0.1234, "0.12"), (12.34, "12.3"), (1234.5, "1,234"), (7.0, "7"), (-1.5, "-1.50")])
def test_figures_have_as_many_digits_as_mean_something(value: float, text: str) -> None:
    assert number(value) == text


def test_terminal_shows_a_table_verdicts_and_findings() -> None:
    lines = list(to_lines(FULL, baseline=report(90)))
    head, row = lines[2], lines[3]
    assert row.split()[:4] == ["moves", "65", "43.3", "130"]
    assert [head.index(name) + len(name) for name in ("p50", "p95", "p99")] == [
        row.index(each) + len(each) for each in ("43.3", "130", "156")
    ]
    assert "MISS  moves p95 < 100 ms: moves p95 130 ms" in lines
    assert "pass  moves p95 < 200 ms: moves p95 130 ms" in lines
    assert "sequential_sends in moves at board.py:26 Board.broadcast" in lines
    assert "moves: p95 90 → 130 ms, 1.44 × the baseline's (slower)" in lines
    assert lines[-1] == "Failed: 2 of 3 budgets are missed."
    assert not any("\x1b" in line for line in lines)


def test_what_measured_code_says_controls_no_terminal_and_writes_no_tags() -> None:
    rude = FINDING.model_copy(update={"evidence": "\x1b[2Jgone", "action": "\x07", "function": "\x9b2J"})
    kinds = figures(90).model_copy(update={"errors": 1, "error_kinds": {"<img src=x>\x1b[2J": 1}})
    measured = [report().measured[0].model_copy(update={"figures": kinds})]
    told = report(measured=measured, findings=[rude], notes=["\x1b]0;title\x07"])
    assert not {"\x1b", "\x07", "\x9b"} & set("".join(to_lines(told)))
    assert "<img" not in to_markdown(told)


def test_terminal_paints_verdicts_where_it_has_colours() -> None:
    lines = list(to_lines(report(), paint=Paint(has_colour=True)))
    assert lines[-1] == "\x1b[32mPassed: the budget is met.\x1b[0m"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - it was made here


@pytest.mark.parametrize("reports", [{"measured": report()}, {"before": report(90), "now": report(45)}])
def test_plots_are_whole_pictures_with_every_report_in_them(reports: dict[str, Report]) -> None:
    plots = plots_of(reports)
    assert set(plots) == {"moves-spread.svg", "moves-time.svg"}
    for svg in plots.values():
        root = parsed(svg)
        texts = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
        assert all(f"● {name}" in texts for name in reports)
        assert "script" not in svg
        assert "href" not in svg
    assert plots["moves-time.svg"].count("<circle") == 4 * len(reports)


def test_plot_of_times_that_are_nothing_is_drawn_all_the_same() -> None:
    empty = report(measured=[report().measured[0].model_copy(update={"figures": figures(samples_ms=[], at_s=[])})])
    zero = report(measured=[report().measured[0].model_copy(update={"figures": figures(samples_ms=[0.0], at_s=[0.0])})])
    assert all(parsed(svg) is not None for each in (empty, zero) for svg in plots_of({"now": each}).values())
