"""Which workspace a run of optimise works on: named in the request or the session's instructions, the only one, or asked for."""

from uuid import UUID

from agents.emit import RequestMade, StepFinished, StepStarted
from agents.models import Request
from agents.services.requests import RequestDraft
from agents.workflows.desk import Desk
from agents.workflows.optimise.state import OptimiseState
from agents.workspaces import NoWorkspace, access_workspace, find_mention, list_workspaces, named_after
from project.realtime.db import run_db

_STEP = "workspace"


class Choice:
    """The nodes that find the workspace, for one attempt. Each gives the state's `workspace`, or the `request` to wait for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def choose(self, state: OptimiseState) -> OptimiseState:
        """The workspace that is meant; empty where people have to say. NoWorkspace where there is none for whoever asked.

        A card says nothing of it: whoever may write on the board could choose with the rights of whoever asked.
        """
        del state
        attempt, facts = self._desk.attempt, self._desk.facts
        names = [each.name for each in await run_db(list_workspaces, attempt.starter, attempt.board_id)]
        if not names:
            raise NoWorkspace(attempt.starter.username)
        for text in (facts.said, facts.instructions):
            if (found := find_mention(text, names)) is not None:
                return {"workspace": found}
        if wrong := named_after(facts.said):
            raise NoWorkspace(attempt.starter.username, wrong, names)
        return {"workspace": names[0] if len(names) == 1 else ""}

    async def ask_workspace(self, state: OptimiseState) -> OptimiseState:
        """Ask which one it is to be."""
        del state
        attempt = self._desk.attempt
        names = [each.name for each in await run_db(list_workspaces, attempt.starter, attempt.board_id)]
        step = self._desk.step(_STEP, role="implementer")
        draft = RequestDraft(_STEP, Request.Kind.QUESTION, "Which project is to be optimised?", choices=names)
        *_, request = await self._desk.emit(StepStarted(step, "Choosing the project"), RequestMade(step, draft))
        return {"request": str(request.id)}

    async def take_workspace(self, state: OptimiseState) -> OptimiseState:
        """The workspace that was chosen; NoWorkspace when nobody chose one, or somebody who may not use it."""
        request = await run_db(Request.objects.select_related("answered_by").get, id=UUID(state["request"]))
        name = request.answer.get("result") if request.status == Request.Status.ANSWERED else None
        if not isinstance(name, str):
            raise NoWorkspace(self._desk.attempt.starter.username)
        if request.answered_by is not None:
            await run_db(access_workspace, request.answered_by, self._desk.attempt.board_id, name)
        await self._desk.emit(StepFinished(self._desk.step(_STEP, role="implementer"), name))
        return {"workspace": name}
