"""The OpenAPI document: written from what views declare as `operations` and from the pydantic models that judge the requests."""

import re
from collections.abc import Mapping

from django.conf import settings
from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from pydantic import BaseModel

from project.accounts.describe import Operation
from project.errors import AppError, Forbidden, IdReused, Invalid, NotAuthenticated, NotFound, RateLimited, TooLarge, UnsupportedMediaType
from project.realtime.shapes import Components, Json, as_parameter, without_fields

_SECURITY: Mapping[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The token of auth/login/ or auth/signup/."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "A page's sign-in. Unsafe methods need the token of the csrftoken cookie as X-CSRFToken.",
    },
}
_ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string", "description": "A sentence that may be shown to people."},
                "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                "data": {"type": "object"},
            },
        }
    },
}
_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A UUID of the client's. Repeating the request under it does the thing once and gives the same answer.",
    "schema": {"type": "string", "format": "uuid"},
}
_PATH_TYPES: Mapping[str, Json] = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer", "minimum": 0}}


class Schema(AutoSchema):
    """Writes one operation of the document from the `Operation` its view declares for the method."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry) -> Json | None:
        self.path, self.path_regex, self.method = path, path_regex, method.upper()
        if self.is_excluded():
            return None
        declared: Mapping[str, Operation] = getattr(self.view, "operations", {})
        operation = declared.get(self.method)
        if operation is None:
            warn(f"{type(self.view).__name__} doesn't declare {self.method} in `operations`.")
            return None
        return self._write(operation, Components(registry))

    def _write(self, operation: Operation, components: Components) -> Json:
        body = _body(operation, components)
        in_path = self._path_parameters()
        takes_key = _command_name(operation) is not None
        for name, scheme in _SECURITY.items():
            components.register(name, scheme, ResolvedComponent.SECURITY_SCHEMA)
        return {
            "operationId": _command_name(operation) or "_".join([self.method.lower(), *self._words()]).replace("-", "_"),
            "summary": operation.summary,
            "tags": self._words()[:1],
            "parameters": [*in_path, *_query_parameters(operation, components), *([_KEY] if takes_key else [])],
            **({"requestBody": body} if body else {}),
            "security": [{}] if operation.is_public else [{name: []} for name in _SECURITY],
            "responses": {
                str(operation.status): _success(operation, components),
                **_failures(self._refusals(operation, has_body=body is not None, has_path=bool(in_path)), components),
            },
        }

    def _words(self) -> list[str]:
        return re.findall(r"[\w-]+", self.path.removeprefix("/api/"))

    def _path_parameters(self) -> list[Json]:
        types = {name: _PATH_TYPES.get(converter) for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", self.path_regex)}
        names = re.findall(r"{(\w+)}", self.path)
        return [{"name": name, "in": "path", "required": True, "schema": types.get(name) or {"type": "string"}} for name in names]

    def _refusals(self, operation: Operation, *, has_body: bool, has_path: bool) -> list[type[AppError]]:
        """What this request may meet: refusals that any like it may meet, and those the view names."""
        met: list[tuple[bool, type[AppError]]] = [
            (has_body or operation.query is not None, Invalid),
            (not operation.is_public or operation.status == 200, NotAuthenticated),
            (self.method != "GET", Forbidden),
            (has_path, NotFound),
            (has_body, TooLarge),
            (has_body, UnsupportedMediaType),
            (_command_name(operation) is not None, IdReused),
            (True, RateLimited),
        ]
        return [error for is_met, error in met if is_met] + list(operation.errors)


def _command_name(operation: Operation) -> str | None:
    """The name of the command a request is for, if it is for one."""
    name = getattr(operation.body, "name", None)
    return name if isinstance(name, str) else None


def _payload(operation: Operation) -> type[BaseModel] | None:
    if operation.body is None or isinstance(operation.body, type):
        return operation.body
    return operation.body.payload


def _body(operation: Operation, components: Components) -> Json | None:
    payload = _payload(operation)
    if payload is None:
        return None
    full = components.inline(payload, "validation")
    left = without_fields(full, operation.from_path)
    if not left["properties"]:
        return None
    schema = left if operation.from_path else components.schema(payload, "validation")
    return {"required": bool(left["required"]), "content": {"application/json": {"schema": schema}}}


def _query_parameters(operation: Operation, components: Components) -> list[Json]:
    if operation.query is None:
        return []
    schema = components.inline(operation.query, "validation")
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": as_parameter(each)}
        for name, each in schema.get("properties", {}).items()
    ]


def _success(operation: Operation, components: Components) -> Json:
    if operation.reply is None:
        return {"description": "Done."}
    schema = components.schema(operation.reply, "serialization")
    return {"description": "Done.", "content": {operation.media_type: {"schema": schema}}}


def _failures(errors: list[type[AppError]], components: Components) -> Json:
    """The error responses by status, those of one status together."""
    components.register("Error", _ERROR)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    codes: dict[str, list[str]] = {}
    for error in errors:
        known = codes.setdefault(str(error.status), [])
        if error.code not in known:
            known.append(error.code)
    failures: Json = {status: {"description": ", ".join(names), "content": content} for status, names in sorted(codes.items())}
    return {**failures, "default": {"description": "internal, unavailable", "content": content}}


_STREAM_PARAMETERS: list[Json] = [
    {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0}, "description": "The last seq applied."},
    {"name": "epoch", "in": "query", "schema": {"type": "string"}},
    {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}, "description": "<epoch>.<seq>; wins over the query."},
]


def add_event_streams(result: Json, **_: object) -> Json:
    """Beside every page of events there is the same log as server-sent events, served by no REST view (project.realtime.sse)."""
    for address in [address for address in result["paths"] if address.endswith("/events/")]:
        page = result["paths"][address]["get"]
        refusals = {status: answer for status, answer in page["responses"].items() if status not in {"200", "409"}}
        live = {"description": "`data:` is an event's envelope.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
        result["paths"][address.removesuffix("events/") + "stream/"] = {
            "get": {
                **page,
                "operationId": page["operationId"].removesuffix("events") + "stream",
                "summary": "Events after a place and those that come, as server-sent events",
                "parameters": [each for each in page["parameters"] if each["in"] == "path"] + _STREAM_PARAMETERS,
                "responses": {"200": live, **refusals},
            }
        }
    return result
