"""chat: one assistant with tools over the conversation."""

from langgraph.graph import StateGraph

from agents.models import AgentOutput
from agents.workflows.desk import Desk
from agents.workflows.loop import Job, Loop, LoopState
from agents.workflows.memory import converse


def build(desk: Desk) -> StateGraph[LoopState, None, LoopState, LoopState]:
    """The graph of a chat."""
    made: list[Job] = []

    async def make_job(state: LoopState) -> Job:
        del state
        if not made:
            made.append(
                Job(
                    step=desk.step("chat", role="assistant"),
                    opening="Reading the message",
                    purpose="chat",
                    prompt=await converse(desk),
                    output_key="answer",
                    output_kind=AgentOutput.Kind.ANSWER,
                    title="Answer",
                    is_streamed=True,
                )
            )
        return made[0]

    return Loop(desk, make_job).graph()
