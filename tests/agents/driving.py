"""Driving runs in a test's own loop, without a launcher."""

from agents.drive import drive
from agents.lease import claim_next, sweep
from agents.workflows.clarifier import clarify, next_question
from project.realtime.db import run_db

OWNER = "tests"


async def run_until_idle() -> int:
    """Answer what is asked, and drive every run that may go on to its end or its wait; how many attempts that were."""
    attempts = 0
    while True:
        await run_db(sweep)
        while (question := await run_db(next_question)) is not None:
            await clarify(question)
        claim = await run_db(claim_next, OWNER)
        if claim is None:
            return attempts
        await drive(claim.run_id, claim.attempt)
        attempts += 1
