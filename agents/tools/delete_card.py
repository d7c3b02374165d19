"""The tool that deletes a card. Unsafe: it asks first, and is bound to the title that was shown."""

from typing import Annotated

from pydantic import Field

from agents.tools.base import Tool, ToolClass, ToolContext, ToolResult
from agents.tools.lookup import CardNumber, OnCard, access_scene, answer, card_subject, find_card
from agents.tools.writing import perform_for
from boards.commands import DELETE_CARD
from boards.payloads import CardCommand
from project.errors import Conflict, Invalid


class Arguments(OnCard):
    number: CardNumber
    title: Annotated[str, Field(description="The card's title as you know it. A card called otherwise is not deleted.")] | None = None


def _class_of(context: ToolContext, arguments: Arguments) -> ToolClass:
    """Unsafe, but for what is refused before anybody is asked."""
    return "read" if _is_nameless(context, arguments) else "unsafe"


def _is_nameless(context: ToolContext, arguments: Arguments) -> bool:
    """Whether nobody could see what is to be deleted: titles of another board aren't told to the room."""
    return arguments.title is None and context.board_id is not None and arguments.reaches_beyond(context)


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    if _is_nameless(context, arguments):
        raise Invalid("Say what the card is called: people would see nothing but its number.")
    scene = access_scene(context, arguments.board)
    card = find_card(context, scene, arguments.number)
    if arguments.title is not None and arguments.title.strip() != card.title:
        raise Conflict(f"#{card.number} is called “{card.title}” now, so it was not deleted.")
    perform_for(context, DELETE_CARD, CardCommand(card=card.id), scene)
    data = {"number": card.number, "title": card.title, "column": card.column.name}
    return answer(data, f"Deleted #{card.number} {card.title}")


TOOL = Tool(
    name="delete_card",
    title="Delete a card",
    description="Deletes a card and its comments for good. People are asked first.",
    arguments=Arguments,
    tool_class="unsafe",
    class_of_call=_class_of,
    run=_run,
    subject=card_subject,
)
