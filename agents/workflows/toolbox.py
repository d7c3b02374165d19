"""Running tools for a workflow: off the event loop, told before and after, whatever happens."""

import asyncio
import contextvars
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from agents.emit import ToolFinished, ToolStarted
from agents.models import ToolCall
from agents.services.calls import CallFacts, store_late_result
from agents.services.scope import Step
from agents.tools.base import ToolContext, ToolResult
from agents.wire import ErrorObject
from agents.workflows.desk import Desk
from project.errors import AppError, Invalid
from project.gate import validate
from project.ids import new_id
from project.realtime.db import run_db

log = logging.getLogger(__name__)

_THREADS = 8
_pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="tool")


def describe_call(desk: Desk, step: Step, call: Mapping[str, Any], arguments: Mapping[str, Any] | None = None) -> CallFacts:
    """What is stored and told of a call that the model asked for; `arguments` are those a person changed it to."""
    tool = desk.tools.get(call["name"])
    return CallFacts(
        id=UUID(call["id"]),
        key=f"{step.id}/{call['id']}",
        tool_name=call["name"],
        title=tool.title if tool else call["name"],
        tool_class=tool.tool_class if tool else "read",
        parameters=dict(call["arguments"] if arguments is None else arguments),
    )


async def call_tool(desk: Desk, step: Step, facts: CallFacts) -> str:
    """What the tool answers, as the model reads it. A call that has ended before answers as it did; one cut off is made again."""
    [row] = await desk.emit(ToolStarted(step, facts))
    if row.status == ToolCall.Status.EXECUTING:
        finished = await _run(desk, facts)
        [row] = await desk.emit(finished)
    return answer_of(row)


def answer_of(row: ToolCall) -> str:
    """A call that has ended, as the model reads it."""
    return row.result or "" if row.success else error_text(row.error or {})


def error_text(error: Mapping[str, Any]) -> str:
    """A failure as the model reads it."""
    return json.dumps({"error": {"code": error.get("code"), "message": error.get("message")}}, ensure_ascii=False)


async def _run(desk: Desk, facts: CallFacts) -> ToolFinished:
    try:
        tool = desk.tools.get(facts.tool_name)
        if tool is None:
            raise Invalid(f"There is no tool called {facts.tool_name}.")
        arguments = validate(tool.arguments, facts.parameters)
        result = await _off_loop(partial(tool.run, _context(desk, facts), arguments), facts.id)
    except AppError as error:
        return ToolFinished(facts.id, "failed", error.message, error=_error_object(error))
    except Exception as defect:
        error_id = new_id().hex[-8:]
        log.error("error %s in tool %s", error_id, facts.tool_name, exc_info=defect)
        message = f"The tool failed (error {error_id})."
        return ToolFinished(facts.id, "failed", message, error=ErrorObject(code="internal", message=message))
    return ToolFinished(facts.id, "completed", result.summary, result=result.result)


def _error_object(error: AppError) -> ErrorObject:
    fields = "; ".join(f"{path}: {' '.join(messages)}" for path, messages in (error.fields or {}).items())
    return ErrorObject(code=error.code, message=f"{error.message} {fields}".strip())


def _context(desk: Desk, facts: CallFacts) -> ToolContext:
    attempt = desk.attempt
    return ToolContext(
        actor=attempt.agent,
        principal=attempt.starter,
        board_id=attempt.board_id,
        card_id=attempt.card_id,
        session_id=attempt.session_id,
        call_id=facts.id,
    )


async def _off_loop(work: Callable[[], ToolResult], call_id: UUID) -> ToolResult:
    """The tool's result, computed on a thread. A run that ends meanwhile doesn't wait: what comes late is kept on the row."""
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(_pool, contextvars.copy_context().run, _with_connection, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        future.add_done_callback(partial(_keep_late, loop, call_id))
        raise


def _keep_late(loop: asyncio.AbstractEventLoop, call_id: UUID, future: "asyncio.Future[ToolResult]") -> None:
    if not future.cancelled() and future.exception() is None and not loop.is_closed():
        _late.add(task := loop.create_task(run_db(store_late_result, call_id, future.result().result)))
        task.add_done_callback(_late.discard)


_late: set[asyncio.Task[None]] = set()


def _with_connection(work: Callable[[], ToolResult]) -> ToolResult:
    try:
        return work()
    finally:
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close()
