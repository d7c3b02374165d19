"""The table of tools. A new tool is one file in this folder and one line here."""

from collections.abc import Collection, Mapping
from typing import Any

from agents.tools.base import Tool, ToolClass, ToolContext, ToolResult
from project.errors import NotFound

__all__ = ["Tool", "ToolClass", "ToolContext", "ToolResult", "get_tools"]

_TOOLS: tuple[Tool[Any], ...] = ()


def get_tools(names: Collection[str] | None = None) -> Mapping[str, Tool[Any]]:
    """The tools of these names, or all of them, by name; NotFound names one that there is not."""
    tools = {tool.name: tool for tool in _TOOLS}
    if names is None:
        return tools
    unknown = sorted(set(names) - set(tools))
    if unknown:
        raise NotFound(f"There is no tool called {unknown[0]}.")
    return {name: tool for name, tool in tools.items() if name in names}
