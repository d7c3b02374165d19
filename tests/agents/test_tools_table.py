"""Tables in Markdown, and the figures of their series, checked against numbers worked out by hand."""

import time

import pytest

from agents.tools.tables import Series, find_tables, measure, read_number

WIDE = """Monthly closing prices.

| Month | Apple | Google |
|---|---:|:--|
| 2026-05 | 100 | $50 |
| 2026-06 | 110 | 40.5 |
| 2026-07 | 99 | |

More text | with a bar.
"""
LONG = """Company | Month | Price
--- | --- | ---
Apple | Jan | 1
Apple | Feb | 2
Google | Jan | 3
Google | Feb | 4"""
PERIODS_ACROSS = """| Company | Jan | Feb |
|--|--|--|
| Apple | 1 | 2 |
| Google | 3 | 1 |"""


def series_of(text: str) -> dict[str, tuple[tuple[str, ...], tuple[float, ...]]]:
    return {each.name: (each.labels, each.values) for table in find_tables(text) for each in table.series()}


def test_columns_of_figures_are_series_and_empty_cells_are_left_out() -> None:
    assert series_of(WIDE) == {
        "Apple": (("2026-05", "2026-06", "2026-07"), (100.0, 110.0, 99.0)),
        "Google": (("2026-05", "2026-06"), (50.0, 40.5)),
    }


def test_repeated_names_in_a_column_are_series() -> None:
    assert series_of(LONG) == {"Apple": (("Jan", "Feb"), (1.0, 2.0)), "Google": (("Jan", "Feb"), (3.0, 4.0))}


def test_name_without_a_figure_is_no_series() -> None:
    assert list(series_of(f"{LONG}\nTesla | Jan | \nTesla | Feb | ")) == ["Apple", "Google"]


def test_rows_are_series_where_the_columns_are_periods() -> None:
    assert series_of(PERIODS_ACROSS) == {"Apple": (("Jan", "Feb"), (1.0, 2.0)), "Google": (("Jan", "Feb"), (3.0, 1.0))}


def test_measures_are_those_worked_out_by_hand() -> None:
    # Returns +10 % and −10 %: mean 0, sample standard deviation √((10² + 10²) / 1) = 14.1421…; from the peak of 110 down to 99 is −10 %.
    measures = measure(Series("Apple", ("a", "b", "c"), (100.0, 110.0, 99.0)))
    assert measures.count == 3
    assert measures.change_percent == pytest.approx(-1.0)
    assert measures.mean == pytest.approx(103.0)
    assert measures.volatility_percent == pytest.approx(14.142136, abs=1e-6)
    assert measures.drawdown_percent == pytest.approx(-10.0)
    assert (measures.low, measures.high) == (2, 1)


@pytest.mark.parametrize("values", [(5.0,), (5.0, 0.0, 3.0), (-1.0, -2.0)])
def test_percentages_need_two_values_above_zero(values: tuple[float, ...]) -> None:
    measures = measure(Series("x", ("",) * len(values), values))
    assert (measures.change_percent, measures.volatility_percent, measures.drawdown_percent) == (None, None, None)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234.50", 1234.5), ("$12", 12.0), ("−3 %", -3.0), ("+.5", 0.5), ("1 234", 1234.0), ("USD 12", 12.0), (" 7 ", 7.0)],
)
def test_numbers_are_read_as_people_write_them(cell: str, number: float) -> None:
    assert read_number(cell) == number


@pytest.mark.parametrize("cell", ["", "abc", "2026-05", "12/11", "12 apples each", "9" * 50, "1.2.3"])
def test_other_text_is_no_number(cell: str) -> None:
    assert read_number(cell) is None


@pytest.mark.parametrize("text", ["", "| a | b |", "a | b\n--", "| a |\n|---|", "|\n|", "| a | b |\n|---|---|\n| x | y |"])
def test_text_without_figures_has_no_series(text: str) -> None:
    assert series_of(text) == {}


def test_rows_of_another_length_are_fitted() -> None:
    assert series_of("| M | A |\n|---|---|\n| 1 | 2 | 9 |\n| 2 | 3 |\n| 3 |") == {"A": (("1", "2"), (2.0, 3.0))}


def test_line_belongs_to_one_table() -> None:
    tables = find_tables("a | b\n- | -\n1 | 2\n- | -\n3 | 4\n\nc | d\n- | -\n5 | 6")
    assert [(table.headers, table.rows) for table in tables] == [
        (("a", "b"), (("1", "2"), ("-", "-"), ("3", "4"))),
        (("c", "d"), (("5", "6"),)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "|-\n" * 5_000,
        "a|b\n-|-\n\n" * 1_700,
        "-|" * 900 + "-\n" + "-|" * 900 + "-\n" + "1|2\n" * 3_000,
        "n|v|t\n-|-|-\n" + "".join(f"{n}|1|x{n}\n" for n in range(1_500)) + "0|1|x0",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    series_of(text)
    assert time.process_time() - began < 2
