"""The implementer's part of a round: a patch is offered, shown to people unless it needs nobody, and taken as it was approved."""

import asyncio
from typing import Any
from uuid import UUID

from agents.bench.diffs import paths_in, read_diff
from agents.bench.errors import BenchError
from agents.bench.removal import remove_tree
from agents.bench.words import fence
from agents.emit import OutputMade, RequestMade, StepFinished, StepStarted
from agents.models import AgentOutput, Request
from agents.services.outputs import OutputFacts
from agents.services.requests import RequestDraft, hash_shown
from agents.services.scope import Step
from agents.workflows.desk import Desk
from agents.workflows.optimise.bench import Bench, open_bench
from agents.workflows.optimise.journal import edited_key, patch_key, stored
from agents.workflows.optimise.roles import Offer, offer_patch, try_patch
from agents.workflows.optimise.state import OptimiseState
from agents.workflows.written import write_up
from agents.workspaces import as_app_error
from project.realtime.db import run_db

ROLE = "implementer"


class Patching:
    """The nodes from the change request to a patch that may be tried, for one attempt."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def implement(self, state: OptimiseState) -> OptimiseState:
        """The next round's patch; none ends the run, one that fits nothing goes to the critic."""
        number = state["round"] + 1
        bench = await open_bench(self._desk, state["workspace"], state["fingerprint"])
        known = await run_db(stored, self._desk.attempt.run_id, patch_key(number))
        data = dict(known.data or {}) if known is not None else await self._offer(bench, number)
        begun: OptimiseState = {"round": number, "fate": "unfit" if data["problem"] else None, "note": data["problem"]}
        if data["problem"]:
            return {**begun, "next": "critique"}
        if not data["diff"]:
            return {**begun, "next": "report"}
        return {**begun, "next": "test" if await bench.is_sandbox() else "ask_patch"}

    async def ask_patch(self, state: OptimiseState) -> OptimiseState:
        """Show the patch to the people before anything of it is run."""
        number, name = state["round"], state["workspace"]
        known = await run_db(stored, self._desk.attempt.run_id, patch_key(number))
        data = dict(known.data or {}) if known is not None else {}
        [request] = await self._desk.emit(RequestMade(self._step(number), _approval(number, name, data)))
        return {"request": str(request.id)}

    async def settle_patch(self, state: OptimiseState) -> OptimiseState:
        """Take the patch as it was approved; denied, edited into what doesn't fit, or not answered in time, it goes to the critic."""
        number = state["round"]
        request = await run_db(Request.objects.select_related("answered_by").get, id=UUID(state["request"]))
        if request.status != Request.Status.APPROVED or hash_shown(request) != request.hash:
            return {"fate": "denied", "note": _refusal(request), "next": "critique"}
        edited = (request.answer.get("arguments") or {}).get("diff")
        if edited is None or edited == (request.parameters or {}).get("diff"):
            return {"next": "test"}
        bench = await open_bench(self._desk, state["workspace"], state["fingerprint"])
        try:
            diff = await self._with_copy(bench, "edited", lambda project: try_patch(read_diff(project, edited), project, bench.spec))
        except BenchError as error:
            return {"fate": "unfit", "note": f"The patch as it was edited can't be used. {error.message}", "next": "critique"}
        who = request.answered_by.username if request.answered_by else "somebody"
        offer = Offer(diff, f"as {who} edited it", files=tuple(paths_in(diff)))
        await self._keep(self._desk.step(edited_key(number), role=ROLE), edited_key(number), number, offer)
        return {"next": "test"}

    async def _offer(self, bench: Bench, number: int) -> dict[str, Any]:
        """The implementer's offer, stored; its data."""
        step = self._step(number)
        await self._desk.emit(StepStarted(step, f"Round {number} of {bench.most}: looking for a change"))
        name = f"implement-{number}"
        project = await asyncio.to_thread(bench.build, name)
        try:
            with as_app_error():
                offer = await offer_patch(bench.ask(step), bench.brief, project, bench.journal.change_request)
        finally:
            await asyncio.to_thread(remove_tree, project.parent)
        return await self._keep(step, patch_key(number), number, offer)

    async def _keep(self, step: Step, key: str, number: int, offer: Offer) -> dict[str, Any]:
        data = {
            "role": ROLE,
            "round": number,
            "diff": offer.diff,
            "files": list(offer.files),
            "about": offer.about,
            "problem": offer.problem,
        }
        written = await write_up(_told(offer))
        title = f"Round {number}: {'the patch' if offer.diff else 'no patch'}"
        facts = OutputFacts(key, AgentOutput.Kind.SUBTASK, title, written.text, written.html, data)
        await self._desk.emit(StepStarted(step, title), OutputMade(step, facts), StepFinished(step, written.gist))
        return data

    async def _with_copy(self, bench: Bench, name: str, work: Any) -> str:
        def use() -> str:
            project = bench.build(name)
            try:
                return str(work(project))
            finally:
                remove_tree(project.parent)

        return await asyncio.to_thread(use)

    def _step(self, number: int) -> Step:
        return self._desk.step(patch_key(number), role=ROLE)


def _told(offer: Offer) -> str:
    if offer.problem:
        return f"What was written can't be used as a patch.\n\n{fence(offer.problem)}"
    return f"{offer.about}\n\n{fence(offer.diff, 'diff')}" if offer.diff else offer.about


def _approval(number: int, name: str, data: dict[str, Any]) -> RequestDraft:
    return RequestDraft(
        patch_key(number),
        Request.Kind.APPROVAL,
        f"Try the patch of round {number} in a copy of {name}?",
        reason=data.get("about", ""),
        parameters={"workspace": name, "diff": data.get("diff", "")},
        schema={
            "type": "object",
            "properties": {
                "workspace": {"type": "string", "title": "Project", "enum": [name]},
                "diff": {"type": "string", "title": "Patch", "minLength": 1, "contentMediaType": "text/x-diff"},
            },
            "required": ["workspace", "diff"],
            "additionalProperties": False,
        },
    )


def _refusal(request: Request) -> str:
    if request.status == Request.Status.EXPIRED:
        return "Nobody answered in time."
    if request.status == Request.Status.APPROVED:
        return "What was approved is not what was to be tried."
    who = request.answered_by.username if request.answered_by else "somebody"
    return f"Denied by {who}. {request.note}".strip()
