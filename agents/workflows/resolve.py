"""resolve: a planner splits the request, executors carry out the subtasks side by side where they can, an aggregator reports."""

import operator
from collections.abc import Sized
from typing import Annotated, Any, TypedDict
from uuid import UUID

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from agents.emit import OutputMade, PlanMade, RequestMade, StepFinished, StepStarted
from agents.events import SubtaskObject
from agents.llm.port import ModelMessage
from agents.models import AgentOutput, Request
from agents.services.outputs import OutputFacts
from agents.services.requests import RequestDraft, hash_shown
from agents.services.scope import Step
from agents.workflows.desk import Desk
from agents.workflows.facts import Finding
from agents.workflows.loop import Job, Loop, LoopState
from agents.workflows.plans import PLAN_SCHEMA, read_edited, read_plan, ready, whole_request
from agents.workflows.prompting import ask
from agents.workflows.report import write_report
from agents.workflows.turn import Question, take_turn
from agents.workflows.written import write_up
from project.errors import AppError
from project.realtime.db import run_db

PLAN_KEY = "plan"
NO_PLAN = 'That is no plan. Answer with JSON only: {"subtasks": [{"id": "s1", "title": "…", "role": "…", "needs": []}]}'


class PlanDenied(AppError):
    """Somebody did not want this plan carried out."""

    code, status, default_message = "plan_denied", 409, "The plan was not approved."


class ResolveState(TypedDict, total=False):
    """Where the run stands: its plan, and which subtasks are done. Only `results` is shared with the loops of the subtasks."""

    plan: list[dict[str, Any]]
    review_request: str
    results: Annotated[dict[str, str], operator.or_]


class Resolve:
    """The nodes of the workflow for one attempt."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def graph(self) -> StateGraph[ResolveState, None, ResolveState, ResolveState]:
        """The workflow as a graph, not compiled yet."""
        graph = StateGraph(ResolveState)
        for node in (self.plan, self.ask, self.gate, self.review, self.join, self.aggregate):
            graph.add_node(node.__name__, node)
        graph.add_node("work", Loop(self._desk, self._make_job).graph().compile())
        graph.add_edge(START, "plan")
        graph.add_conditional_edges("plan", self._after_plan, ["ask", "join"])
        graph.add_edge("ask", "gate")
        graph.add_edge("gate", "review")
        graph.add_edge("review", "join")
        graph.add_conditional_edges("join", _hand_out, ["work", "aggregate"])
        graph.add_edge("work", "join")
        graph.add_edge("aggregate", END)
        return graph

    async def plan(self, state: ResolveState) -> dict[str, Any]:
        """Have the request split, and tell the plan."""
        del state
        desk = self._desk
        stored = await run_db(_stored_plan, desk)
        if stored is not None:
            return {"plan": stored}
        step = desk.step("plan", role="planner")
        await desk.emit(StepStarted(step, "Planning the work"))
        subtasks = await self._ask_for_plan(step)
        note = "" if subtasks else ": the model made no plan, so the whole request is one subtask"
        subtasks = subtasks or whole_request(desk.facts.request)
        await self._store_plan(PLAN_KEY, subtasks, note)
        return {"plan": _dump(subtasks)}

    async def ask(self, state: ResolveState) -> dict[str, Any]:
        """Show the plan to the people before anything is done."""
        draft = RequestDraft(
            "plan/review",
            Request.Kind.PLAN_REVIEW,
            f"Review the plan: {_subtasks(state['plan'])}",
            reason="This session asks for plans to be approved first.",
            parameters={"subtasks": state["plan"]},
            schema=PLAN_SCHEMA,
        )
        [request] = await self._desk.emit(RequestMade(self._desk.step("plan", role="planner"), draft))
        return {"review_request": str(request.id)}

    async def gate(self, state: ResolveState) -> dict[str, Any]:
        """Wait here for the plan's review."""
        interrupt({"request": state["review_request"]})
        return {}

    async def review(self, state: ResolveState) -> dict[str, Any]:
        """Take the plan as it was approved; PlanDenied when it was not."""
        request = await run_db(Request.objects.get, id=UUID(state["review_request"]))
        if request.status == Request.Status.EXPIRED:
            raise PlanDenied("Nobody reviewed the plan in time.")
        if request.status != Request.Status.APPROVED or hash_shown(request) != request.hash:
            raise PlanDenied(f"The plan was not approved. {request.note}".strip())
        if not request.answer.get("arguments"):
            return {}
        edited = read_edited(request.answer["arguments"])
        step = self._desk.step("plan/edited", role="planner")
        await self._desk.emit(StepStarted(step, "Taking over the edited plan"))
        await self._store_plan("plan/edited", edited)
        return {"plan": _dump(edited)}

    async def join(self, state: ResolveState) -> dict[str, Any]:
        """Where the subtasks that ran side by side meet."""
        del state
        return {}

    async def aggregate(self, state: ResolveState) -> dict[str, Any]:
        """Write the report."""
        order = [subtask["id"] for subtask in state["plan"]]
        findings = await run_db(_findings, self._desk, order)
        step = self._desk.step("aggregate", role="aggregator")
        prompt = ask(self._desk.facts, "aggregate", results=findings)
        await write_report(self._desk, step, "Writing the report", "aggregate", prompt)
        return {}

    async def _ask_for_plan(self, step: Step) -> list[SubtaskObject]:
        """The model's plan; one that is none is sent back once. Empty when the second is none either."""
        prompt = ask(self._desk.facts, "plan")
        turn = await take_turn(self._desk, Question(step, "plan", prompt))
        subtasks = read_plan(turn.text)
        if subtasks:
            return subtasks
        again = [*prompt, ModelMessage("assistant", turn.text), ModelMessage("user", NO_PLAN)]
        return read_plan((await take_turn(self._desk, Question(step, "plan", again))).text)

    async def _make_job(self, state: LoopState) -> Job:
        subtask = SubtaskObject(**state["subtask"])
        findings = await run_db(_findings, self._desk, subtask.needs)
        return Job(
            step=self._desk.step(f"subtask/{subtask.id}", role="executor", subtask=subtask.id),
            opening=subtask.title,
            purpose="execute",
            prompt=ask(self._desk.facts, "execute", subtask=subtask.title, results=findings),
            output_key=_key(subtask.id),
            output_kind=AgentOutput.Kind.SUBTASK,
            title=subtask.title,
            is_streamed=False,
            data={"subtask": subtask.id},
        )

    async def _store_plan(self, key: str, subtasks: list[SubtaskObject], note: str = "") -> None:
        step = self._desk.step(key, role="planner")
        content = "\n".join(f"{number}. {each.title}" for number, each in enumerate(subtasks, start=1))
        written = await write_up(content)
        facts = OutputFacts(key, AgentOutput.Kind.PLAN, "Plan", written.text, written.html, {"subtasks": _dump(subtasks)})
        told = PlanMade(step, key, tuple(subtasks))
        await self._desk.emit(OutputMade(step, facts), told, StepFinished(step, f"Plan with {_subtasks(subtasks)}{note}"))

    def _after_plan(self, state: ResolveState) -> str:
        del state
        return "ask" if self._desk.facts.review_plan else "join"


def build(desk: Desk) -> StateGraph[ResolveState, None, ResolveState, ResolveState]:
    """The graph of resolve."""
    return Resolve(desk).graph()


def _hand_out(state: ResolveState) -> str | list[Send]:
    """Every subtask that can begin now, side by side; the report once all are done."""
    subtasks = [SubtaskObject(**each) for each in state["plan"]]
    now = ready(subtasks, list(state.get("results", {})))
    return [Send("work", {"subtask": each.model_dump()}) for each in now] or "aggregate"


def _subtasks(plan: Sized) -> str:
    return f"{len(plan)} subtask" if len(plan) == 1 else f"{len(plan)} subtasks"


def _dump(subtasks: list[SubtaskObject]) -> list[dict[str, Any]]:
    return [each.model_dump() for each in subtasks]


def _key(subtask: str) -> str:
    return f"subtask/{subtask}"


def _stored_plan(desk: Desk) -> list[dict[str, Any]] | None:
    stored = AgentOutput.objects.filter(run_id=desk.attempt.run_id, key=PLAN_KEY).first()
    return list(stored.data["subtasks"]) if stored and stored.data else None


def _findings(desk: Desk, subtasks: list[str]) -> list[Finding]:
    """What these subtasks have found, in this order."""
    rows = AgentOutput.objects.filter(run_id=desk.attempt.run_id, key__in=[_key(each) for each in subtasks])
    found = {row.key: Finding(row.title, row.content, row.kind) for row in rows}
    return [found[_key(each)] for each in subtasks if _key(each) in found]
