"""The OpenAPI document: written from what views declare as `operations` and from the pydantic models that judge the requests."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, TypeAlias

from drf_spectacular.drainage import warn
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from drf_spectacular.views import SpectacularSwaggerSplitView
from pydantic import BaseModel, TypeAdapter
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.accounts.describe import HasPayload, Operation, Shape
from project.errors import (
    AppError,
    Conflict,
    Forbidden,
    IdReused,
    Internal,
    Invalid,
    NotAuthenticated,
    NotFound,
    RateLimited,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)

Json: TypeAlias = dict[str, Any]

_REF = "#/components/schemas/{model}"
_SECURITY: Mapping[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The token of auth/login/ or auth/signup/."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A page's sign-in; X-CSRFToken on unsafe methods."},
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
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A UUID of the client's. Repeating a request under it does the thing once and gives the same answer.",
    "schema": {"type": "string", "format": "uuid"},
}


class Schema(AutoSchema):
    """Writes one operation from the `Operation` its view declares for the method."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry) -> Json | None:
        self.registry, self.path, self.path_regex, self.path_prefix, self.method = registry, path, path_regex, path_prefix, method.upper()
        if self.is_excluded():
            return None
        declared: Mapping[str, Operation] = getattr(self.view, "operations", {})
        operation = declared.get(self.method)
        if operation is None:
            warn(f"{type(self.view).__name__} doesn't declare {self.method} in `operations`.")
            return None
        return self._write(operation)

    def _write(self, operation: Operation) -> Json:
        body = self._body(operation)
        return {
            "operationId": self._operation_id(operation),
            "summary": operation.summary,
            "tags": [self._words()[0]],
            "parameters": self._path_parameters() + self._query_parameters(operation) + self._headers(operation),
            **({"requestBody": body} if body else {}),
            "security": [] if operation.is_public else [{name: []} for name in self._secure()],
            "responses": self._responses(operation, has_body=body is not None),
        }

    def _words(self) -> list[str]:
        return re.findall(r"[\w-]+", self.path.removeprefix("/api/"))

    def _operation_id(self, operation: Operation) -> str:
        """The command's name, which routes to one address only, or method and path."""
        name = getattr(operation.body, "name", None)
        return str(name) if name else "_".join([self.method.lower(), *self._words()]).replace("-", "_")

    # -- what goes in ------------------------------------------------------------------------------------------------

    def _path_parameters(self) -> list[Json]:
        schemas = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer", "minimum": 0}}
        converters = {name: converter for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", self.path_regex)}
        return [
            {"name": name, "in": "path", "required": True, "schema": schemas.get(converters.get(name, ""), {"type": "string"})}
            for name in re.findall(r"{(\w+)}", self.path)
        ]

    def _query_parameters(self, operation: Operation) -> list[Json]:
        if operation.query is None:
            return []
        schema = self._schema_of(operation.query, "validation", name=f"{operation.query.__name__}")
        named = self.registry[(schema["$ref"].rpartition("/")[2], ResolvedComponent.SCHEMA)].schema if "$ref" in schema else schema
        required = named.get("required", [])
        return [
            {"name": name, "in": "query", "required": name in required, "schema": each}
            for name, each in named.get("properties", {}).items()
        ]

    def _headers(self, operation: Operation) -> list[Json]:
        return [_IDEMPOTENCY_KEY] if _command_payload(operation.body) else []

    def _body(self, operation: Operation) -> Json | None:
        payload = _command_payload(operation.body) or operation.body
        if payload is None or not isinstance(payload, type):
            return None
        schema = self._schema_of(payload, "validation")
        if operation.from_path:
            schema = _without(self._resolved(schema), operation.from_path)
        properties = self._resolved(schema).get("properties", {})
        if operation.from_path and not properties:
            return None
        is_required = bool(self._resolved(schema).get("required"))
        return {"required": is_required, "content": {"application/json": {"schema": schema}}}
