"""What REST views are made of: commands, queries, lists by opaque cursor, and the events page of a stream."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, Q, QuerySet
from pydantic import Field, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.accounts.describe import Operation
from project.accounts.models import User
from project.accounts.wire import UserObject
from project.errors import Invalid, NotAuthenticated, Reset
from project.gate import clean_text, parse_json, validate
from project.realtime.commands import NO_SCOPE, CommandSpec, P, perform
from project.realtime.events import Category
from project.realtime.log import read_events, read_head
from project.realtime.streams import Kind, StreamKey, access_stream
from project.wire import Id, Payload, WireObject, parse_id

Row = TypeVar("Row", bound=Model)
Query = TypeVar("Query", bound=Payload)


def user_of(request: Request) -> User:
    """The signed-in user."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def command(request: Request, spec: CommandSpec[P], /, *, status: int = 200, scope: UUID = NO_SCOPE, **from_path: object) -> Response:
    """Carry out a command with the request's body as its data, completed by what the path says."""
    payload = validate(spec.payload, {**_body(request, from_path), **{name: _plain(value) for name, value in from_path.items()}})
    reply = perform(spec, actor=user_of(request), payload=payload, scope=scope, command_id=idempotency_key(request))
    return Response(reply, status=status)


def idempotency_key(request: Request) -> UUID | None:
    """The command id of a request, if it has one."""
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    key = parse_id(header)
    if key is None:
        raise Invalid("Idempotency-Key must be a lower-case UUID.", fields={"Idempotency-Key": ["Must be a lower-case UUID."]})
    return key


def _body(request: Request, from_path: Mapping[str, object]) -> dict[str, Any]:
    data = request.data
    if not isinstance(data, dict):
        raise Invalid("Send a JSON object.")
    doubled = {name: ["This is said by the address."] for name in from_path if name in data}
    if doubled:
        raise Invalid("Some fields aren't valid.", fields=doubled)
    return dict(data)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


def read_query(request: Request, model: type[Query]) -> Query:
    """The query parameters as a `model`; an unknown or repeated one is refused."""
    values = {name: request.query_params.getlist(name) for name in request.query_params}
    repeated = {name: ["Give this once."] for name, given in values.items() if len(given) > 1}
    if repeated:
        raise Invalid("Some parameters aren't valid.", fields=repeated)
    try:
        return model.model_validate_strings({clean_text(name): clean_text(given[0]) for name, given in values.items()})
    except ValidationError as error:
        fields = {".".join(map(str, problem["loc"])): [problem["msg"]] for problem in error.errors()}
        raise Invalid("Some parameters aren't valid.", fields=fields) from error


class ListQuery(Payload):
    """What every list takes."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = None


def list_response(query: ListQuery, rows: QuerySet[Row], order: Sequence[str], to_wire: Callable[[Sequence[Row]], list[Any]]) -> Response:
    """One page of `rows` by keyset: `order` names the fields, "-" for descending, and ends with a unique one."""
    if query.cursor is not None:
        rows = _rows_after(rows, order, query.cursor)
    try:
        page = list(rows.order_by(*order)[: query.limit + 1])
    except OverflowError as error:  # a time of a cursor that lies before year 1 in UTC
        raise _foreign_cursor() from error
    shown = page[: query.limit]
    following = _encode_cursor(shown[-1], order) if len(page) > query.limit else None
    return Response({"results": to_wire(shown), "next": following})


def _rows_after(rows: QuerySet[Row], order: Sequence[str], cursor: str) -> QuerySet[Row]:
    values = _decode_cursor(cursor, len(order))
    try:
        return rows.filter(_after(order, values))
    except (TypeError, ValueError, DjangoValidationError) as error:  # values of other types than the fields'
        raise _foreign_cursor() from error


def _foreign_cursor() -> Invalid:
    return Invalid("This cursor isn't one of this list's.", fields={"cursor": ["Use `next` of the page before."]})


def _after(order: Sequence[str], values: Sequence[object]) -> Q:
    """The rows that follow the one with `values` in `order`."""
    result = Q()
    for place, name in enumerate(order):
        equal = {each.lstrip("-"): value for each, value in zip(order[:place], values, strict=False)}
        comparison = f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}"
        result |= Q(**equal) & Q(**{comparison: values[place]})
    return result


def _encode_cursor(row: Model, order: Sequence[str]) -> str:
    values = [_key_value(row, name.lstrip("-")) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _key_value(row: Any, path: str) -> object:
    for name in path.split("__"):
        row = getattr(row, name)
    if isinstance(row, datetime):
        return row.isoformat()
    return _plain(row)


def _decode_cursor(cursor: str, length: int) -> list[object]:
    try:
        values = parse_json(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(values, list) or len(values) != length or any(isinstance(value, (list, dict)) for value in values):
            raise Invalid
    except (Invalid, binascii.Error, UnicodeError) as error:
        raise _foreign_cursor() from error
    return values


class EventsQuery(Payload):
    after: int = Field(default=0, ge=0)
    epoch: str | None = None
    limit: int = Field(default=500, ge=1, le=500)


class EventObject(WireObject):
    """An event's envelope; `data` by `type`, see GET event-types/. Session events but message_delta have the last two fields."""

    type: str
    seq: int
    id: Id
    stream: str
    timestamp: float
    actor: UserObject | None
    ref: Id | None
    data: dict[str, Any]
    category: Category | None = None
    ui_hint: dict[str, Any] | None = None


class EventsPage(WireObject):
    """Events after a place; the last one's seq is `seq` when there are no more."""

    stream: str
    epoch: str
    seq: int
    floor: int
    events: list[EventObject]


class EventsView(APIView):
    """A page of a stream's log, from any distance."""

    kind: ClassVar[Kind] = "board"
    operations: ClassVar[Mapping[str, Operation]] = {
        "GET": Operation("Events of the log after a place", query=EventsQuery, reply=EventsPage, errors=(Reset,))
    }

    def get(self, request: Request, stream_id: UUID) -> Response:
        key = StreamKey(stream_id, self.kind)
        access_stream(user_of(request), key)
        query = read_query(request, EventsQuery)
        items = read_events(stream_id, after=query.after, limit=query.limit)
        head, epoch = read_head(stream_id)  # after the events, so that it is never below them
        reason = "epoch" if query.epoch not in (None, epoch) else "ahead" if query.after > head else None
        if reason:
            raise Reset(data={"reason": reason, "snapshot": key.snapshot_path})
        events = [json.loads(item.text) for item in items]
        return Response({"stream": str(key), "epoch": epoch, "seq": head, "floor": 0, "events": events})


class SessionEventsView(EventsView):
    kind = "session"
