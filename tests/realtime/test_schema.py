import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from project.realtime.reference import document

pytestmark = pytest.mark.django_db(transaction=True)

# Told by no REST view, and no part of what clients program against.
METHODS = ("get", "post", "put", "patch", "delete")
NOT_DESCRIBED = {"/api/schema/", "/api/docs/"}


def routes(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address), pattern


def api_methods() -> Iterator[tuple[str, str, Any]]:
    """Every address, method and view class of the API; a plain function is taken to serve GET."""
    for address, pattern in routes(get_resolver().url_patterns):
        if address.startswith("/api/") and address not in NOT_DESCRIBED:
            view = getattr(pattern.callback, "cls", None)
            methods = [
                name for name in ("get", "post", "put", "patch", "delete") if (view is None and name == "get") or hasattr(view, name)
            ]
            for method in methods:
                yield address, method, view


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for address, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield address, method, operation


def test_every_route_and_method_is_described() -> None:
    expected = {(address, method) for address, method, _ in api_methods()}
    described = {(address, method) for address, method, _ in operations()}
    assert expected == described
    assert len(expected) > 10


def test_every_command_has_its_body_and_key() -> None:
    for address, method, view in api_methods():
        if view is None:
            continue
        declared = view.operations[method.upper()]
        written = document()["paths"][address][method]
        if declared.body is None:
            assert "requestBody" not in written
            continue
        payload: Any = getattr(declared.body, "payload", declared.body)
        expected = set(payload.model_fields) - set(declared.from_path)
        content = written.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        assert set(resolve(content).get("properties", {})) == expected, (address, method)
        takes_key = any(each["name"] == "Idempotency-Key" for each in written["parameters"])
        assert takes_key == (not isinstance(declared.body, type)), (address, method)


def test_every_query_model_is_described() -> None:
    for address, method, view in api_methods():
        if view is not None and view.operations[method.upper()].query is not None:
            expected = set(view.operations[method.upper()].query.model_fields)
            written = document()["paths"][address][method]["parameters"]
            assert {each["name"] for each in written if each["in"] == "query"} == expected, (address, method)


def test_every_answer_has_its_shape_and_refusals() -> None:
    for address, method, operation in operations():
        successes = [status for status in operation["responses"] if status.startswith("2")]
        assert len(successes) == 1, (address, method)
        assert successes == ["204"] or "content" in operation["responses"][successes[0]], (address, method)
        assert "default" in operation["responses"]
        if operation["security"] != [{}]:
            assert "401" in operation["responses"], (address, method)
        if "{" in address:
            assert "404" in operation["responses"], (address, method)


def test_lists_have_results_and_next() -> None:
    lists = [operation for _, method, operation in operations() if any(each["name"] == "cursor" for each in operation["parameters"])]
    assert lists
    for operation in lists:
        schema = resolve(operation["responses"]["200"]["content"]["application/json"]["schema"])
        assert set(schema["properties"]) == {"results", "next"}, operation["operationId"]


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))


def test_document_is_valid_openapi() -> None:
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    assert out.getvalue().startswith("openapi: 3.1")


def test_is_served_to_everybody_as_json() -> None:
    response = Client().get("/api/schema/")
    assert response.status_code == 200
    assert json.loads(response.content) == json.loads(json.dumps(document()))


def test_docs_are_readable_offline_under_the_policy() -> None:
    page = Client().get("/api/docs/")
    html = page.content.decode()
    assert page.status_code == 200
    assert not re.findall(r"https?://", html)
    assert "<style" not in html
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    assert "unsafe" not in page["Content-Security-Policy"]
    for source in re.findall(r'(?:src|href)="([^"]+)"', html):
        if source.startswith("/static/"):
            assert finders.find(source.removeprefix("/static/")), source
        else:
            assert Client().get(source.replace("&amp;", "&")).status_code == 200, source
