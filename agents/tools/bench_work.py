"""What the tools of the test bench share: a copy of a workspace for one call, and its end when nobody waits for it any more."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import Field

from agents.bench.stages import Site
from agents.models import Run, ToolCall
from agents.tools.base import ToolClass, ToolContext
from agents.tools.lookup import Reaching, check_approval
from agents.workspaces import access_workspace, as_app_error, is_of_board
from project.errors import Unavailable
from project.ids import new_id
from project.realtime.db import with_connection

TIMEOUT_S = 900.0
"""Of a whole call."""

_LOOK_S = 1.0
_WAIT_S = 30.0

T = TypeVar("T")


class OnWorkspace(Reaching):
    """Arguments of a tool that works on a workspace. What comes of it is read by everybody in the session."""

    workspace: Annotated[str, Field(max_length=40, description="The workspace's name.")]

    def reaches_beyond(self, context: ToolContext) -> bool:
        """Whether others may read here of a project that isn't theirs: a session without a board is seen by its owner alone."""
        return context.board_id is not None and not is_of_board(self.workspace, context.board_id)


def class_of_call(context: ToolContext, arguments: OnWorkspace) -> ToolClass:
    """Reading, where the workspace is one of the board's; else unsafe, so that the starter is asked."""
    return "unsafe" if arguments.reaches_beyond(context) else "read"


def at_bench(context: ToolContext, arguments: OnWorkspace, work: Callable[[Site], Awaitable[T]]) -> T:
    """What `work` gives with a fresh copy of the workspace, which is removed afterwards.

    Raises NoWorkspace for a workspace that isn't the starter's to use, Forbidden for one that isn't the board's unless the
    starter has allowed this call, BenchFailed for what the bench refuses, and Unavailable
    once the run that called is over: everything that was started has ended then.
    """
    workspace = access_workspace(context.principal, context.board_id, arguments.workspace)
    if arguments.reaches_beyond(context):
        check_approval(context)
    # A folder of its own for every try: one whose run was lost may still be at work.
    site = workspace.site(f"call-{new_id().hex}", timeout_s=TIMEOUT_S, wait_s=_WAIT_S)
    with as_app_error():
        try:
            site.prepare(workspace.path)
            return asyncio.run(_while_wanted(context.call_id, work(site)))
        finally:
            site.remove()


async def _while_wanted(call_id: UUID, work: Awaitable[T]) -> T:
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([task], timeout=_LOOK_S))[0]:
            if not await asyncio.to_thread(with_connection, partial(_is_wanted, call_id)):
                raise Unavailable("The run that asked for this is over.")
        return task.result()
    finally:
        task.cancel()
        await asyncio.wait([task])


def _is_wanted(call_id: UUID) -> bool:
    """Whether the run that made this call goes on, and hasn't given the call up."""
    call = ToolCall.objects.select_related("run").filter(id=call_id).first()
    return call is None or (call.status == ToolCall.Status.EXECUTING and call.run.status in (Run.Status.RUNNING, Run.Status.WAITING))
