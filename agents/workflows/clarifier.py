"""The clarifier: answers what is asked while a run is under way, from the run's live state, without touching the run."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

from agents.access import runs_with_names
from agents.events import ClarifierReplied
from agents.ids import reply_id
from agents.llm.errors import EmptyAnswer
from agents.llm.port import ModelMessage, TextDelta
from agents.llm.registry import get_model
from agents.models import AgentOutput, Request, Run, ToolCall
from agents.tools.registry import get_tools
from agents.workflows.facts import Facts, Finding, load_facts
from agents.workflows.mending import mend_text
from agents.workflows.prompting import ask
from project.clock import db_now
from project.limits import limits
from project.realtime.change import Call, Change
from project.realtime.db import run_db
from project.realtime.events import encode
from project.realtime.streams import StreamKey
from project.realtime.transaction import run_change
from project.text import render_markdown
from sessions.events import MessageAdded
from sessions.models import Message, WorkSession
from sessions.services import complete_message, touch
from sessions.wire import MessageObject

log = logging.getLogger(__name__)


def next_question(*, besides: Collection[UUID] = ()) -> UUID | None:
    """The oldest message that waits for the clarifier."""
    waiting = Message.objects.filter(awaits_reply=True).exclude(id__in=besides).order_by("created", "id")
    return waiting.values_list("id", flat=True).first()


async def clarify(message_id: UUID) -> None:
    """Answer the message; once, however often this is called."""
    asked = await run_db(_load, message_id)
    if asked is None:
        return
    run, facts, live, found = asked
    try:
        content = await _ask(run, ask(facts, "clarify", results=found, live=live))
    except Exception:
        # Whoever asked is told at once what is known without a model; asking it again and again would help nobody.
        log.exception("The model did not answer a question about run %s.", run.id)
        content = f"The model can't answer this now. Run {run.number} is {run.status}: {run.done} of {run.total} steps are done."
    await run_db(_reply, message_id, run, content, render_markdown(content))


async def _ask(run: Run, prompt: Sequence[ModelMessage]) -> str:
    """The model's answer, in time for somebody who waits for it."""
    model = get_model(run.agent.username)
    async with asyncio.timeout(limits().clarify_s), aclosing(model.stream(prompt, (), purpose="clarify")) as answer:
        content = "".join([mend_text(delta.text) async for delta in answer if isinstance(delta, TextDelta)])
    if not content.strip():
        raise EmptyAnswer
    return content


def _load(message_id: UUID) -> tuple[Run, Facts, str, list[Finding]] | None:
    message = Message.objects.filter(id=message_id, awaits_reply=True).first()
    if message is None:
        return None
    runs = runs_with_names().filter(session=message.session_id)
    run = runs.filter(status__in=Run.ACTIVE).first() or runs.order_by("-number").first()
    if run is None:
        return None
    facts = load_facts(run)
    results = AgentOutput.objects.filter(run=run, kind=AgentOutput.Kind.SUBTASK).order_by("created", "id")
    found = [Finding(each.title, each.content, each.kind) for each in results]
    return run, replace(facts, request=message.content), encode(describe_live(run)), found


def describe_live(run: Run) -> dict[str, object]:
    """The run as it stands, for whoever answers about it."""
    calls = ToolCall.objects.filter(run=run).order_by("-created", "-id")
    last_tool = calls.values_list("tool_name", flat=True).first()
    requests = Request.objects.filter(run=run, status=Request.Status.OPEN).order_by("created", "id")
    return {
        "status": run.status,
        "number": run.number,
        "done": run.done,
        "total": run.total,
        "current": _current(run),
        "last_tool": _title(last_tool) if last_tool else None,
        "elapsed_s": round((db_now() - run.started).total_seconds()) if run.started else None,
        "open_requests": list(requests.values_list("title", flat=True)),
        "queued": Run.objects.filter(session=run.session_id, status=Run.Status.QUEUED).exclude(id=run.id).count(),
    }


def _title(tool_name: str) -> str:
    tool = get_tools().get(tool_name)
    return tool.title if tool else tool_name


def _current(run: Run) -> list[str]:
    """The titles of what is being done now."""
    plan = AgentOutput.objects.filter(run=run, kind=AgentOutput.Kind.PLAN).order_by("-created").first()
    subtasks = (plan.data or {}).get("subtasks", []) if plan else []
    titles = {each["id"]: each["title"] for each in subtasks}
    return [titles.get(state["subtask"]) or _ROLES.get(state["role"], state["role"]) for state in run.steps.values()]


_ROLES = {"planner": "Planning the work", "aggregator": "Writing the report", "assistant": "Answering the message"}


def _reply(message_id: UUID, run: Run, content: str, html: str) -> None:
    stream = StreamKey.session(run.session_id)

    def reply(ch: Change) -> None:
        if not Message.objects.filter(id=message_id, awaits_reply=True).update(awaits_reply=False):
            return
        session = WorkSession.objects.get(id=run.session_id)
        message = Message(
            id=reply_id(message_id), session=session, role=Message.Role.ASSISTANT, via=Message.Via.CLARIFIER, complete=False, created=ch.now
        )
        message.author, message.agent, message.key = run.agent, run.agent.username, f"clarify/{message_id}"
        message.save(force_insert=True)
        ch.append(MessageAdded(message=MessageObject.of(message)), stream)
        complete_message(ch=ch, message=message, content=content, html=html)
        ch.append(ClarifierReplied(message=message.id), stream)
        touch(ch=ch, session=session)

    run_change(Call(actor=run.agent, name="clarify", acts_for=run.started_by), [stream], reply)
