"""Somebody signed in at a server: REST with a bearer token, and the way to the sockets."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2

from project.client.errors import Refused, Unreachable
from project.client.frames import Event, Json, Snapshot, User, read_event, read_snapshot, read_user
from project.client.place import Place
from project.client.stream import Stream

_TIMEOUT_S = 30.0
_PAGE = 200


class Account:
    """A signed-in user at the server of `url`, kept by token; cookies play no part. Close it, or use it in `async with`."""

    def __init__(self, url: str, token: str, user: User) -> None:
        self.url = url
        self.token = token
        self.user = user
        self._http = _client(url, token)

    @classmethod
    async def sign_in(cls, url: str, username: str, password: str) -> Self:
        """Sign in by password. Refused when it is wrong or there were too many tries."""
        return await cls._enter(url, "auth/login/", username, password)

    @classmethod
    async def sign_up(cls, url: str, username: str, password: str) -> Self:
        """A new user. Refused when the name is taken or the server takes no new users."""
        return await cls._enter(url, "auth/signup/", username, password)

    @classmethod
    async def by_token(cls, url: str, token: str) -> Self:
        """Whom the token belongs to. Refused when that is nobody."""
        async with _client(url, token) as http:
            return cls(url, token, read_user(await _ask(http, "GET", "me/")))

    @classmethod
    async def _enter(cls, url: str, path: str, username: str, password: str) -> Self:
        async with _client(url) as http:
            body = await _ask(http, "POST", path, body={"username": username, "password": password})
        return cls(url, body["token"], read_user(body["user"]))

    # -- REST --------------------------------------------------------------------------------------------------------

    async def get(self, path: str, **query: Any) -> Any:
        """The body of GET /api/`path`."""
        return await _ask(self._http, "GET", path, query=query)

    async def post(self, path: str, body: Json | None = None, *, key: str | None = None) -> Any:
        """The body of POST /api/`path`. Repeating it under the same `key` does it once."""
        return await _ask(self._http, "POST", path, body=body or {}, key=key or str(uuid4()))

    async def patch(self, path: str, body: Json, *, key: str | None = None) -> Any:
        """The body of PATCH /api/`path`."""
        return await _ask(self._http, "PATCH", path, body=body, key=key or str(uuid4()))

    async def delete(self, path: str, *, key: str | None = None) -> Any:
        """The body of DELETE /api/`path`."""
        return await _ask(self._http, "DELETE", path, key=key or str(uuid4()))

    async def list_all(self, path: str, **query: Any) -> list[Json]:
        """Every row of a list, page by page."""
        rows: list[Json] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(path, limit=_PAGE, **query, **cursor)
            rows += page["results"]
            if page["next"] is None:
                return rows
            cursor = {"cursor": page["next"]}

    async def snapshot(self, path: str) -> Snapshot:
        """The state of the stream at `path` ("sessions/<id>", "boards/<id>") in one consistent read."""
        return read_snapshot(await self.get(f"{path}/snapshot/"))

    async def log(self, path: str, after: int = 0) -> AsyncIterator[Event]:
        """The events of the stream at `path` past `after`, up to its head as of the last page."""
        while True:
            page = await self.get(f"{path}/events/", after=after)
            for envelope in page["events"]:
                yield read_event(envelope)
            if not page["events"] or page["events"][-1]["seq"] >= page["seq"]:
                return
            after = page["events"][-1]["seq"]

    async def ticket(self) -> str:
        """A ticket that opens one socket within 30 seconds."""
        ticket: str = (await self.post("auth/ticket/"))["ticket"]
        return ticket

    async def sign_out(self) -> None:
        """Revoke the token."""
        await self.post("auth/logout/")

    # -- sockets -----------------------------------------------------------------------------------------------------

    def follow(self, path: str, *, after: int | None = None, epoch: str | None = None, by_ticket: bool = False) -> Stream:
        """The stream at `path` ("sessions/<id>") past `after` (None: from now on), over a socket that comes back by itself."""
        return Stream(self, path, place=Place(after, epoch), by_ticket=by_ticket)

    def new_session(self, *, by_ticket: bool = False, **fields: Any) -> Stream:
        """The stream of a session that the socket itself opens, with these fields of POST sessions/; see its `session`."""
        return Stream(self, "sessions", place=Place(), start=fields, by_ticket=by_ticket)

    # -- coming and going --------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Let go of the connections; the token stays valid."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()


def _client(url: str, token: str | None = None) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("it begins with http:// or https://")
        return httpx2.AsyncClient(base_url=f"{url.rstrip('/')}/api/", headers=headers, timeout=_TIMEOUT_S)
    except (ValueError, httpx2.InvalidURL) as error:
        raise Unreachable(f"{url} is no address of a server: {error}.") from error


async def _ask(
    http: httpx2.AsyncClient,
    method: str,
    path: str,
    *,
    body: Json | None = None,
    query: dict[str, Any] | None = None,
    key: str | None = None,
) -> Any:
    """The body of a good answer; Refused with the server's own words, or Unreachable."""
    headers = {"Idempotency-Key": key} if key else {}
    where = http.base_url.copy_with(path="/")
    try:
        answer = await http.request(method, path, json=body, params=query, headers=headers)
    except httpx2.TransportError as error:
        raise Unreachable(f"{where} can't be reached ({str(error) or type(error).__name__}).") from error
    try:
        content: Any = answer.json() if answer.content else None
        if answer.status_code < 400:
            return content
        raise Refused(content["error"], answer.status_code)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreachable(f"{where} answered {answer.status_code}, and not as Workroom does.") from error
