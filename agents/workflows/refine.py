"""refine: a report written anew from what earlier runs have found, without tools."""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from agents.workflows.desk import Desk
from agents.workflows.prompting import ask
from agents.workflows.report import write_report


class RefineState(TypedDict, total=False):
    is_done: bool


def build(desk: Desk) -> StateGraph[RefineState, None, RefineState, RefineState]:
    """The graph of a refinement."""

    async def refine(state: RefineState) -> dict[str, Any]:
        del state
        step = desk.step("refine", role="aggregator")
        await write_report(desk, step, "Refining the report", "refine", ask(desk.facts, "refine", results=desk.facts.kept))
        return {"is_done": True}

    graph = StateGraph(RefineState)
    graph.add_node("refine", refine)
    graph.add_edge(START, "refine")
    graph.add_edge("refine", END)
    return graph
