"""What nobody can ask for any more is dropped, all of it, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from knox.models import AuthToken

from agents.models import Checkpoint, CheckpointWrite, Run
from project import housekeeping
from project.accounts.models import Ticket, User
from project.clock import db_now
from project.housekeeping import keep_house
from project.realtime.models import Command
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)


def test_replies_past_their_time_are_dropped(alice: User, api: Callable[[User], Api]) -> None:
    client = api(alice)
    keys = [uuid4() for _ in range(5)]
    boards = [client.ok("post", "/api/boards/", {"name": "Launch"}, key=key)["board"]["id"] for key in keys]
    Command.objects.exclude(ref=keys[0]).update(created=db_now() - timedelta(days=8))
    keep_house()
    assert [row.ref for row in Command.objects.all()] == [keys[0]]
    again = [client.ok("post", "/api/boards/", {"name": "Launch"}, key=key)["board"]["id"] for key in keys[:2]]
    assert (again[0] == boards[0], again[1] == boards[1]) == (True, False)


def test_checkpoints_of_ended_runs_are_dropped_and_those_of_others_kept(alice: User, robo: User, api: Callable[[User], Api]) -> None:
    client = api(alice)
    runs = []
    for _ in range(2):
        session = client.ok("post", "/api/sessions/", {"workflow": "chat"})["session"]["id"]
        runs.append(client.ok("post", f"/api/sessions/{session}/messages/", {"content": "Hello"})["run"]["id"])
    for run in runs:
        keep_checkpoints(UUID(run))
    client.ok("post", f"/api/runs/{runs[0]}/cancel/")
    keep_house()
    kept: list[Any] = [Checkpoint.objects.values_list("run", flat=True), CheckpointWrite.objects.values_list("run", flat=True)]
    assert [{str(run) for run in each} for each in kept] == [{runs[1]}, {runs[1]}]
    assert [len(each) for each in kept] == [3, 3]
    assert Run.objects.filter(id__in=runs).count() == 2


def keep_checkpoints(run: UUID) -> None:
    for number in range(3):
        place = {"run_id": run, "checkpoint": str(number), "encoding": "json", "body": b"{}"}
        Checkpoint.objects.create(**place, created=db_now())
        CheckpointWrite.objects.create(**place, task="t", index=0, channel="c")


def test_expired_sign_ins_are_dropped_and_good_ones_kept(alice: User) -> None:
    now = db_now()
    for number, expires in enumerate([now - timedelta(seconds=1)] * 3 + [now + timedelta(hours=1)]):
        token, _ = AuthToken.objects.create(alice)
        AuthToken.objects.filter(pk=token.pk).update(expiry=expires)
        Ticket.objects.create(digest=str(number), user=alice, origin="token:x", expires=expires)
        Session.objects.create(session_key=f"key{number}", session_data="", expire_date=expires)
    keep_house()
    assert [model.objects.count() for model in (AuthToken, Ticket, Session)] == [1, 1, 1]
    assert AuthToken.objects.get().expiry > now
