"""Plots of measurings as SVG files: over the rounds, over time, and how the times are spread. Readable on light and dark ground."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 40, 44
_INK, _GRID = "#6b7280", "#9ca3af"
COLOURS = ("#b45309", "#2563eb", "#059669", "#7c3aed")

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One series: its name, and its points in the chart's own units. `is_dots`: single points, not joined."""

    name: str
    points: Sequence[Point]
    is_dots: bool = False


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, in powers of ten where `is_log`; `is_whole`: nothing is between two whole numbers."""

    label: str
    low: float
    high: float
    is_log: bool = False
    is_whole: bool = False

    def share(self, value: float) -> float:
        """Where a value is, from 0 at the beginning to 1 at the end."""
        if not self.is_log:
            return (value - self.low) / ((self.high - self.low) or 1)
        value = max(value, self.low)
        return (math.log10(value) - math.log10(self.low)) / ((math.log10(self.high) - math.log10(self.low)) or 1)

    def ticks(self) -> list[float]:
        """Round values to write at the axis."""
        if self.is_log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            return [10.0**power for power in powers if self.low <= 10.0**power <= self.high]
        step = max(_step((self.high - self.low) / 5), 1 if self.is_whole else 0)
        first = math.ceil(self.low / step)
        return [round(step * number, 10) for number in range(first, math.floor(self.high / step) + 1)]


@dataclass(frozen=True)
class Chart:
    """A plot. `limit` is drawn dashed across it."""

    title: str
    x: Axis
    y: Axis
    lines: Sequence[Line]
    limit: float | None = None
    limit_name: str = ""

    def to_svg(self) -> str:
        """The file's text."""
        body = "\n".join([*self._frame(), *self._limit(), *self._series()])
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="11">'
        return f"{head}\n<title>{escape(self.title)}</title>\n{body}\n</svg>\n"

    def _frame(self) -> Iterator[str]:
        yield _text(_LEFT, 16, self.title, size=13)
        for value in self.y.ticks():
            y = self._y(value)
            yield f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GRID}" stroke-opacity="0.35"/>'
            yield _text(_LEFT - 6, y + 4, _short(value), anchor="end")
        for value in self.x.ticks():
            yield _text(self._x(value), HEIGHT - _BOTTOM + 16, _short(value), anchor="middle")
        yield _text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 8, self.x.label, anchor="middle")
        yield _text(_LEFT, _TOP - 8, self.y.label)

    def _limit(self) -> Iterator[str]:
        if self.limit is not None:
            y = self._y(self.limit)
            yield f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dc2626" stroke-dasharray="6 4"/>'
            yield _text(WIDTH - _RIGHT, y - 4, self.limit_name, anchor="end", colour="#dc2626")

    def _series(self) -> Iterator[str]:
        for number, line in enumerate(self.lines):
            colour = COLOURS[number % len(COLOURS)]
            places = [(self._x(x), self._y(y)) for x, y in line.points]
            if line.is_dots:
                yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}" fill-opacity="0.7"/>' for x, y in places)
            else:
                joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
                yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>'
                yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places if len(places) <= 20)
            yield _text(WIDTH - _RIGHT, 16 + 14 * number, f"● {line.name}", anchor="end", colour=colour)

    def _x(self, value: float) -> float:
        return _LEFT + self.x.share(value) * (WIDTH - _LEFT - _RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - self.y.share(value) * (HEIGHT - _TOP - _BOTTOM)


def spread(values: Sequence[float]) -> list[Point]:
    """Which share (in percent) of the values is at most so large: at most 200 points."""
    order = sorted(values)
    step = max(1, len(order) // 200)
    return [(order[place], 100 * (place + 1) / len(order)) for place in range(0, len(order), step)] + (
        [(order[-1], 100.0)] if order else []
    )


def span(label: str, values: Sequence[float], *, is_log: bool = False) -> Axis:
    """An axis that holds all these values."""
    high = max(values, default=1.0) or 1.0
    if not is_log:
        return Axis(label, 0, high * 1.08)
    low = max(min((value for value in values if value > 0), default=0.1), 0.01)
    return Axis(label, 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(max(high, low * 10))), is_log=True)


def _step(rough: float) -> float:
    """The round number nearest above: 1, 2 or 5 times a power of ten."""
    power: float = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 11, colour: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{escape(text)}</text>'
