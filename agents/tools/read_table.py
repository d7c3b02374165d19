"""The tool that reads the figures of a Markdown table on a card."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from django.db.models import Q
from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import CardNumber, OnBoard, Scene, access_scene, answer, counted, find_card, on_board
from agents.tools.tables import Series, find_tables, measure
from boards.models import Card
from boards.selectors import CARD_ORDER, list_cards
from project.errors import NotFound

_MOST_CARDS = 200


class Arguments(OnBoard):
    number: CardNumber | None = None
    """Without it: the work session's card if it has a fitting table, else the first card of the board that has."""
    names: Annotated[list[str], Field(max_length=20, description="Columns or companies to read; without it all.")] | None = None


@dataclass(frozen=True)
class _Found:
    card: Card
    series: Sequence[Series]


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    found = _find(context, scene, arguments)
    data = {
        "card": {"number": found.card.number, "title": found.card.title, "link": scene.link(found.card)},
        "is_sample": "sample" in f"{found.card.title} {found.card.description}".casefold(),
        "series": [_describe(series) for series in found.series],
    }
    names = ", ".join(series.name for series in found.series)
    return answer(data, f"{names}: {counted(max(len(series.values) for series in found.series), 'value')}, from #{found.card.number}")


def _find(context: ToolContext, scene: Scene, arguments: Arguments) -> _Found:
    """The first card whose table has all the names asked for; NotFound says what is missing."""
    for card in _candidates(context, scene, arguments.number):
        series = _choose(card, arguments.names)
        if series:
            return _Found(card, series)
    where = f"card #{arguments.number}" if arguments.number else "this board"
    wanted = " with figures for " + ", ".join(f"“{name}”" for name in arguments.names) if arguments.names else " of figures"
    raise NotFound(f"There is no table{wanted} on {where}.")


def _candidates(context: ToolContext, scene: Scene, number: int | None) -> Iterable[Card]:
    if number is not None:
        yield find_card(context, scene, number)
        return
    if context.card_id is not None:
        yield find_card(context, scene, None)
    yield from (
        list_cards(scene.board.id).filter(Q(description__contains="|") & Q(description__contains="--")).order_by(*CARD_ORDER)[:_MOST_CARDS]
    )


def _choose(card: Card, names: Sequence[str] | None) -> list[Series]:
    series = [each for table in find_tables(card.description) for each in table.series()]
    if not names:
        return series
    by_name = {each.name.casefold(): each for each in reversed(series)}
    chosen = [by_name.get(name.strip().casefold()) for name in names]
    return [each for each in chosen if each] if all(chosen) else []


def _describe(series: Series) -> dict[str, object]:
    measures = measure(series)
    return {
        "name": series.name,
        "count": measures.count,
        "first": _point(series, 0),
        "last": _point(series, -1),
        "change_percent": _rounded(measures.change_percent),
        "mean": _rounded(measures.mean),
        "volatility_percent": _rounded(measures.volatility_percent),
        "max_drawdown_percent": _rounded(measures.drawdown_percent),
        "min": _point(series, measures.low),
        "max": _point(series, measures.high),
    }


def _point(series: Series, place: int) -> dict[str, object]:
    return {"at": series.labels[place], "value": series.values[place]}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


TOOL = Tool(
    name="read_table",
    title="Read a table",
    description=(
        "Figures of a Markdown table on a card, per column or company: first, last, lowest and highest value, change, mean, "
        "volatility (sample standard deviation of the returns from row to row) and deepest fall from a peak."
    ),
    arguments=Arguments,
    tool_class="read",
    class_of_call=on_board("read"),
    run=_run,
)
