"""Who may approve what reaches beyond the session: a call, only the person whose rights it takes; a patch, who may use its workspace."""

from collections.abc import Mapping

from agents.models import Request
from agents.tools.base import ToolContext
from agents.tools.lookup import Reaching
from agents.tools.registry import get_tools
from agents.workspaces import list_workspaces
from project.accounts.models import User
from project.errors import Forbidden, Invalid
from project.gate import validate

PATCH_PREFIX = "patch/"
"""What the keys of requests begin with that ask whether a patch may be tried (agents/workflows/optimise/patch.py)."""


def check_approver(request: Request, user: User, edited: Mapping[str, object] | None) -> None:
    """Forbidden when this approval, with these edited arguments if any, would lend the starter's rights elsewhere to somebody else.

    The tool looks again when it runs; here the request stays open for whoever may answer it.
    """
    if request.kind != Request.Kind.APPROVAL or user.id == request.run.started_by_id:
        return
    if request.key.startswith(PATCH_PREFIX):
        _check_workspace(request, user)
    tool = get_tools().get(request.tool_name)
    if tool is None:
        return
    try:
        arguments = validate(tool.arguments, request.parameters if edited is None else edited)
    except Invalid:
        return
    if isinstance(arguments, Reaching) and arguments.reaches_beyond(_context_of(request)):
        name = request.run.started_by.username
        raise Forbidden(f"Only {name}, whose rights it takes, can allow reaching beyond this session's board.")


def _check_workspace(request: Request, user: User) -> None:
    name = (request.parameters or {}).get("workspace", "")
    if name not in {each.name for each in list_workspaces(user, request.session.board_id)}:
        raise Forbidden(f"Only who may use the workspace {name} can allow patches of it.")


def _context_of(request: Request) -> ToolContext:
    session, run = request.session, request.run
    return ToolContext(
        actor=run.agent,
        principal=run.started_by,
        board_id=session.board_id,
        card_id=session.card_id,
        session_id=session.id,
        call_id=request.call or request.id,
        board_name=session.board.name if session.board else "",
    )
