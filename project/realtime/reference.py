"""The API's reference: the OpenAPI document, and a page to read and try it."""

from functools import cache
from typing import Any

from csp.decorators import csp_update
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from project.realtime.shapes import Json


@cache
def document() -> Json:
    """The OpenAPI document of all routes."""
    generator: Any = SchemaGenerator  # partly typed
    schema: Json = generator().get_schema(request=None, public=True)
    return schema


class SchemaView(APIView):
    """The document as JSON, which is YAML as well."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        del request
        return Response(document())


class DocsView(SpectacularSwaggerSplitView):
    """The document to read and try, from files of this server alone and without inline scripts or styles."""

    permission_classes = [AllowAny]
    authentication_classes = []
    template_name = "docs/api.html"
    url = "/api/schema/"


api_urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    # Swagger UI draws its icons from data: URLs in its style sheet; nothing else of the policy gives way.
    path("docs/", csp_update({"img-src": ["data:"]})(DocsView.as_view()), name="docs"),
]
