"""chat: one assistant with tools over the conversation."""

from langgraph.graph import StateGraph

from agents.models import AgentOutput
from agents.workflows.desk import Desk
from agents.workflows.loop import Job, Loop, LoopState
from agents.workflows.prompting import ask_in_conversation


def build(desk: Desk) -> StateGraph[LoopState, None, LoopState, LoopState]:
    """The graph of a chat."""
    job = Job(
        step=desk.step("chat", role="assistant"),
        opening="Reading the message",
        purpose="chat",
        prompt=ask_in_conversation(desk.facts),
        output_key="answer",
        output_kind=AgentOutput.Kind.ANSWER,
        title="Answer",
        is_streamed=True,
    )

    async def make_job(state: LoopState) -> Job:
        del state
        return job

    return Loop(desk, make_job).graph()
