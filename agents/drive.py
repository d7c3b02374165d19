"""Driving a run: one attempt at its workflow, from where the checkpoint stands to its end, a wait, or the loss of the run."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, Never
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph
from langgraph.types import Command, StateSnapshot

from agents.checkpointer import RunCheckpointer
from agents.lease import AWAY, Claim, release
from agents.llm.errors import ModelError
from agents.llm.registry import get_model
from agents.lookout import get_lookout
from agents.models import Request, Run
from agents.selectors import count_thoughts
from agents.services.budget import OverBudget
from agents.services.closing import render_open
from agents.services.fence import Attempt, Fenced, Stopping, load_attempt, write
from agents.services.reports import report_card
from agents.services.runs import end_run, suspend_run, tell_grants
from agents.services.scope import Scope
from agents.statements import get_run_with_names
from agents.tools.registry import get_tools
from agents.wire import ErrorObject
from agents.workflows import chat, refine, resolve
from agents.workflows.desk import Desk
from agents.workflows.facts import Facts, load_facts
from agents.workflows.mending import mend_text
from agents.workflows.optimise import graph as optimise
from agents.workflows.versions import define, take_up
from project.errors import AppError
from project.ids import new_id
from project.realtime.db import run_db

log = logging.getLogger(__name__)

WORKFLOWS: Mapping[str, Callable[[Desk], StateGraph[Any, Any, Any, Any]]] = {
    "chat": chat.build,
    "resolve": resolve.build,
    "optimise": optimise.build,
}
"""A workflow is a graph built for one attempt; a refinement takes the place of whatever it refines."""

# Far above what a budget's steps come to, raised ones too. A graph that goes round without asking a model is ended by its time.
_RECURSION = 100_000
_TICK_S = 1.0


async def drive(run_id: UUID, number: int, begun: Callable[[], None] = lambda: None) -> None:
    """Drive attempt `number` of the run. Ends when the run has ended, waits for somebody, or belongs to another attempt.

    Calls `begun` whenever it comes to wait for a model or a tool: it is under way then.
    Cancelling this coroutine gives the run back: its next attempt counts no crash.
    """
    try:
        attempt = await run_db(load_attempt, run_id, number)
        desk = await _prepare(attempt)
        if desk is not None:
            desk.begun = begun
            await _work(desk)
    except Fenced:
        log.info("Attempt %d of run %s has lost it and stops.", number, run_id)
    except asyncio.CancelledError:
        await asyncio.shield(run_db(release, [Claim(run_id, number)]))
        raise
    except Exception:
        log.exception("The driver of run %s failed; its lease runs out and another takes over.", run_id)


async def _prepare(attempt: Attempt) -> Desk | None:
    """The desk for the attempt; None once the run has failed for want of something it needs, such as a tool."""
    try:
        return await run_db(_make_desk, attempt)
    except AppError as error:
        await _write_end(attempt, "failed", _explain(error))
        return None


async def _work(desk: Desk) -> None:
    """Run the graph, watched; then write down how it ended."""
    jobs = {"graph": _run_graph(desk), "watch": get_lookout().watch(desk.attempt), "card": _keep_card(desk)}
    tasks = [asyncio.create_task(job, name=f"{name} of run {desk.attempt.run_id}") for name, job in jobs.items()]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = next(task for task in tasks if task.done())
        await _stop(*tasks)
        await _conclude(desk, first)
    except asyncio.CancelledError:
        await _stop(*tasks)
        raise


async def _stop(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _conclude(desk: Desk, task: "asyncio.Task[Any]") -> None:
    """Write the run's end, if this is one: `task` finished, found it waiting, or raised what ends it."""
    try:
        is_over = task.result()
    except (Fenced, *AWAY):
        raise  # lost, or the database was away: the run is as good as before and goes on once its lease has run out
    except Stopping:
        await _end(desk, "cancelled")
    except AppError as error:
        await _end(desk, "failed", _explain(error))
    except Exception as defect:
        await _end(desk, "failed", _explain_defect(defect))
    else:
        if is_over:
            await _end(desk, "completed")


async def _end(desk: Desk, status: Literal["completed", "failed", "cancelled"], error: ErrorObject | None = None) -> None:
    await desk.drained()
    await _write_end(desk.attempt, status, error)


async def _write_end(attempt: Attempt, status: Literal["completed", "failed", "cancelled"], error: ErrorObject | None) -> None:
    rendered = await run_db(render_open, attempt.run_id)

    def end(scope: Scope) -> None:
        is_stopping = scope.run.status == Run.Status.CANCELLING
        now, why = ("cancelled", None) if is_stopping else (status, error)
        end_run(ch=scope.ch, run=scope.run, status=now, error=why, rendered=rendered)

    await run_db(write, attempt, end, is_reporting=True, while_stopping=True)


async def _run_graph(desk: Desk) -> bool:
    """Run the workflow as far as it goes: True at its end, False where it waits for somebody and has been suspended."""
    workflow, build = ("refine", refine.build) if desk.facts.is_refinement else (desk.facts.workflow, WORKFLOWS[desk.facts.workflow])
    graph = build(desk).compile(checkpointer=RunCheckpointer(desk.attempt))
    definition = define(workflow, list(graph.get_graph(xray=True).nodes))
    await run_db(write, desk.attempt, partial(take_up, definition=definition))
    config: RunnableConfig = {"configurable": {"thread_id": str(desk.attempt.run_id)}, "recursion_limit": _RECURSION}
    state = await graph.aget_state(config)
    is_as_found = state.created_at is not None
    if not is_as_found:
        await graph.ainvoke({}, config, durability="sync")
        state = await graph.aget_state(config)
    # Not `next`: that leaves out tasks whose writes are stored, and an attempt may have been lost before the checkpoint after them.
    while state.tasks:
        go_on = await _next(desk, state, is_as_found=is_as_found)
        if go_on is False:
            return False
        await graph.ainvoke(go_on, config, durability="sync")
        state, is_as_found = await graph.aget_state(config), False
    return True


async def _next(desk: Desk, state: StateSnapshot, *, is_as_found: bool) -> Any:
    """What to go on with: answers to interrupts, None for unfinished work, False once the run has been suspended.

    What an attempt finds waiting may have unfinished work beside it, left by an attempt that was lost; so it goes on once as it is.
    """
    if not state.interrupts:
        return None
    # Steps side by side may wait for the same request: for a larger budget.
    waiting = {item.id: UUID(item.value["request"]) for item in state.interrupts}
    await desk.drained()

    def answers(scope: Scope) -> dict[str, bool]:
        answered = Request.objects.filter(id__in=waiting.values()).exclude(status=Request.Status.OPEN)
        known = set(answered.values_list("id", flat=True))
        found = {name: True for name, request_id in waiting.items() if request_id in known}
        if found:
            tell_grants(ch=scope.ch, run=scope.run)
        elif not is_as_found:
            suspend_run(ch=scope.ch, run=scope.run)
        return found

    found = await run_db(write, desk.attempt, answers, is_reporting=True)
    if found:
        desk.facts = await run_db(_load_facts, desk.attempt.run_id)  # with what was said along with the answers
    return Command(resume=found) if found else None if is_as_found else False


async def _keep_card(desk: Desk) -> Never:
    """Bring the card up to date, once a second at most. Ends by raising only."""
    while True:
        await asyncio.sleep(_TICK_S)
        if not desk.is_card_stale or desk.attempt.card_id is None:
            continue
        desk.is_card_stale = False
        try:
            await run_db(write, desk.attempt, _report, is_reporting=True)
        except AWAY:
            log.warning("The database was busy when the card of run %s was to be brought up to date.", desk.attempt.run_id)


def _report(scope: Scope) -> None:
    report_card(ch=scope.ch, session=scope.run.session)


def _load_facts(run_id: UUID) -> Facts:
    return load_facts(get_run_with_names(run_id))


def _make_desk(attempt: Attempt) -> Desk:
    run = get_run_with_names(attempt.run_id)
    facts = load_facts(run)
    desk = Desk(attempt=attempt, facts=facts, model=get_model(run.agent.username, run.effort), tools=get_tools(facts.tool_names))
    if attempt.number > 1:
        desk.thought_counts.update(count_thoughts(attempt.session_id, attempt.run_id))
    return desk


def _explain(error: AppError) -> ErrorObject:
    code = error.reason if isinstance(error, OverBudget) else error.code
    hint = error.hint if isinstance(error, ModelError) else _HINTS.get(error.code, "")
    return ErrorObject(code=code, message=mend_text(error.message), hint=hint)


_HINTS = {
    "over_budget": "Ask for less at once, or raise the limit.",
    "version_changed": "Retry the run: it begins anew with the workflow as it is now.",
}


def _explain_defect(defect: Exception) -> ErrorObject:
    error_id = new_id().hex[-8:]
    log.error("error %s in a run", error_id, exc_info=defect)
    return ErrorObject(code="internal", message=f"Something went wrong on our side (error {error_id}).", hint="Retry the run.")
