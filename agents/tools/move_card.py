"""The tool that moves a card."""

import json
from typing import Annotated, Literal

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import OnCard, Scene, access_scene, answer, card_subject, find_card, find_column, on_board
from agents.tools.writing import perform_for, short_now
from boards.commands import MOVE_CARD
from boards.models import Card
from boards.payloads import MoveCard
from project.realtime.models import Event


class Arguments(OnCard):
    column: Annotated[str, Field(description="A column's name.")]
    place: Literal["top", "bottom"] = "bottom"


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    card = find_card(context, scene, arguments.number)
    column = find_column(scene, arguments.column)
    where = {"after": None} if arguments.place == "top" else {"before": None}
    perform_for(context, MOVE_CARD, MoveCard(card=card.id, column=column.id, **where), scene)
    data = {"card": short_now(context, scene, card.number), "from_column": _came_from(context, scene, card)}
    return answer(data, f"Moved #{card.number} {card.title} to {column.name}")


def _came_from(context: ToolContext, scene: Scene, card: Card) -> str:
    """The column that this call has moved the card from, a repeat of it too; where it stood already, the one it is in."""
    moved = Event.objects.filter(stream_id=scene.board.id, subject=card.id, ref=context.call_id).first()
    origin = json.loads(moved.text)["data"]["from_column"] if moved else str(card.column_id)
    return next((column.name for column in scene.columns if str(column.id) == origin), "a deleted column")


TOOL = Tool(
    name="move_card",
    title="Move a card",
    description="Moves a card to the top or bottom of a column. Without a number: the card of this work session.",
    arguments=Arguments,
    tool_class="idempotent",
    class_of_call=on_board("idempotent"),
    run=_run,
    subject=card_subject,
)
