"""optimise: implementer → tester → performance agent → critic, round after round, until the budgets are met or nothing helps.

The first round measures the code as it is. Whatever a round comes to is an output of the run (journal.py); the state only
says where the graph stands. Code runs in copies alone, in sealed processes (agents/bench/stages.py).
"""

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agents.emit import StepFinished, StepStarted
from agents.workflows.desk import Desk
from agents.workflows.optimise.bench import open_bench
from agents.workflows.optimise.choice import Choice
from agents.workflows.optimise.closing import Closing
from agents.workflows.optimise.patch import Patching
from agents.workflows.optimise.state import OptimiseState
from agents.workflows.optimise.trial import Trial


class Optimise:
    """The graph of the workflow for one attempt."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def graph(self) -> StateGraph[OptimiseState, None, OptimiseState, OptimiseState]:
        """The workflow as a graph, not compiled yet."""
        choice, patching = Choice(self._desk), Patching(self._desk)
        trial, closing = Trial(self._desk), Closing(self._desk)
        graph = StateGraph(OptimiseState)
        for node in (choice.choose, choice.ask_workspace, self.await_workspace, choice.take_workspace, self.open):
            graph.add_node(node.__name__, node)
        for node in (patching.implement, patching.ask_patch, self.await_patch, patching.settle_patch):
            graph.add_node(node.__name__, node)
        for node in (trial.compose, trial.test, trial.measure, closing.critique, closing.report):
            graph.add_node(node.__name__, node)
        _connect(graph)
        return graph

    async def await_workspace(self, state: OptimiseState) -> OptimiseState:
        """Wait here until somebody has named the project."""
        interrupt({"request": state["request"]})
        return {}

    async def await_patch(self, state: OptimiseState) -> OptimiseState:
        """Wait here until the patch was looked at."""
        interrupt({"request": state["request"]})
        return {}

    async def open(self, state: OptimiseState) -> OptimiseState:
        """Copy the project; everything that follows works on this copy."""
        step = self._desk.step("open", role="tester")
        name = state["workspace"]
        await self._desk.emit(StepStarted(step, f"Copying {name}"))
        bench = await open_bench(self._desk, name)
        await self._desk.emit(StepFinished(step, f"{bench.spec.name}: {bench.copied.files:,} files copied"))
        return {"fingerprint": bench.copied.fingerprint, "round": 1}


def build(desk: Desk) -> StateGraph[OptimiseState, None, OptimiseState, OptimiseState]:
    """The graph of optimise."""
    return Optimise(desk).graph()


def _connect(graph: StateGraph[OptimiseState, None, OptimiseState, OptimiseState]) -> None:
    graph.add_edge(START, "choose")
    graph.add_conditional_edges("choose", _chosen, ["open", "ask_workspace"])
    for before, after in (("ask_workspace", "await_workspace"), ("await_workspace", "take_workspace"), ("take_workspace", "open")):
        graph.add_edge(before, after)
    graph.add_edge("open", "compose")
    graph.add_edge("compose", "test")
    graph.add_conditional_edges("test", _next, ["measure", "critique"])
    graph.add_edge("measure", "critique")
    graph.add_conditional_edges("critique", _next, ["implement", "report"])
    graph.add_conditional_edges("implement", _next, ["ask_patch", "test", "critique", "report"])
    graph.add_edge("ask_patch", "await_patch")
    graph.add_edge("await_patch", "settle_patch")
    graph.add_conditional_edges("settle_patch", _next, ["test", "critique"])
    graph.add_edge("report", END)


def _chosen(state: OptimiseState) -> str:
    return "open" if state["workspace"] else "ask_workspace"


def _next(state: OptimiseState) -> str:
    return state["next"]
