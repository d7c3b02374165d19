"""How a tool changes a board: one command in the agent's name, with the rights of whom it works for, under the id of the call."""

from typing import Any, TypeVar

from agents.tools.base import ToolContext
from agents.tools.lookup import Scene, access_scene, check_approval
from boards.models import Card
from project.realtime.commands import CommandSpec, Reply, perform
from project.realtime.models import Command
from project.wire import Payload

P = TypeVar("P", bound=Payload)


def perform_for(context: ToolContext, spec: CommandSpec[P], payload: P, scene: Scene) -> Reply:
    """The command's reply; a repeat of the call gets the stored one. Forbidden on another board than the session's, unless approved."""
    scope = scene.board.id
    if scope != context.board_id:
        check_approval(context)
    return perform(spec, actor=context.actor, acts_for=context.principal, payload=payload, scope=scope, command_id=context.call_id)


def was_done(context: ToolContext) -> bool:
    """Whether this call has changed the board already, for tools whose command is made from what the change would change."""
    return Command.objects.filter(user=context.actor, ref=context.call_id).exists()


def short_now(context: ToolContext, before: Scene, number: int) -> dict[str, Any]:
    """The short form of a card as it is after a change."""
    scene = access_scene(context, str(before.board.id))
    card = Card.objects.select_related("column", "assignee").get(board=scene.board, number=number)
    return scene.short(card)
