"""Driving runs in a test's own loop, without a launcher, and losing them on purpose."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.contract.validator import Expected, FaultObject, validate_log
from agents.drive import drive
from agents.lease import Claim, claim_next, sweep
from agents.llm.registry import use_model
from agents.llm.scripted import ScriptedModel
from agents.models import Run
from agents.services.fence import Fenced
from agents.workflows.clarifier import clarify, next_question
from project.clock import db_now
from project.realtime.db import run_db
from project.realtime.models import Event, Stream

OWNER = "tests"


async def run_until_idle() -> int:
    """Answer what is asked, and drive every run that may go on to its end or its wait; how many attempts that were."""
    attempts = 0
    while True:
        await run_db(sweep)
        await answer_questions()
        claim = await run_db(claim_next, OWNER)
        if claim is None:
            return attempts
        await drive(claim.run_id, claim.attempt)
        attempts += 1


async def answer_questions() -> None:
    """Have the clarifier answer everything it was asked."""
    while (question := await run_db(next_question)) is not None:
        await clarify(question)


async def claim() -> Claim:
    """Take the run that is next."""
    taken = await run_db(claim_next, OWNER)
    assert taken is not None
    return taken


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait up to five seconds for something that another task or thread brings about."""
    for _ in range(250):
        if await sync_to_async(condition)():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("It didn't happen within five seconds.")


@contextmanager
def scripted(answers: Any) -> Iterator[ScriptedModel]:
    """Let a model with these answers, by purpose, do the work."""
    model = ScriptedModel(answers)
    with use_model(model):
        yield model


async def lose(drive_task: "asyncio.Task[None]", monkeypatch: pytest.MonkeyPatch, claimed: Claim, *, expire: bool = True) -> None:
    """End a driver as a kill would: it writes and gives back nothing; with `expire` its lease has run out."""

    def gone(*_: object) -> None:
        raise Fenced

    with monkeypatch.context() as patch:
        patch.setattr("agents.drive.release", lambda claims: None)
        patch.setattr("agents.services.fence.run_change", gone)
        drive_task.cancel()
        await asyncio.gather(drive_task, return_exceptions=True)
    if expire:
        await sync_to_async(expire_lease)(claimed)


def expire_lease(claimed: Claim) -> None:
    Run.objects.filter(id=claimed.run_id).update(lease_until=db_now() - timedelta(seconds=1))


def faults_of_all_logs() -> list[FaultObject]:
    """What breaks the contract of PROTOCOL §3 in the logs of all work sessions there are."""
    reports = [
        validate_log(
            Event.objects.filter(stream=stream).order_by("seq").values_list("text", flat=True),
            Expected(stream=f"session:{stream.id}", after=0),
        )
        for stream in Stream.objects.filter(kind="session")
    ]
    return [fault for report in reports for fault in report.faults]
