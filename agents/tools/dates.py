"""Days as models name them, and the tool that calculates with them."""

import calendar
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import answer, counted
from project.clock import db_now
from project.errors import Invalid
from project.wire import Payload

_WORDS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_Shift = Annotated[int, Field(ge=-9999, le=9999)]


class Arguments(Payload):
    start: Annotated[str, Field(description="YYYY-MM-DD, today, tomorrow or yesterday.")] = "today"
    end: Annotated[str, Field(description="With it: the days from start to end.")] | None = None
    days: _Shift = 0
    weeks: _Shift = 0
    months: _Shift = 0


def read_day(text: str, today: date) -> date:
    """The day `text` names; Invalid says what is taken."""
    word = text.strip().lower()
    try:
        return today + timedelta(days=_WORDS[word]) if word in _WORDS else date.fromisoformat(word)
    except ValueError as error:
        raise Invalid(f"“{text}” is no day. Write YYYY-MM-DD, today, tomorrow or yesterday.") from error


def add_months(day: date, months: int) -> date:
    """The same day that many months on, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    del context
    today = db_now().date()
    start = read_day(arguments.start, today)
    try:
        result = add_months(start, arguments.months) + timedelta(days=arguments.days, weeks=arguments.weeks)
    except (ValueError, OverflowError) as error:
        raise Invalid("That is beyond the calendar.") from error
    data: dict[str, object] = {"today": today.isoformat(), "start": start.isoformat()}
    if arguments.end is None:
        data |= {"date": result.isoformat(), "weekday": f"{result:%A}"}
        return answer(data, f"{result.isoformat()}, a {result:%A}")
    end = read_day(arguments.end, today)
    data |= {"end": end.isoformat(), "days": (end - start).days, "weekday": f"{end:%A}"}
    return answer(data, counted((end - start).days, "day"))


TOOL = Tool(
    name="date_arithmetic",
    title="Calculate with dates",
    description="Adds days, weeks and months to a day, or counts the days between two.",
    arguments=Arguments,
    tool_class="read",
    run=_run,
)
