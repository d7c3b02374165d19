"""The tool that creates a card."""

from datetime import date
from typing import Annotated

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import OnBoard, access_scene, answer, find_column, find_person, on_board
from agents.tools.writing import perform_for, short_now
from boards.commands import CREATE_CARD
from boards.payloads import CreateCard, Labels
from project.errors import Conflict
from project.wire import Text, Title


class Arguments(OnBoard):
    title: Title
    column: Annotated[str, Field(description="A column's name; without it the first column.")] | None = None
    description: Annotated[Text, Field(description="Markdown.")] | None = None
    assignee: Annotated[str, Field(description="A user name, or me for whoever asks.")] | None = None
    labels: Labels | None = None
    due: date | None = None


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    if not scene.columns:
        raise Conflict("This board has no columns. Add one first.")
    column = find_column(scene, arguments.column) if arguments.column else scene.columns[0]
    assignee = find_person(context, scene, arguments.assignee).id if arguments.assignee else None
    payload = CreateCard(
        column=column.id,
        title=arguments.title,
        description=arguments.description,
        assignee=assignee,
        labels=arguments.labels,
        due=arguments.due,
    )
    card = perform_for(context, CREATE_CARD, payload, scene)["card"]
    return answer({"card": short_now(context, scene, card["number"])}, f"Created #{card['number']} {card['title']} in {column.name}")


TOOL = Tool(
    name="create_card",
    title="Create a card",
    description="Creates a card at the end of a column.",
    arguments=Arguments,
    tool_class="idempotent",
    class_of_call=on_board("idempotent"),
    run=_run,
)
