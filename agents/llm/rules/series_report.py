"""Figures of a table in Markdown: one series, several beside each other, and what the comparison shows. Reads its own tables back."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.llm.rules.findings import bold
from agents.llm.rules.text import inline, plain
from agents.tools.tables import find_tables, read_number

Data = Mapping[str, Any]

MEASURE = "Measure"
_SOURCE = re.compile(r"^Source: .*$", re.MULTILINE)

_ROWS: Sequence[tuple[str, Callable[[Data], str]]] = (
    ("Change", lambda series: _percent(series["change_percent"], signed=True)),
    ("Mean", lambda series: _figure(series["mean"])),
    ("Volatility", lambda series: _percent(series["volatility_percent"])),
    ("Deepest fall", lambda series: _percent(series["max_drawdown_percent"])),
    ("First", lambda series: _point(series["first"])),
    ("Last", lambda series: _point(series["last"])),
    ("Lowest", lambda series: _point(series["min"])),
    ("Highest", lambda series: _point(series["max"])),
)
COMPARED = ("Change", "Mean", "Volatility", "Deepest fall")


@dataclass(frozen=True)
class Figures:
    """A series as it stands in a report: its plain name and, by measure, the Markdown of each cell."""

    name: str
    cells: Mapping[str, str]

    def value(self, measure: str) -> float | None:
        """The figure of a measure, None where the report has none."""
        return read_number(self.cells.get(measure, ""))


def series(read: Data) -> str:
    """What a tool read from a table, series by series."""
    parts = [_one(each) for each in read["series"]]
    return "\n\n".join([*parts, _source(read)])


def read_figures(text: str) -> list[Figures]:
    """The series in a report made by `series` or `table`."""
    tables = [found for found in find_tables(text) if found.headers[0] == MEASURE]
    return [
        Figures(plain(name), {row[0]: row[place] for row in found.rows})
        for found in tables
        for place, name in enumerate(found.headers)
        if place
    ]


def read_sources(texts: Sequence[str]) -> list[str]:
    """The lines that say where figures come from, each once."""
    return list(dict.fromkeys(line for text in texts for line in _SOURCE.findall(text)))


def without_source(text: str) -> str:
    """A report without the line that says where its figures come from."""
    return _SOURCE.sub("", text).strip()


def table(figures: Sequence[Figures], measures: Sequence[str]) -> str:
    """The series beside each other."""
    head = f"| {MEASURE} | {' | '.join(inline(each.name) for each in figures)} |"
    rows = [f"| {measure} | {' | '.join(_cell(each, measure) for each in figures)} |" for measure in measures]
    return "\n".join([head, "|---|" + "---:|" * len(figures), *rows])


def key_findings(figures: Sequence[Figures], measures: Sequence[str] = COMPARED) -> list[str]:
    """What a comparison of several series shows, a sentence per measure."""
    sentences = [
        _ranked(figures, "Change", "{} did best with {}, {} worst with {}."),
        _ranked(figures, "Volatility", "{} was the most volatile at {}, {} the steadiest at {}."),
        _ranked([each for each in figures if each.value("Deepest fall")], "Deepest fall", "{3} fell deepest, by {4}."),
    ]
    wanted = ("Change", "Volatility", "Deepest fall")
    return [sentence for measure, sentence in zip(wanted, sentences, strict=True) if sentence and measure in measures]


def _cell(each: Figures, measure: str) -> str:
    return each.cells.get(measure, "–").replace("\\|", "|").replace("|", "\\|")


def _ranked(figures: Sequence[Figures], measure: str, words: str) -> str:
    known = [(value, each) for each in figures if (value := each.value(measure)) is not None]
    if len(known) < 2:
        return ""
    high, low = max(known, key=lambda item: item[0])[1], min(known, key=lambda item: item[0])[1]
    if "{3}" in words:
        return words.format("", "", "", inline(low.name), low.cells[measure].lstrip("-−"))
    return words.format(inline(high.name), high.cells[measure], inline(low.name), low.cells[measure])


def _one(each: Data) -> str:
    figures = Figures(each["name"], {measure: write(each) for measure, write in _ROWS})
    return f"{bold(_headline(each))}\n\n{table([figures], [measure for measure, _ in _ROWS])}"


def _headline(each: Data) -> str:
    name, change = inline(each["name"]), each["change_percent"]
    way = f"from {_point(each['first'])} to {_point(each['last'])}"
    if change is None:
        return f"{name} went {way}."
    if not change:
        return f"{name} stayed level, {way}."
    return f"{name} {'rose' if change > 0 else 'fell'} by {abs(change):,.2f} %, {way}."


def _source(read: Data) -> str:
    card, longest = read["card"], max(each["count"] for each in read["series"])
    sample = "; the card says that this is sample data" if read["is_sample"] else ""
    return (
        f"Source: the table on [#{card['number']}]({card['link']}), {longest} values each{sample}. "
        "Volatility is the sample standard deviation of the change from row to row."
    )


def _percent(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:{'+' if signed else ''},.2f} %".replace("-", "−")


def _figure(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−")


def _point(point: Data) -> str:
    return f"{_figure(point['value'])} ({inline(point['at'])})" if point["at"] else _figure(point["value"])
