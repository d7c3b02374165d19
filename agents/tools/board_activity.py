"""The tool that tells from the log what happened on a board."""

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.dates import read_day
from agents.tools.history import WORDS, tell
from agents.tools.lookup import OnBoard, Scene, access_scene, answer, counted, minute, on_board
from project.errors import Invalid
from project.realtime.models import Event


class Arguments(OnBoard):
    days: Annotated[int, Field(ge=1, le=366, description="How far back, today included.")] = 7
    since: Annotated[str, Field(description="First day, YYYY-MM-DD; replaces days.")] | None = None
    until: Annotated[str, Field(description="Last day, YYYY-MM-DD; without it: now.")] | None = None
    comments_only: bool = False
    limit: Annotated[int, Field(ge=1, le=50)] = 20


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    start, end = _range(scene, arguments)
    types = ["comment_added"] if arguments.comments_only else list(WORDS)
    events = Event.objects.filter(stream_id=scene.board.id, type__in=types, created__gte=start, created__lte=end)
    counts = Counter(events.order_by().values_list("type", flat=True))
    newest = events.select_related("actor").order_by("-seq")[: arguments.limit]
    data = {
        "since": minute(start),
        "until": minute(end),
        "count": sum(counts.values()),
        "counts": dict(sorted(counts.items())),
        "people": sorted(set(events.order_by().values_list("actor__username", flat=True).distinct()) - {None}),
        "events": tell(scene, newest),
    }
    return answer(data, f"{counted(sum(counts.values()), 'event')} since {start.date().isoformat()}")


def _range(scene: Scene, arguments: Arguments) -> tuple[datetime, datetime]:
    """From the first moment of the first day to the last of the last; Invalid when that is backwards."""
    zone = scene.now.tzinfo
    first = read_day(arguments.since, scene.today) if arguments.since else scene.today - timedelta(days=arguments.days - 1)
    last = read_day(arguments.until, scene.today) if arguments.until else None
    if last is not None and last < first:
        raise Invalid("The last day is before the first.")
    end = datetime.combine(last, time.max, zone) if last else scene.now
    return datetime.combine(first, time.min, zone), end


TOOL = Tool(
    name="board_activity",
    title="Read the board's log",
    description="What happened to the board's cards in a range of days: counts per kind of event, who took part, and the newest events.",
    arguments=Arguments,
    tool_class="read",
    class_of_call=on_board("read"),
    run=_run,
)
