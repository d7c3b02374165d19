"""Writing a report into a streamed message and storing it as an output: what resolve ends with and refine consists of."""

from collections.abc import Sequence

from agents.emit import StepStarted
from agents.llm.port import ModelMessage, Purpose
from agents.models import AgentOutput
from agents.services.scope import Step
from agents.workflows.desk import Desk
from agents.workflows.results import Result, hand_in
from agents.workflows.turn import Question, take_turn
from project.realtime.db import run_db

KEY = "report"


async def write_report(desk: Desk, step: Step, opening: str, purpose: Purpose, prompt: Sequence[ModelMessage]) -> None:
    """Have the model write the report; one that is stored already is not written again."""
    if await run_db(_is_written, desk):
        return
    await desk.emit(StepStarted(step, opening))
    turn = await take_turn(desk, Question(step, purpose, prompt, message_key=KEY))
    await hand_in(desk, step, turn, Result(KEY, AgentOutput.Kind.REPORT, "Report"))


def _is_written(desk: Desk) -> bool:
    return AgentOutput.objects.filter(run_id=desk.attempt.run_id, key=KEY).exists()
