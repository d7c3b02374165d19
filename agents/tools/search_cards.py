"""The tool that finds cards."""

from datetime import timedelta
from typing import Annotated, Literal

from django.db.models import F, QuerySet
from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import OnBoard, Scene, access_scene, answer, counted, find_column, find_person, on_board
from boards.models import Card
from boards.selectors import CARD_ORDER, CardFilter, list_cards

_ORDERS = {
    "board": CARD_ORDER,
    "due": (F("due").asc(nulls_last=True), "number"),
    "longest_in_column": ("column_since", "number"),
    "oldest": ("created", "number"),
}


class Arguments(OnBoard):
    """All that is given must hold."""

    text: Annotated[str, Field(max_length=300, description="Words in title or description.")] | None = None
    column: Annotated[str, Field(description="A column's name.")] | None = None
    assignee: Annotated[str, Field(description="A user name, or me for whoever asks.")] | None = None
    label: str | None = None
    overdue: Annotated[bool, Field(description="Only cards whose day has passed and that aren't finished.")] = False
    unassigned: Annotated[bool, Field(description="Only cards of nobody.")] = False
    is_open: Annotated[bool, Field(description="Leave out the cards of the last column, which are finished.")] = False
    due_within_days: Annotated[int, Field(ge=0, le=3650, description="Due between today and this many days ahead.")] | None = None
    order: Literal["board", "due", "longest_in_column", "oldest"] = "board"
    limit: Annotated[int, Field(ge=1, le=50)] = 20


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    found = _select(context, scene, arguments)
    total = found.count()
    cards = found.order_by(*_ORDERS[arguments.order])[: arguments.limit]
    data = {"count": total, "today": scene.today.isoformat(), "cards": [scene.short(card) for card in cards]}
    return answer(data, counted(total, "card"))


def _select(context: ToolContext, scene: Scene, arguments: Arguments) -> QuerySet[Card]:
    only = CardFilter(
        column=find_column(scene, arguments.column).id if arguments.column else None,
        assignee=find_person(context, scene, arguments.assignee).id if arguments.assignee else None,
        label=arguments.label,
        due_before=scene.today if arguments.overdue else None,
        text=arguments.text,
    )
    cards = list_cards(scene.board.id, only)
    if (arguments.overdue or arguments.is_open) and scene.finished:
        cards = cards.exclude(column_id=scene.finished.id)
    if arguments.unassigned:
        cards = cards.filter(assignee__isnull=True)
    if arguments.due_within_days is not None:
        cards = cards.filter(due__gte=scene.today, due__lte=scene.today + timedelta(days=arguments.due_within_days))
    return cards


TOOL = Tool(
    name="search_cards",
    title="Search cards",
    description="Finds unarchived cards by text, column, assignee, label and due date, or those that are overdue or unassigned.",
    arguments=Arguments,
    tool_class="read",
    class_of_call=on_board("read"),
    run=_run,
)
