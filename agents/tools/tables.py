"""Markdown tables: found in a text, read as series of figures, and measured. Pure; knows nothing of cards."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, stdev

# Longer ones are no tables and no numbers, and would cost the patterns time in their square.
_LONGEST_LINE, _LONGEST_NUMBER = 2_000, 40

_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CELL_END = re.compile(r"(?<!\\)\|")
_NUMBER = re.compile(r"^[^\d+\-−.]{0,4}([+\-−]?\d[\d,\u00a0 ]*(?:\.\d+)?|[+\-−]?\.\d+)\s*[^\d\s]{0,4}$")
_PERIOD = re.compile(r"\d|^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|q[1-4])", re.IGNORECASE)


@dataclass(frozen=True)
class Series:
    """Figures under one name, in the table's order, each with the label of its row."""

    name: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """A Markdown table."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def series(self) -> list[Series]:
        """Its figures: one series per column, per row when the columns are periods, or per value of a text column that repeats."""
        if len(self.headers) < 2:
            return []
        if all(_PERIOD.search(header) for header in self.headers[1:]) and not _are_periods(self._column(0)):
            return [_series(row[0], self.headers[1:], row[1:]) for row in self.rows if _numbers(row[1:])]
        group = self._grouping()
        if group is not None:
            return self._long(group)
        labels = self._column(0)
        columns = [(header, self._column(place)) for place, header in enumerate(self.headers) if place]
        return [_series(header, labels, cells) for header, cells in columns if _numbers(cells)]

    def series_names(self) -> list[str]:
        """The names of its series."""
        return [series.name for series in self.series()]

    def _column(self, place: int) -> tuple[str, ...]:
        return tuple(row[place] for row in self.rows)

    def _grouping(self) -> int | None:
        """The column whose repeated words name the series, when there is one column of figures only."""
        figures = [place for place in range(len(self.headers)) if place and _numbers(self._column(place))]
        texts = [place for place in range(len(self.headers)) if place not in figures and not _are_periods(self._column(place))]
        repeated = [place for place in texts if len(set(self._column(place))) < len(self.rows)]
        return repeated[0] if len(figures) == 1 and repeated else None

    def _long(self, group: int) -> list[Series]:
        figure = next(place for place in range(len(self.headers)) if place not in (0, group) and _numbers(self._column(place)))
        label = next((place for place in range(len(self.headers)) if place not in (group, figure)), group)
        names = dict.fromkeys(self._column(group))
        chosen = {name: [row for row in self.rows if row[group] == name] for name in names}
        found = [_series(name, [row[label] for row in rows], [row[figure] for row in rows]) for name, rows in chosen.items()]
        return [each for each in found if each.values]


@dataclass(frozen=True)
class Measures:
    """What a series amounts to. Percentages are of the value before; None where there are too few values or one is not above zero."""

    count: int
    change_percent: float | None
    mean: float
    volatility_percent: float | None
    """Sample standard deviation of the returns from each value to the next."""
    drawdown_percent: float | None
    """The deepest fall from a peak before it, as a negative number or zero."""
    low: int
    high: int
    """Places of the lowest and highest value."""


def find_tables(text: str) -> list[Table]:
    """The tables in a Markdown text; rows are cut or filled up to the header's length."""
    lines = text.splitlines()
    tables, place = [], 1
    while place < len(lines):
        headers = _headers(lines[place - 1], lines[place])
        if headers:
            tables.append(Table(headers, tuple(_rows(lines[place + 1 :], len(headers)))))
            # A line belongs to one table: 15,000 characters of rules alone would take 11 s and 1 GB otherwise.
            place += len(tables[-1].rows) + 1
        place += 1
    return tables


def measure(series: Series) -> Measures:
    """The figures of a series that holds at least one value."""
    values = series.values
    is_priced = min(values) > 0
    returns = [(after / before - 1) * 100 for before, after in pairwise(values)] if is_priced else []
    return Measures(
        count=len(values),
        change_percent=(values[-1] / values[0] - 1) * 100 if returns else None,
        mean=fmean(values),
        volatility_percent=stdev(returns) if len(returns) > 1 else None,
        drawdown_percent=_drawdown(values) if returns else None,
        low=values.index(min(values)),
        high=values.index(max(values)),
    )


def read_number(cell: str) -> float | None:
    """`1,234.50`, `$12`, `−3 %` as a number; None for anything else."""
    match = _NUMBER.match(cell.strip()) if len(cell) <= _LONGEST_NUMBER else None
    if match is None:
        return None
    return float(re.sub(r"[,\u00a0 ]", "", match[1]).replace("−", "-"))


def _drawdown(values: Sequence[float]) -> float:
    peak, deepest = values[0], 0.0
    for value in values:
        peak = max(peak, value)
        deepest = min(deepest, (value / peak - 1) * 100)
    return deepest


def _headers(line: str, rule: str) -> tuple[str, ...]:
    """The headers of a table that begins with these two lines; none where that is no table."""
    if "|" not in line or len(rule) > _LONGEST_LINE or not _RULE.match(rule):
        return ()
    headers = _cells(line)
    return headers if len(_cells(rule)) == len(headers) else ()


def _rows(lines: Sequence[str], width: int) -> Iterator[tuple[str, ...]]:
    for line in lines:
        if "|" not in line:
            return
        cells = _cells(line)
        yield (*cells, *[""] * width)[:width]


def _cells(line: str) -> tuple[str, ...]:
    bare = line.strip().removeprefix("|")
    cells = [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(bare)]
    return tuple(cells[:-1] if len(cells) > 1 and not cells[-1] else cells)


def _series(name: str, labels: Sequence[str], cells: Sequence[str]) -> Series:
    pairs = [(label, number) for label, cell in zip(labels, cells, strict=False) if (number := read_number(cell)) is not None]
    return Series(_plain(name), tuple(_plain(label) for label, _ in pairs), tuple(number for _, number in pairs))


def _plain(cell: str) -> str:
    return re.sub(r"[*_`]+", "", cell).strip()


def _numbers(cells: Sequence[str]) -> bool:
    """Whether the filled cells are figures, two at least."""
    filled = [cell for cell in cells if cell]
    return len(filled) > 1 and all(read_number(cell) is not None for cell in filled)


def _are_periods(cells: Sequence[str]) -> bool:
    return all(_PERIOD.search(cell) for cell in cells if cell)
