"""A run's budget while it is worked at: looked at before each question to the model, and where it is used up, people are asked."""

from uuid import UUID

from langgraph.types import interrupt

from agents.emit import RequestMade, TurnCounted, TurnStarting
from agents.models import Request, Run
from agents.services.budget import OverBudget, draft_request
from agents.services.requests import RequestDraft, hash_shown
from agents.services.scope import Step
from agents.wire import UsageObject
from agents.workflows.desk import Desk
from project.realtime.db import run_db


async def start_turn(desk: Desk, step: Step) -> None:
    """Count a question to the model. Over budget, the run waits here until people have allowed more; OverBudget when they don't.

    Whoever waits holds no worker: the node that called this runs again from its first line. Before its question to the model
    a node therefore does only what is stored under keys.
    """
    while True:
        try:
            await desk.emit(TurnStarting(step))
        except OverBudget as over:
            await _ask_for_more(desk, step, over)
        else:
            return


async def count_turn(desk: Desk, step: Step, used: UsageObject) -> None:
    """Count what an answer has used."""
    [(left, share)] = await desk.emit(TurnCounted(step, used))
    desk.turnstile.learn(left, share)


async def _ask_for_more(desk: Desk, step: Step, over: OverBudget) -> None:
    draft = await run_db(_draft, desk.attempt.run_id, over)
    if draft is None:
        raise over
    [request] = await desk.emit(RequestMade(step, draft))
    if request.status in (Request.Status.DENIED, Request.Status.EXPIRED) or request.hash != hash_shown(request):
        raise over.told(request.note)
    interrupt({"request": str(request.id)})


def _draft(run_id: UUID, over: OverBudget) -> RequestDraft | None:
    return draft_request(Run.objects.get(id=run_id), over)
