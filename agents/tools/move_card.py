"""The tool that moves a card."""

from typing import Annotated, Literal

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import OnCard, access_scene, answer, card_subject, find_card, find_column, on_board
from agents.tools.writing import perform_for, short_now
from boards.commands import MOVE_CARD
from boards.payloads import MoveCard


class Arguments(OnCard):
    column: Annotated[str, Field(description="A column's name.")]
    place: Literal["top", "bottom"] = "bottom"


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    card = find_card(context, scene, arguments.number)
    column = find_column(scene, arguments.column)
    from_column = card.column.name
    where = {"after": None} if arguments.place == "top" else {"before": None}
    perform_for(context, MOVE_CARD, MoveCard(card=card.id, column=column.id, **where), scene)
    data = {"card": short_now(context, scene, card.number), "from_column": from_column}
    return answer(data, f"Moved #{card.number} {card.title} to {column.name}")


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
