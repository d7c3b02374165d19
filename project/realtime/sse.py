"""Server-sent events: a stream's log over plain HTTP (PROTOCOL §4), fed by the same hub as the sockets."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse

from project.accounts.credentials import Credential, authenticate
from project.accounts.rest import as_told, error_headers
from project.errors import AppError, Invalid, MethodNotAllowed, NotAuthenticated, RateLimited
from project.limits import limits
from project.realtime import connections
from project.realtime.cursor import Cursor, fit
from project.realtime.db import run_db
from project.realtime.frames import hello_frame, reset_frame
from project.realtime.hub import get_hub
from project.realtime.log import Item
from project.realtime.place import find_place, parse_position
from project.realtime.streams import Kind, Role, StreamKey, access_stream

Until = Callable[[Item], bool]

_RETRY_S = 5


async def event_stream(request: HttpRequest, stream_id: UUID, *, kind: Kind) -> HttpResponseBase:
    """GET …/stream/: the events after a place, then those that come."""
    key = StreamKey(stream_id, kind)
    try:
        if request.method != "GET":
            raise MethodNotAllowed
        credential = await _authenticate(request)
        role = await run_db(access_stream, credential.user, key)
        after, epoch = _asked_place(request)
        return open_stream(credential, role, key, after=after, epoch=epoch)
    except Exception as failure:
        return error_response(as_told(failure))


def open_stream(
    credential: Credential, role: Role, key: StreamKey, *, after: int | None, epoch: str | None = None, until: Until | None = None
) -> StreamingHttpResponse:
    """A response that streams `key` to the holder of `credential`, to the event for which `until` holds if that is given.

    Raises RateLimited when the user or the process has too many connections.
    """
    if not connections.take_place(credential.user.id):
        raise RateLimited("Too many connections are open. Close one.", retry_after_s=_RETRY_S)
    feed = _Feed(credential, role, key, until)
    response = StreamingHttpResponse(feed.lines(after, epoch), content_type="text/event-stream")
    response._resource_closers.append(feed.release)  # type: ignore[attr-defined]  # for a client gone before the first line
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def error_response(error: AppError) -> JsonResponse:
    """The error as REST tells it."""
    return JsonResponse({"error": error.to_wire()}, status=error.status, headers=error_headers(error))


async def _authenticate(request: HttpRequest) -> Credential:
    authorization = request.META.get("HTTP_AUTHORIZATION")
    credential = await run_db(authenticate, authorization=authorization, ticket=None, cookies=request.COOKIES)
    if credential is None:
        raise NotAuthenticated
    return credential


def _asked_place(request: HttpRequest) -> tuple[int | None, str | None]:
    """`after` and `epoch` of the request; a Last-Event-ID wins over the query."""
    unknown = {name: ["Unknown parameter."] for name in request.GET if name not in {"after", "epoch"}}
    if unknown:
        raise Invalid("Some parameters aren't valid.", fields=unknown)
    last_id = request.headers.get("Last-Event-ID")
    if last_id:
        epoch, _, seq = last_id.partition(".")
        return parse_position(seq), epoch
    return parse_position(request.GET.get("after")), request.GET.get("epoch")


class _Feed:
    """The body of one response."""

    def __init__(self, credential: Credential, role: Role, key: StreamKey, until: Until | None) -> None:
        self._credential = credential
        self._role: Role = role
        self._key = key
        self._until = until
        self._is_over = False
        self._is_counted = True
        self._sent = 0
        self._ends_at = time.monotonic() + limits().sse_s

    def release(self) -> None:
        """Give the connection's place back, once."""
        if self._is_counted:
            self._is_counted = False
            connections.give_place_back(self._credential.user.id)

    async def lines(self, after: int | None, epoch: str | None) -> AsyncIterator[str]:
        """The text of the stream, in pieces of whole events."""
        hub = get_hub()
        cursor = self._make_cursor()
        try:
            followed = await hub.attach(cursor, self._key)
            try:
                # Again, now that the bell finds the cursor: what was taken away meanwhile rang for nobody.
                await hub.check(cursor)
                place = await find_place(followed, after=after, epoch=epoch)
                yield f"retry: 2000\nevent: hello\ndata: {hello_frame(cursor)}\n\n"
                if place.reset:
                    yield f"event: reset\ndata: {reset_frame(place.reset, self._key.snapshot_path)}\n\n"
                    return
                cursor.move_to(place.after)
                async for text in self._follow(cursor):
                    yield text
            finally:
                await hub.detach(cursor)
        finally:
            self.release()

    def _make_cursor(self) -> Cursor:
        async def close(code: int, retry_ms: int | None = None) -> None:
            del code, retry_ms  # an event stream has no codes: it ends, and its client is told why when it comes back
            self._is_over = True
            cursor.wake()

        user = self._credential.user
        cursor = Cursor(user=user, credential=self._credential, role=self._role, send=_nowhere, close=close, is_windowed=False)
        return cursor

    async def _follow(self, cursor: Cursor) -> AsyncIterator[str]:
        followed = cursor.followed
        heartbeat_at = time.monotonic() + limits().heartbeat_s
        while not self._is_over and time.monotonic() < self._ends_at and self._sent < limits().sse_bytes:
            if cursor.is_paused:
                yield f"event: reset\ndata: {reset_frame('epoch', self._key.snapshot_path)}\n\n"
                return
            items = fit(await followed.items_after(cursor.position, limits().batch_events), limits().batch_bytes, is_first_free=True)
            if items:
                cursor.position = items[-1].seq
                yield self._format(items, followed.epoch)
            elif time.monotonic() >= heartbeat_at:
                heartbeat_at = time.monotonic() + limits().heartbeat_s
                yield ": heartbeat\n\n"
            else:
                await cursor.wait(max(0.05, min(heartbeat_at, self._ends_at) - time.monotonic()))

    def _format(self, items: Sequence[Item], epoch: str) -> str:
        lines = []
        for item in items:
            lines.append(f"id: {epoch}.{item.seq}\ndata: {item.text}\n\n")
            self._sent += item.size
            if self._until and self._until(item):
                self._is_over = True
                break
        return "".join(lines)


async def _nowhere(frame: str) -> None:
    """Presence and the like aren't part of an event stream."""
