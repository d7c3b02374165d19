"""What the board says to a question asked while a run is under way: read beside the run, which neither waits for it nor hears of it."""

from collections.abc import Mapping
from typing import Any

from agents.llm.port import ModelMessage, ToolCallDelta, ToolSpec
from agents.llm.rules.asking import make_asker
from agents.llm.rules.clarifier import board_questions
from agents.llm.rules.executor import do
from agents.llm.rules.sections import Result
from agents.llm.rules.undone import is_undone
from agents.models import Run
from agents.staff import grant_of
from agents.tools.base import Tool, ToolContext
from agents.tools.registry import get_tools
from agents.workflows.toolbox import READ_CHARS, error_text
from project.accounts.models import User
from project.errors import AppError
from project.gate import validate
from project.ids import new_id

_TOOLS = ("board_overview", "search_cards", "read_card", "board_activity", "calculator", "date_arithmetic")
_MOST_ROUNDS = 4


def look_up(run: Run, question: str, asker: User) -> str:
    """The answer in Markdown, read with the rights of who asks; empty where it is no question for the board, or can't be read."""
    session = run.session
    questions = board_questions(question) if session.board else []
    if not questions:
        return ""
    context = ToolContext(
        actor=run.agent,
        principal=asker,
        board_id=session.board_id,
        card_id=session.card_id,
        session_id=session.id,
        call_id=new_id(),
        board_name=session.board.name if session.board else "",
    )
    granted = grant_of(run.agent).tools
    tools = get_tools([name for name in _TOOLS if granted is None or name in granted])
    offered = [ToolSpec(name, tool.description, {}) for name, tool in tools.items()]
    said: list[ModelMessage] = []
    for _ in range(_MOST_ROUNDS):
        work = do(make_asker(said, said, offered), questions)
        if not work.calls:
            return "" if is_undone(Result("", work.text)) else work.text
        said.append(ModelMessage("assistant", "", tuple(work.calls)))
        said += [ModelMessage("tool", _read(tools, context, call), tool_call_id=call.id) for call in work.calls]
    return ""


def _read(tools: Mapping[str, Tool[Any]], context: ToolContext, call: ToolCallDelta) -> str:
    """What the tool returns on the session's own board; another one would have to be asked for."""
    tool = tools[call.name]
    try:
        return tool.run(context, validate(tool.arguments, dict(call.arguments))).result[:READ_CHARS]
    except AppError as error:
        return error_text({"code": error.code, "message": error.message})
