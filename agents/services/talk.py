"""What becomes of a message that somebody sends: a run, a place in line, an interruption, or a question to the clarifier."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from agents.access import runs_with_names
from agents.launchers.wake import wake
from agents.llm.rules.sections import write_card_request
from agents.models import Run
from agents.services.closing import Rendered
from agents.services.runs import RunDraft, cancel_run, check_room, queue_run
from agents.staff import choose_agent
from agents.wire import RunObject
from boards.models import Card
from project.errors import Conflict
from project.ids import new_id
from project.realtime.change import Change
from sessions.models import Message, WorkSession
from sessions.services import require_active, say, touch
from sessions.wire import dump

DuringRun = Literal["ask", "queue", "interrupt"]
_HANDLED = {"queue": Message.HandledBy.QUEUE, "interrupt": Message.HandledBy.INTERRUPT}


@dataclass(frozen=True)
class Said:
    """A message as it was sent; `html` is its content rendered before the change, `rendered` what it may interrupt."""

    content: str
    html: str
    workflow: str | None = None
    effort: str = ""
    during_run: DuringRun = "ask"
    agent_id: UUID | None = None
    rendered: Rendered = field(default_factory=dict)


def send_message(*, ch: Change, session: WorkSession, said: Said) -> tuple[Message, Run | None]:
    """The stored message and the run it leads to, if any."""
    require_active(session)
    current = runs_with_names().filter(session=session, status__in=Run.UNFINISHED).order_by("number").first()
    if current is None:
        return start_run(ch=ch, session=session, said=said)
    if said.during_run == "ask":
        return _ask(ch, session, said), None
    check_room(session, ch.principal)
    if said.during_run == "interrupt":
        _interrupt(ch, session, said.rendered)
    return start_run(ch=ch, session=session, said=said, handled_by=_HANDLED[said.during_run])


def start_run(*, ch: Change, session: WorkSession, said: Said, handled_by: str = Message.HandledBy.RUN) -> tuple[Message, Run]:
    """The stored message and the run that does what it says, in line."""
    parent = None if said.workflow else _refinable(session)
    workflow = said.workflow or (parent.workflow if parent else session.workflow)
    agent = choose_agent(workflow, said.agent_id)
    run_id = new_id()
    message = say(
        ch=ch,
        session=session,
        content=said.content,
        html=said.html,
        author=ch.actor,
        handled_by=handled_by,
        run=run_id,
        refines=parent.id if parent else None,
    )
    draft = RunDraft(
        workflow=workflow,
        agent=agent,
        starter=ch.principal,
        parent=parent,
        relation="refinement" if parent else "",
        effort=said.effort,
        is_urgent=said.during_run == "interrupt",
        run_id=run_id,
    )
    return message, queue_run(ch=ch, session=session, message=message, draft=draft)


def retry_run(*, ch: Change, run: Run) -> Run:
    """A new run that does the same again. Conflict while the old one is under way."""
    if not run.is_finished:
        raise Conflict("This run hasn't ended yet.", data={"run": dump(RunObject.of(run))})
    require_active(run.session)
    draft = RunDraft(run.workflow, choose_agent(run.workflow, run.agent_id), ch.principal, parent=run, relation="retry", effort=run.effort)
    return queue_run(ch=ch, session=run.session, message=run.message, draft=draft)


def card_request(card: Card, instructions: str) -> str:
    """What is asked of the agents when a card is handed over: the instructions, or the card itself."""
    return instructions or write_card_request(card.number, card.title, card.description)[:16_000]


def _ask(ch: Change, session: WorkSession, said: Said) -> Message:
    message = say(
        ch=ch,
        session=session,
        content=said.content,
        html=said.html,
        author=ch.actor,
        handled_by=Message.HandledBy.CLARIFIER,
        awaits_reply=True,
    )
    touch(ch=ch, session=session)
    ch.after_commit(wake)
    return message


def _refinable(session: WorkSession) -> Run | None:
    """The run whose report a further message refines: the newest, if it was a resolve that came to its end."""
    last = runs_with_names().filter(session=session).order_by("-number").first()
    is_refinable = last is not None and last.status == Run.Status.COMPLETED and last.workflow == WorkSession.Workflow.RESOLVE
    return last if is_refinable else None


def _interrupt(ch: Change, session: WorkSession, rendered: Rendered) -> None:
    """Stop what is under way, so that the new run comes next; what waits in line stays there."""
    for run in runs_with_names().filter(session=session, status__in=Run.ACTIVE):
        run.session = session  # one row for the whole change, so that its phase is told as it goes
        cancel_run(ch=ch, run=run, rendered=rendered)
