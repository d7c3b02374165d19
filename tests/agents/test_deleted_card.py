"""A card may go while its work session stays: nothing of the session changes without an event."""

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from project.accounts.models import User
from tests.agents.conftest import Room
from tests.agents.driving import run_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def test_session_outlives_its_card_unchanged(room: Room, alice: User, client: Client) -> None:
    session = room.session()
    before = room.snapshot(session)
    room.api.ok("delete", f"/api/cards/{room.card}/")
    assert room.snapshot(session) == before
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client.force_login(alice)
    for page in (f"/sessions/{session}/", f"/admin/work_sessions/worksession/{session}/change/", "/admin/work_sessions/worksession/"):
        assert client.get(page).status_code == 200, page


async def test_run_goes_on_when_its_card_is_deleted(room: Room) -> None:
    session = await sync_to_async(room.session)("resolve")
    run = (await sync_to_async(room.say)(session, "What is overdue?"))["run"]
    await sync_to_async(room.api.ok)("delete", f"/api/cards/{room.card}/")
    await run_until_idle()
    assert (await sync_to_async(room.run)(run))["status"] == "completed"
