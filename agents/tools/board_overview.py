"""The tool that looks at a whole board."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from agents.tools.base import Tool, ToolContext, ToolResult
from agents.tools.lookup import OnBoard, Scene, access_scene, answer, counted, on_board
from boards.models import Card
from boards.selectors import list_cards
from project.realtime.snapshot import read_snapshot

_SHOWN = 5
_SOON_DAYS = 7


class Arguments(OnBoard):
    """Nothing but which board."""


def _run(context: ToolContext, arguments: Arguments) -> ToolResult:
    with read_snapshot():
        scene = access_scene(context, arguments.board)
        cards = list(list_cards(scene.board.id).order_by("column__rank", "column_id", "rank", "id"))
    going = [card for card in cards if not scene.is_finished(card)]
    overdue = sorted((card for card in going if scene.is_overdue(card)), key=lambda card: (card.due, card.number))
    data = {
        "board": {"name": scene.board.name, "link": f"/boards/{scene.board.id}/"},
        "today": scene.today.isoformat(),
        "finished_column": scene.finished.name if scene.finished else None,
        "cards": len(cards),
        "open_cards": len(going),
        "columns": _columns(scene, cards),
        "overdue": _some(scene, overdue),
        "due_soon": _some(scene, _due_soon(scene, going)),
        "unassigned": _some(scene, [card for card in going if card.assignee_id is None]),
        "stuck": _some(scene, sorted(going, key=lambda card: (card.column_since, card.number))),
        "oldest": _some(scene, sorted(going, key=lambda card: (card.created, card.number))),
        "assignees": _assignees(scene, going),
    }
    return answer(data, f"{counted(len(cards), 'card')} in {counted(len(scene.columns), 'column')}, {len(overdue)} overdue")


def _some(scene: Scene, cards: Sequence[Card]) -> dict[str, object]:
    """How many, and the first few."""
    return {"count": len(cards), "cards": [scene.short(card) for card in cards[:_SHOWN]]}


def _columns(scene: Scene, cards: Sequence[Card]) -> list[dict[str, object]]:
    counts = Counter(card.column_id for card in cards)
    return [
        {
            "name": column.name,
            "cards": counts[column.id],
            "wip_limit": column.wip_limit,
            "is_full": column.wip_limit is not None and counts[column.id] >= column.wip_limit,
        }
        for column in scene.columns
    ]


def _due_soon(scene: Scene, cards: Sequence[Card]) -> list[Card]:
    last = scene.today + timedelta(days=_SOON_DAYS)
    soon = [card for card in cards if card.due is not None and scene.today <= card.due <= last]
    return sorted(soon, key=lambda card: (card.due, card.number))


def _assignees(scene: Scene, cards: Sequence[Card]) -> list[dict[str, object]]:
    """Open cards per person, the most first; nobody's are left out."""
    counts = Counter(card.assignee.username for card in cards if card.assignee)
    overdue = Counter(card.assignee.username for card in cards if card.assignee and scene.is_overdue(card))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"name": name, "cards": number, "overdue": overdue[name]} for name, number in ordered]


TOOL = Tool(
    name="board_overview",
    title="Look at the board",
    description=(
        "Counts per column with limits; overdue, due soon, unassigned, longest stuck and oldest open cards; open cards per assignee."
    ),
    arguments=Arguments,
    tool_class="read",
    class_of_call=on_board("read"),
    run=_run,
)
