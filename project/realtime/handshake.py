"""The handshake of a socket: origin and credential are settled here, once, and `send` is left alone (wrapping it costs 42 %)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from django.conf import settings
from django.http import parse_cookie

from project.accounts.credentials import Credential, authenticate
from project.realtime.db import run_db

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[Any]]

_POLICY_VIOLATION = 1008


def query_of(scope: Scope) -> dict[str, list[str]]:
    """The handshake's query parameters."""
    return parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


class Handshake:
    """ASGI middleware that puts `credential` (Credential or None) into the scope.

    A cookie from a foreign or missing Origin is refused before the socket is accepted; with a bearer token or ticket no
    Origin is needed, since a foreign page can't send those by itself.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        authorization = headers.get("authorization")
        ticket = query_of(scope).get("ticket", [None])[0]
        cookies = parse_cookie(headers.get("cookie", "")) if authorization is None and ticket is None else {}
        if settings.SESSION_COOKIE_NAME in cookies and not is_own_origin(headers.get("origin"), headers.get("host", "")):
            await receive()
            return await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        credential = await self._credential(scope, authorization, ticket, cookies)
        return await self._application({**scope, "credential": credential}, receive, send)

    async def _credential(self, scope: Scope, authorization: str | None, ticket: str | None, cookies: dict[str, str]) -> Credential | None:
        given: Credential | None = scope.get("credential")  # a test may connect as somebody without signing in
        if given is not None:
            return given
        return await run_db(authenticate, authorization=authorization, ticket=ticket, cookies=cookies)


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a page of `origin` is ours: exactly a configured one; in development, with none configured, this very loopback host."""
    if settings.WORKROOM_ORIGINS or not settings.WORKROOM_IS_DEVELOPMENT:
        return origin in settings.WORKROOM_ORIGINS
    return origin == f"http://{host}" and host.rpartition(":")[0] in {"127.0.0.1", "localhost", "[::1]"}
