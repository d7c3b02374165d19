"""The tool that adds, ticks, unticks and removes items of a checklist."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import OnCard, Scene, access_scene, answer, card_subject, counted, find_card, on_board
from agents.tools.writing import perform_for, was_done
from boards.commands import EDIT_CARD
from boards.models import Card
from boards.payloads import ChecklistItem, EditCard
from project.errors import NotFound, StaleVersion
from project.wire import Title

# Somebody may edit the card between reading it and writing it.
_TRIES = 3

Items = Annotated[list[Title], Field(max_length=100)]


class Arguments(OnCard):
    add: Items = []
    done: Annotated[Items, Field(description="Items to tick, by their text.")] = []
    open: Annotated[Items, Field(description="Items to untick.")] = []
    remove: Items = []


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    for tries_left in reversed(range(_TRIES)):
        scene = access_scene(context, arguments.board)
        card = find_card(context, scene, arguments.number)
        if was_done(context):
            return _answer(scene, card)
        checklist = _changed(card, arguments)
        try:
            perform_for(context, EDIT_CARD, EditCard(card=card.id, version=card.version, checklist=checklist), scene)
        except StaleVersion:
            if not tries_left:
                raise
            continue
        return _answer(scene, find_card(context, scene, card.number))
    raise AssertionError("unreachable: the last try returns or raises")


def _changed(card: Card, arguments: Arguments) -> list[ChecklistItem]:
    """The checklist with the changes made; NotFound names an item that isn't there."""
    items = [dict(item) for item in card.checklist]
    for item in _named(card, items, arguments.done):
        item["done"] = True
    for item in _named(card, items, arguments.open):
        item["done"] = False
    gone = [item["id"] for item in _named(card, items, arguments.remove)]
    kept = [ChecklistItem(id=UUID(item["id"]), text=item["text"], done=item["done"]) for item in items if item["id"] not in gone]
    return kept + [ChecklistItem(text=text) for text in arguments.add]


def _named(card: Card, items: Sequence[dict[str, Any]], texts: Sequence[str]) -> Iterable[dict[str, Any]]:
    for text in texts:
        found = next((item for item in items if item["text"].casefold() == text.casefold()), None)
        if found is None:
            raise NotFound(f"There is no item “{text}” on the checklist of #{card.number}.")
        yield found


def _answer(scene: Scene, card: Card) -> ToolResult:
    checklist = [{"text": item["text"], "done": item["done"]} for item in card.checklist]
    done = sum(item["done"] for item in card.checklist)
    return answer(
        {"card": scene.short(card), "checklist": checklist}, f"{done} of {counted(len(checklist), 'item')} done on #{card.number}"
    )


TOOL = Tool(
    name="edit_checklist",
    title="Edit a checklist",
    description="Adds, ticks, unticks and removes checklist items by their text. Without a number: on the card of this work session.",
    arguments=Arguments,
    tool_class="idempotent",
    class_of_call=on_board("idempotent"),
    run=_run,
    subject=card_subject,
)
