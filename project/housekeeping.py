"""Housekeeping: rows that nobody can ask for any more are dropped, a batch at a time, so that no writer waits long for it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from knox.models import AuthToken

from agents.models import Checkpoint, CheckpointWrite
from agents.workspaces import remove_leftovers
from project.accounts.models import Ticket
from project.clock import db_now
from project.limits import limits
from project.realtime.models import Command
from project.realtime.turn import writers_turn

BATCH = 500


def keep_house() -> None:
    """Drop stored replies past the time within which a repeat is answered, checkpoints and copies of ended runs, expired sign-ins."""
    for rows in _overdue():
        while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
            with writers_turn():
                rows.model._default_manager.filter(pk__in=ids).delete()
    remove_leftovers()


def _overdue() -> Iterator[QuerySet[Any]]:
    now = db_now()
    yield Command.objects.filter(created__lt=now - timedelta(days=limits().command_days))
    yield CheckpointWrite.objects.filter(run__finished__isnull=False)
    yield Checkpoint.objects.filter(run__finished__isnull=False)
    yield Ticket.objects.filter(expires__lt=now)
    yield AuthToken.objects.filter(expiry__lt=now)
    yield Session.objects.filter(expire_date__lt=now)
