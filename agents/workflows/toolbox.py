"""Running tools for a workflow: off the event loop, told before and after, whatever happens."""

import asyncio
import contextvars
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

from agents.emit import ToolFinished, ToolStarted
from agents.models import ToolCall
from agents.services.calls import KEPT_CHARS, CallFacts, store_late_result
from agents.services.recovery import OUTCOME_UNKNOWN
from agents.services.scope import Step
from agents.staff import grant_of
from agents.tools.base import Tool, ToolContext, ToolResult
from agents.wire import ErrorObject
from agents.workflows.aside import aside
from agents.workflows.desk import Desk
from agents.workflows.mending import mend_text
from project.accounts.models import User
from project.errors import AppError, Forbidden, Invalid, Unavailable
from project.gate import validate
from project.ids import new_id
from project.realtime.db import run_db, with_connection
from project.schemas import check_value
from project.wire import Payload

log = logging.getLogger(__name__)

READ_CHARS = 64_000
"""Of a tool's result, for the model. People have the whole by GET tool-calls/{id}/."""

_SLOW_ENDS = {
    "read": ".",
    "idempotent": "; it may still take effect, so look before trying again.",
    "unsafe": "; nobody knows whether it happened.",
}

_THREADS = 8
_pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="tool")


class TooSlow(AppError):
    """The tool took longer than it may. What it has begun may still take effect."""

    code, status, default_message = "timeout", 504, "The tool took too long."


def describe_call(desk: Desk, step: Step, call: Mapping[str, Any], arguments: Mapping[str, Any] | None = None) -> CallFacts:
    """What is stored and told of a call that the model asked for; `arguments` are those a person changed it to."""
    tool = desk.tools.get(call["name"])
    parameters = dict(call["arguments"] if arguments is None else arguments)
    return CallFacts(
        id=UUID(call["id"]),
        key=f"{step.id}/{call['id']}",
        tool_name=call["name"],
        title=tool.title if tool else call["name"],
        tool_class=tool.class_of(make_context(desk, UUID(call["id"])), parameters) if tool else "read",
        parameters=parameters,
    )


async def call_tool(desk: Desk, step: Step, facts: CallFacts, *, approver: User | None = None) -> str:
    """What the tool answers, as the model reads it. A call that has ended before answers as it did; one cut off is made again."""
    [row] = await desk.emit(ToolStarted(step, facts))
    if row.status == ToolCall.Status.EXECUTING:
        desk.begun()
        finished = await _run(desk, facts, approver)
        [row] = await desk.emit(finished)
    return answer_of(row)


def answer_of(row: ToolCall) -> str:
    """A call that has ended, as the model reads it."""
    if not row.success:
        return error_text(row.error or {})
    text = row.result or ""
    whole = f"The whole is at /api/tool-calls/{row.id}/, for people."
    return text if len(text) <= READ_CHARS else f"{text[:READ_CHARS]}\n[The first {READ_CHARS:,} of {len(text):,} characters. {whole}]"


def error_text(error: Mapping[str, Any]) -> str:
    """A failure as the model reads it."""
    by = {"by": error["by"]} if error.get("by") else {}
    return json.dumps({"error": {"code": error.get("code"), "message": error.get("message"), **by}}, ensure_ascii=False)


async def _run(desk: Desk, facts: CallFacts, approver: User | None) -> ToolFinished:
    tool = desk.tools.get(facts.tool_name)
    try:
        if tool is None:
            raise await aside(_not_ours, desk, facts)
        arguments = validate(tool.arguments, facts.parameters)
        result = await _off_loop(partial(_use, tool, make_context(desk, facts.id, approver), arguments), tool, facts)
    except TooSlow as error:
        # Whether an unsafe call has happened, only a person can find out now.
        code = OUTCOME_UNKNOWN if facts.tool_class == "unsafe" else error.code
        return ToolFinished(facts.id, "failed", error.message, error=ErrorObject(code=code, message=error.message))
    except AppError as error:
        return ToolFinished(facts.id, "failed", kept(error.message), error=_error_object(error))
    except Exception as defect:
        error_id = new_id().hex[-8:]
        log.error("error %s in tool %s", error_id, facts.tool_name, exc_info=defect)
        message = f"The tool failed (error {error_id})."
        return ToolFinished(facts.id, "failed", message, error=ErrorObject(code="internal", message=message))
    return ToolFinished(facts.id, "completed", kept(result.summary), result=kept(result.result))


def _not_ours(desk: Desk, facts: CallFacts) -> Invalid:
    """Why a call of what isn't the agent's own tool can't be made: a client's gets here only with arguments that don't fit."""
    tool = desk.facts.client_tool(facts.tool_name)
    if tool is None:
        return Invalid(f"There is no tool called {facts.tool_name}.")
    return Invalid("The arguments don't fit the tool.", fields=check_value(tool.parameters, facts.parameters, path="arguments"))


def _use(tool: Tool[Any], context: ToolContext, arguments: Payload) -> ToolResult:
    """What the tool returns; Forbidden when the agent isn't given it any more, whatever the run began with."""
    granted = grant_of(context.actor).tools
    if granted is not None and tool.name not in granted:
        raise Forbidden(f"{context.actor.username} isn't given the tool {tool.name} any more.")
    return tool.run(context, arguments)


def kept(text: str) -> str:
    """What is stored of a tool's result: no more than a row takes, and nothing that a database refuses."""
    if len(text) > KEPT_CHARS:
        note = f"\n[The first part of {len(text):,} characters; the rest was not kept.]"
        text = text[: KEPT_CHARS - len(note)] + note
    return mend_text(text)


def _error_object(error: AppError) -> ErrorObject:
    fields = "; ".join(f"{path}: {' '.join(messages)}" for path, messages in (error.fields or {}).items())
    return ErrorObject(code=error.code, message=kept(f"{error.message} {fields}".strip()))


def make_context(desk: Desk, call_id: UUID, approver: User | None = None) -> ToolContext:
    """Who makes this call, and where."""
    attempt = desk.attempt
    return ToolContext(
        actor=attempt.agent,
        principal=attempt.starter,
        board_id=attempt.board_id,
        card_id=attempt.card_id,
        session_id=attempt.session_id,
        call_id=call_id,
        board_name=desk.facts.board_name,
        approver=approver,
    )


async def _off_loop(work: Callable[[], ToolResult], tool: Tool[Any], facts: CallFacts) -> ToolResult:
    """The tool's result, computed on a thread. A run that ends meanwhile, or has waited its time, doesn't wait for it: what has not
    begun never does, and what comes late is kept on the row.
    """
    thread = _pool.submit(contextvars.copy_context().run, with_connection, work)
    future = asyncio.wrap_future(thread)
    try:
        return await asyncio.wait_for(asyncio.shield(future), tool.timeout_s)
    except TimeoutError as error:
        if not future.done():
            raise _too_slow(thread, future, tool.timeout_s, facts) from error
        raise  # the tool's own
    except asyncio.CancelledError:
        if not thread.cancel():
            _keep_when_late(future, facts.id)
        raise


def _too_slow(thread: "Future[ToolResult]", future: "asyncio.Future[ToolResult]", timeout_s: float, facts: CallFacts) -> AppError:
    if thread.cancel():
        return Unavailable(f"{facts.title}: not begun, because for {timeout_s:g} s all threads were taken.")
    _keep_when_late(future, facts.id)
    return TooSlow(f"{facts.title} took longer than {timeout_s:g} s{_SLOW_ENDS[facts.tool_class]}")


def _keep_when_late(future: "asyncio.Future[ToolResult]", call_id: UUID) -> None:
    future.add_done_callback(partial(_keep_late, asyncio.get_running_loop(), call_id))


def _keep_late(loop: asyncio.AbstractEventLoop, call_id: UUID, future: "asyncio.Future[ToolResult]") -> None:
    if not future.cancelled() and future.exception() is None and not loop.is_closed():
        _late.add(task := loop.create_task(run_db(store_late_result, call_id, kept(future.result().result))))
        task.add_done_callback(_late.discard)


_late: set[asyncio.Task[None]] = set()
