"""The tool that reads one card whole."""

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.history import WORDS, tell
from agents.tools.lookup import OnCard, Scene, access_scene, answer, card_subject, counted, find_card, minute, on_board
from boards.models import Card
from boards.selectors import list_activity, list_comments

_COMMENTS = 20
_EVENTS = 20
_LONGEST_TEXT = 4_000
_LONGEST_COMMENT = 1_000


class Arguments(OnCard):
    """Which card."""


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    scene = access_scene(context, arguments.board)
    card = find_card(context, scene, arguments.number)
    data = {"today": scene.today.isoformat(), "card": _whole(scene, card), "comments": _comments(card), "history": _history(scene, card)}
    return answer(data, f"#{card.number} {card.title}, {counted(card.comment_count, 'comment')}")


def _whole(scene: Scene, card: Card) -> dict[str, object]:
    return scene.short(card) | {
        "description": card.description[:_LONGEST_TEXT],
        "checklist": [{"text": item["text"], "done": item["done"]} for item in card.checklist],
        "comment_count": card.comment_count,
        "is_archived": card.archived,
        "created": minute(card.created),
        "updated": minute(card.updated),
        "updated_by": card.updated_by.username,
    }


def _comments(card: Card) -> list[dict[str, object]]:
    """The newest comments, oldest of them first."""
    newest = list(list_comments(card.id).order_by("-created", "-id")[:_COMMENTS])
    return [
        {"author": comment.author.username, "at": minute(comment.created), "content": comment.content[:_LONGEST_COMMENT]}
        for comment in reversed(newest)
    ]


def _history(scene: Scene, card: Card) -> list[dict[str, object]]:
    """What happened to the card, the newest first."""
    return tell(scene, list_activity(card).filter(type__in=WORDS).select_related("actor").order_by("-seq")[:_EVENTS])


TOOL = Tool(
    name="read_card",
    title="Read a card",
    description="One card with description, checklist, newest comments and history. Without a number: the card of this work session.",
    arguments=Arguments,
    tool_class="read",
    class_of_call=on_board("read"),
    run=_run,
    subject=card_subject,
)
