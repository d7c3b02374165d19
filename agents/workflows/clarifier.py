"""The clarifier: answers what is asked while a run is under way, from the run's live state, without touching the run."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from uuid import UUID

from agents.access import runs_with_names
from agents.events import ClarifierReplied
from agents.ids import reply_id
from agents.llm.answer import estimate
from agents.llm.errors import EmptyAnswer, ModelEndless
from agents.llm.port import Finish, ModelMessage, TextDelta, ThoughtDelta, Usage
from agents.llm.registry import get_model
from agents.llm.rules.clarifier import clarify as tell_live
from agents.llm.rules.sections import read_sections
from agents.models import AgentOutput, Run
from agents.services.budget import is_spent, spend
from agents.wire import UsageObject
from agents.workflows.aside import aside
from agents.workflows.facts import Facts, Finding, load_facts
from agents.workflows.live import describe_live
from agents.workflows.look_up import look_up
from agents.workflows.mending import mend_text
from agents.workflows.prompting import ask
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
from sessions.wire import MessageObject, dump

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
    prompt = ask(asked.facts, "clarify", results=asked.found, live=asked.live, now=asked.board)
    content, used = await _answer(asked.run, prompt)
    await run_db(_reply, message_id, asked.run, Reply(content, await aside(render_markdown, content), used))


@dataclass(frozen=True)
class _Asked:
    """What an answer is made from; `board` is what the board says to the question, if it is one for the board."""

    run: Run
    facts: Facts
    live: str
    board: str
    found: list[Finding]


@dataclass(frozen=True)
class Reply:
    """What is said, and what the model took for it."""

    content: str
    html: str
    used: UsageObject


@dataclass
class _Heard:
    """What has come of an answer so far; `length` counts its reasoning too."""

    text: str = ""
    length: int = 0
    usage: Usage | None = None


async def _answer(run: Run, prompt: Sequence[ModelMessage]) -> tuple[str, UsageObject]:
    """What is said about the run, and what it took. Without a model that is what is known anyway: who asked doesn't wait for nothing."""
    if is_spent(run):
        return _without_model(run, prompt, "The run has used up its budget, so no model was asked."), UsageObject()
    heard = _Heard()
    try:
        await _listen(run, prompt, heard)
    except Exception:
        # Asking it again and again would help nobody.
        log.exception("The model did not answer a question about run %s.", run.id)
        return _without_model(run, prompt, "The model can't answer this now."), _used(prompt, heard)
    return heard.text, _used(prompt, heard)


async def _listen(run: Run, prompt: Sequence[ModelMessage], heard: _Heard) -> None:
    """Hear the model's answer, in time for somebody who waits for it."""
    model = get_model(run.agent.username)
    async with asyncio.timeout(limits().clarify_s), aclosing(model.stream(prompt, (), purpose="clarify")) as answer:
        async for delta in answer:
            match delta:
                case TextDelta():
                    heard.text += mend_text(delta.text)
                    heard.length += len(delta.text)
                case ThoughtDelta():
                    heard.length += len(delta.text)
                case Finish():
                    heard.usage = delta.usage
            if heard.length > limits().model_answer_chars:
                raise ModelEndless
    if not heard.text.strip():
        raise EmptyAnswer


def _used(prompt: Sequence[ModelMessage], heard: _Heard) -> UsageObject:
    """As the provider says, or about, where an answer broke off; nothing where none had begun."""
    if heard.usage is not None:
        spent = heard.usage
        return UsageObject(requests=1, input_tokens=spent.input_tokens, output_tokens=spent.output_tokens, cost_usd=spent.cost_usd)
    if not heard.length:
        return UsageObject()
    asked = sum(len(message.content) for message in prompt)
    return UsageObject(requests=1, input_tokens=estimate(asked), output_tokens=estimate(heard.length), cost_usd=None)


def _without_model(run: Run, prompt: Sequence[ModelMessage], why: str) -> str:
    return f"{why} What run {run.number} shows: {tell_live(read_sections(prompt[-1].content))}"


def _load(message_id: UUID) -> _Asked | None:
    message = Message.objects.select_related("author").filter(id=message_id, awaits_reply=True).first()
    if message is None:
        return None
    runs = runs_with_names().filter(session=message.session_id)
    run = runs.filter(status__in=Run.ACTIVE).first() or runs.order_by("-number").first()
    if run is None:
        return None
    facts = load_facts(run)
    results = AgentOutput.objects.filter(run=run, kind=AgentOutput.Kind.SUBTASK).order_by("created", "id")
    found = [Finding(each.title, each.content, each.kind) for each in results]
    board = look_up(run, message.content, message.author or run.started_by)
    return _Asked(run, replace(facts, request=message.content), encode(describe_live(run)), board, found)


def _reply(message_id: UUID, run: Run, reply: Reply) -> None:
    stream = StreamKey.session(run.session_id)

    def say(ch: Change) -> None:
        if not Message.objects.filter(id=message_id, awaits_reply=True).update(awaits_reply=False):
            return
        session = WorkSession.objects.get(id=run.session_id)
        message = Message(
            id=reply_id(message_id), session=session, role=Message.Role.ASSISTANT, via=Message.Via.CLARIFIER, complete=False, created=ch.now
        )
        message.author, message.agent, message.key = run.agent, run.agent.username, f"clarify/{message_id}"
        message.save(force_insert=True)
        ch.append(MessageAdded(message=MessageObject.of(message)), stream)
        complete_message(ch=ch, message=message, content=reply.content, html=reply.html)
        _count(run.id, reply.used)
        ch.append(ClarifierReplied(message=message.id, about=run.id, usage=reply.used), stream)
        touch(ch=ch, session=session)

    run_change(Call(actor=run.agent, name="clarify", acts_for=run.started_by), [stream], say)


def _count(run_id: UUID, used: UsageObject) -> None:
    """Let the run pay for it. The caller holds the session's stream, as whoever else counts on this run does."""
    run = Run.objects.get(id=run_id)
    spend(run, used)
    run.usage = dump(UsageObject(**run.usage).plus(used))
    run.save(update_fields=["tokens", "cost_usd", "usage"])
