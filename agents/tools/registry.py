"""The table of tools. A new tool is one file in this folder, its import and its place here."""

from collections.abc import Collection, Mapping
from typing import Any

from agents.tools import (
    ask_human,
    board_activity,
    board_overview,
    calculator,
    comment_card,
    create_card,
    dates,
    delete_card,
    edit_checklist,
    fetch_url,
    measure,
    move_card,
    read_card,
    read_table,
    run_scenario,
    search_cards,
    search_sessions,
)
from agents.tools.base import Tool, ToolClass, ToolContext, ToolResult
from project.errors import NotFound

__all__ = ["Tool", "ToolClass", "ToolContext", "ToolResult", "get_tools"]

_TOOLS: tuple[Tool[Any], ...] = (
    board_overview.TOOL,
    search_cards.TOOL,
    read_card.TOOL,
    board_activity.TOOL,
    dates.TOOL,
    read_table.TOOL,
    calculator.TOOL,
    search_sessions.TOOL,
    fetch_url.TOOL,
    run_scenario.TOOL,
    measure.TOOL,
    create_card.TOOL,
    comment_card.TOOL,
    move_card.TOOL,
    edit_checklist.TOOL,
    delete_card.TOOL,
    ask_human.TOOL,
)


def get_tools(names: Collection[str] | None = None) -> Mapping[str, Tool[Any]]:
    """The tools of these names, or all of them, by name; NotFound names one that there is not."""
    tools = {tool.name: tool for tool in _TOOLS}
    if names is None:
        return tools
    unknown = sorted(set(names) - set(tools))
    if unknown:
        raise NotFound(f"There is no tool called {unknown[0]}.")
    return {name: tool for name, tool in tools.items() if name in names}
