"""What a user may have at once is counted exactly, however many ask for it at the same moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from agents.models import Run
from project.accounts.models import User
from sessions.models import WorkSession
from tests.agents.conftest import Room
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 8


def at_once(asks: Sequence[Callable[[], int]]) -> Counter[int]:
    """The statuses of requests that begin at the same moment, each on a thread of its own."""
    start = Barrier(len(asks))

    def ask(call: Callable[[], int]) -> int:
        start.wait(10)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(asks)) as pool:
        return Counter(pool.map(ask, asks))


def post(user: User, path: str, body: Any) -> Callable[[], int]:
    client = Api(user)
    return lambda: int(client.call("post", path, body).status_code)


def test_sessions_of_a_user_are_counted_exactly(room: Room, alice: User, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"sessions_per_user": 3}
    assert at_once([post(alice, "/api/sessions/", {}) for _ in range(AT_ONCE)]) == {201: 3, 429: AT_ONCE - 3}
    assert WorkSession.objects.filter(owner=alice).count() == 3


def test_runs_of_a_user_are_counted_exactly(room: Room, alice: User, settings: Any) -> None:
    """In sessions of their own, whose locks don't keep them apart."""
    sessions = [room.session() for _ in range(AT_ONCE)]
    settings.WORKROOM_LIMITS = {"runs_per_user": 3}
    paths = [f"/api/sessions/{session}/messages/" for session in sessions]
    assert at_once([post(alice, path, {"content": "Go"}) for path in paths]) == {202: 3, 429: AT_ONCE - 3}
    assert Run.objects.filter(started_by=alice).count() == 3


def test_users_do_not_take_each_others_share(room: Room, alice: User, bob: User, settings: Any) -> None:
    settings.WORKROOM_LIMITS = {"sessions_per_user": 2}
    asks = [post(user, "/api/sessions/", {}) for user in (alice, bob) for _ in range(AT_ONCE // 2)]
    assert at_once(asks) == {201: 4, 429: AT_ONCE - 4}
