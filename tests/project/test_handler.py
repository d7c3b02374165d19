"""Requests as a server hands them over: whole, to threads that stay; files, streams and coroutines as Django has them."""

import asyncio
import threading
from typing import Any

import httpx2
import pytest
from django.test import override_settings
from knox.models import AuthToken

from project import settings
from project.accounts.models import User
from project.accounts.rest import UserThrottle
from project.handler import Handler

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bearer(alice: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {AuthToken.objects.create(alice)[1]}"}


def client(handler: Handler | None = None, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
    app: Any = handler or Handler()  # httpx2 has another idea of its type than Django
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver", headers=headers)


async def test_threads_stay_for_the_next_request(bearer: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def allow_request(*_: object) -> bool:
        threads.append(threading.current_thread())
        return True

    monkeypatch.setattr(UserThrottle, "allow_request", allow_request)
    async with client(headers=bearer) as http:
        for _ in range(5):
            assert (await http.get("/api/me/")).status_code == 200
    assert len(threads) == 5
    assert all(thread.is_alive() for thread in threads)


async def test_body_and_answer_go_through(bearer: dict[str, str]) -> None:
    async with client(headers=bearer) as http:
        answer = await http.post("/api/boards/", json={"name": "Launch"})
    assert (answer.status_code, answer.json()["board"]["name"]) == (201, "Launch")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/nowhere", 404), ("/api/me/", 401), ("/accounts/login/", 200)])
async def test_every_kind_of_view_answers(path: str, status: int) -> None:
    async with client() as http:
        assert (await http.get(path)).status_code == status


async def test_files_are_served(bearer: dict[str, str]) -> None:
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE):
        handler = Handler()
    async with client(handler, bearer) as http:
        assert (await http.get("/static/favicon.svg")).headers["Content-Type"] == "image/svg+xml"
        assert (await http.get("/static/nothing.svg")).status_code == 404
        assert (await http.get("/api/me/")).status_code == 200


@pytest.mark.parametrize("has_said_so", [True, False])
async def test_client_that_leaves_ends_its_stream(bearer: dict[str, str], has_said_so: bool) -> None:
    headers = bearer | ({"Accept": "text/event-stream"} if has_said_so else {})
    async with client(headers=bearer) as http:
        board = (await http.post("/api/boards/", json={"name": "Launch"})).json()["board"]["id"]
    came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "http", "method": "GET", "path": f"/api/boards/{board}/stream/", "query_string": b"", "scheme": "http"}
    scope["headers"] = [(name.lower().encode(), value.encode()) for name, value in {"Host": "testserver", **headers}.items()]
    await came.put({"type": "http.request"})
    stream = asyncio.create_task(Handler()(scope, came.get, sent.put))
    async with asyncio.timeout(10):
        assert (await sent.get())["status"] == 200
        assert b"event: hello" in (await sent.get())["body"]
        await came.put({"type": "http.disconnect"})
        await stream
