"""The loop of one agent: think, use tools, think again, until there is an answer. A tool that needs somebody waits at a gate.

`interrupt()` stands in a node of its own with nothing before it, because a resumed node runs again from its first line.
"""

import operator
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agents.emit import MessageClosed, RequestMade, StepStarted, ToolFinished, ToolStarted
from agents.ids import call_id
from agents.llm.port import MOST_CALLS, ModelMessage, Purpose, ToolCallDelta
from agents.models import AgentOutput
from agents.services.scope import Step
from agents.wire import ErrorObject
from agents.workflows import gate
from agents.workflows.aside import aside
from agents.workflows.desk import Desk
from agents.workflows.results import Result, hand_in
from agents.workflows.together import together
from agents.workflows.toolbox import answer_of, call_tool, describe_call
from agents.workflows.turn import Question, take_turn
from agents.workflows.written import write_up
from project.realtime.db import run_db
from project.realtime.events import encode

# A request holds both, and an event holds a request.
_MOST_ARGUMENT_BYTES = 64 * 1024
_MOST_REASON_CHARS = 4_000
_SHOWN_CHARS = 2_000


class LoopState(TypedDict, total=False):
    """Where the loop stands. `calls` are those of the newest answer that are not done; `request` is what it waits for."""

    subtask: dict[str, Any]
    messages: Annotated[list[dict[str, Any]], operator.add]
    calls: list[dict[str, Any]]
    turn: int
    request: str
    is_done: bool
    results: Annotated[dict[str, str], operator.or_]


@dataclass(frozen=True)
class Job:
    """What the loop is to do: asked how, shown as what. `output_key` names the result in the run's journal."""

    step: Step
    opening: str
    purpose: Purpose
    prompt: Sequence[ModelMessage]
    output_key: str
    output_kind: str
    title: str
    is_streamed: bool
    data: Mapping[str, Any] | None = None


class Loop:
    """The nodes of the loop for one attempt."""

    def __init__(self, desk: Desk, make_job: Callable[[LoopState], Awaitable[Job]]) -> None:
        self._desk = desk
        self._make_job = make_job

    def graph(self) -> StateGraph[LoopState, None, LoopState, LoopState]:
        """The loop as a graph, not compiled yet."""
        graph = StateGraph(LoopState)
        for node in (self.think, self.act, self.ask, self.gate, self.settle):
            graph.add_node(node.__name__, node)
        graph.add_edge(START, "think")
        graph.add_conditional_edges("think", _after_think, ["act", END])
        graph.add_conditional_edges("act", _after_calls, ["ask", "think"])
        graph.add_edge("ask", "gate")
        graph.add_edge("gate", "settle")
        graph.add_conditional_edges("settle", _after_calls, ["ask", "think"])
        return graph

    async def think(self, state: LoopState) -> dict[str, Any]:
        """Ask the model; its answer is the result, or calls of tools."""
        job = await self._make_job(state)
        if await run_db(_is_stored, self._desk, job.output_key):
            return self._done(job)
        number = state.get("turn", 0)
        if number == 0:
            await self._desk.emit(StepStarted(job.step, job.opening))
        messages = [*job.prompt, *map(_decode, state.get("messages", []))]
        key = f"{job.output_key}/{number}" if job.is_streamed else None
        turn = await take_turn(self._desk, Question(job.step, job.purpose, messages, gate.offered_tools(self._desk), key))
        if not turn.calls:
            await hand_in(self._desk, job.step, turn, Result(job.output_key, job.output_kind, job.title, job.data))
            return self._done(job)
        if turn.message_id is not None:
            written = await write_up(turn.text)
            await self._desk.emit(MessageClosed(turn.message_id, written.text, written.html))
        why = turn.text[:_MOST_REASON_CHARS] or job.title
        calls = [_encode_call(call_id(job.step.id, number, index), call, why) for index, call in enumerate(_bounded(turn.calls))]
        answer = {"role": "assistant", "content": turn.text, "tool_calls": calls}
        return {"messages": [answer], "calls": calls, "turn": number + 1}

    async def act(self, state: LoopState) -> dict[str, Any]:
        """Run, side by side, the tools that need nobody."""
        job = await self._make_job(state)
        free = await aside(self._free, state["calls"])
        results = await together(self._call(job.step, call) for call in free)
        left = [call for call in state["calls"] if call not in free]
        return {"messages": [_tool_message(call, result) for call, result in zip(free, results, strict=True)], "calls": left}

    async def ask(self, state: LoopState) -> dict[str, Any]:
        """Open the request for the first call that needs somebody."""
        job = await self._make_job(state)
        items = await run_db(gate.make_request, self._desk, job.step, state["calls"][0])
        made = await self._desk.emit(*items)
        index = next(index for index, item in enumerate(items) if isinstance(item, RequestMade))
        return {"request": str(made[index].id)}

    async def gate(self, state: LoopState) -> dict[str, Any]:
        """Wait here, holding no worker, until the request is answered."""
        interrupt({"request": state["request"]})
        return {}

    async def settle(self, state: LoopState) -> dict[str, Any]:
        """Do what was decided about the first call."""
        job = await self._make_job(state)
        call = state["calls"][0]
        result = await gate.settle(self._desk, job.step, call, state["request"])
        if result is None:  # its outcome is unknown, and a person has to say
            return {"request": ""}
        return {"messages": [_tool_message(call, result)], "calls": state["calls"][1:], "request": ""}

    def _free(self, calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The calls that nobody has to be asked about. Holding arguments to a client's schema may take long."""
        return [call for call in calls if call.get("flaw") or not gate.needs_somebody(self._desk, call)]

    async def _call(self, step: Step, call: Mapping[str, Any]) -> str:
        facts = describe_call(self._desk, step, call)
        if not call.get("flaw"):
            return await call_tool(self._desk, step, facts)
        error = ErrorObject(code="invalid", message=call["flaw"])
        _, row = await self._desk.emit(ToolStarted(step, facts), ToolFinished(facts.id, "failed", error.message, error=error))
        return answer_of(row)

    def _done(self, job: Job) -> dict[str, Any]:
        results = {job.step.subtask: "done"} if job.step.subtask else {}
        return {"is_done": True, "calls": [], "results": results}


def _after_think(state: LoopState) -> str:
    return END if state.get("is_done") else "act"


def _after_calls(state: LoopState) -> str:
    return "ask" if state["calls"] else "think"


def _is_stored(desk: Desk, key: str) -> bool:
    return AgentOutput.objects.filter(run_id=desk.attempt.run_id, key=key).exists()


def _bounded(calls: Sequence[ToolCallDelta]) -> Sequence[ToolCallDelta]:
    """The first calls of an answer; of what is too many, one goes back to the model and says so."""
    if len(calls) <= MOST_CALLS:
        return calls
    flaw = f"An answer makes {MOST_CALLS} calls at most: this one and the rest were not made."
    return [*calls[:MOST_CALLS], replace(calls[MOST_CALLS], flaw=flaw)]


def _encode_call(identity: object, call: ToolCallDelta, why: str) -> dict[str, Any]:
    flaw, arguments = call.flaw, dict(call.arguments)
    written = encode(arguments)
    if len(written.encode()) > _MOST_ARGUMENT_BYTES:
        flaw, arguments = f"The arguments are too long: at most {_MOST_ARGUMENT_BYTES:,} bytes.", {"unreadable": written[:_SHOWN_CHARS]}
    return {"id": str(identity), "ref": call.id, "name": call.name, "arguments": arguments, "why": why, **({"flaw": flaw} if flaw else {})}


def _tool_message(call: Mapping[str, Any], result: str) -> dict[str, Any]:
    return {"role": "tool", "content": result, "ref": call["ref"], "name": call["name"]}


def _decode(message: Mapping[str, Any]) -> ModelMessage:
    calls = tuple(ToolCallDelta(call["ref"], call["name"], call["arguments"]) for call in message.get("tool_calls", ()))
    return ModelMessage(message["role"], message["content"], calls, message.get("ref"), message.get("name"))
