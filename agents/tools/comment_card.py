"""The tool that comments on a card."""

from typing import Annotated

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import OnCard, access_scene, answer, card_subject, find_card, on_board
from agents.tools.writing import perform_for
from boards.commands import COMMENT_CARD
from boards.payloads import CommentCard
from project.wire import Said


class Arguments(OnCard):
    content: Annotated[Said, Field(description="Markdown.")]


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    card = find_card(context, scene, arguments.number)
    comment = perform_for(context, COMMENT_CARD, CommentCard(card=card.id, content=arguments.content), scene)["comment"]
    return answer({"card": scene.short(card), "comment": comment["id"]}, f"Commented on #{card.number} {card.title}")


TOOL = Tool(
    name="comment_card",
    title="Comment on a card",
    description="Adds a comment to a card. Without a number: to the card of this work session.",
    arguments=Arguments,
    tool_class="idempotent",
    class_of_call=on_board("idempotent"),
    run=_run,
    subject=card_subject,
)
